"""Reads what Cargo reads of a tree: manifests, lock files, toolchain, configuration; cargo is not run."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tasks.domain.crate import (
    Dependency,
    Lock,
    LockedPackage,
    Manifests,
    Package,
    Toml,
    Toolchain,
    Workspace,
)
from tasks.domain.located import Problem, Text
from tasks.domain.source import Source
from tasks.domain.tree import Tree, matcher
from tasks.facts.cargo_targets import targets
from tasks.facts.toml_lines import lines_of
from tasks.facts.toml_text import loads

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_LOCKED = re.compile(
    r'^\[\[package\]\]\r?\nname = "([^"]+)"\r?\nversion = "([^"]+)"\r?\n(?:source = "([^"]+)"\r?\n)?',
    re.MULTILINE,
)
_LOCKED_NEED = re.compile(r'^ "([^" ]+)', re.MULTILINE)
_LOCK_VERSION = re.compile(r"^version = (\d+)\r?$", re.MULTILINE)
_KINDS = {"dependencies": "normal", "dev-dependencies": "dev", "build-dependencies": "build"}
_CONFIGS = (".cargo/config.toml", ".cargo/config")
_TOOLCHAINS = ("rust-toolchain.toml", "rust-toolchain")


def is_manifest(path: str) -> bool:
    """Tell whether a file is one that Cargo or rustup reads."""
    name = path.rpartition("/")[2]
    return name in ("Cargo.toml", "Cargo.lock") or path in _TOOLCHAINS or path.endswith(_CONFIGS)


def read_manifests(sources: Iterable[Source], tree: Tree) -> Manifests:
    """Read the manifests among the sources; ``tree`` tells which targets lie where cargo finds them."""
    by_path = {source.path: source for source in sources if is_manifest(source.path)}
    tomls = {
        path: read_toml(source) for path, source in sorted(by_path.items()) if path.endswith("Cargo.toml")
    }
    roots = {_directory(path): toml for path, toml in tomls.items() if "workspace" in toml.root}
    packages = {
        _directory(path): _package(toml, _root_of(path, toml, roots), tree)
        for path, toml in tomls.items()
        if isinstance(toml.root.get("package"), dict)
    }
    return Manifests(
        tomls=tomls,
        packages=tuple(packages.values()),
        workspaces=tuple(_workspaces(roots, packages, tomls)),
        locks={path: _lock(source) for path, source in by_path.items() if path.endswith("Cargo.lock")},
        toolchain=next((_toolchain(by_path[path]) for path in _TOOLCHAINS if path in by_path), None),
        directories=tree.directories,
        configs=tuple(read_toml(source) for path, source in by_path.items() if path.endswith(_CONFIGS)),
    )


def read_toml(source: Source) -> Toml:
    """Read a TOML file; its syntax error, when it has one, is the answer's ``problem``."""
    if not source.readable:
        return Toml(source=source, problem=Problem(message="the file is not UTF-8"))
    text = source.text.replace("\r\n", "\n")
    try:
        root = loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        message = _PLACE.sub("", str(error)).strip()
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, None)
        return Toml(source=source, problem=Problem(message=message, line=line, column=column))
    except RecursionError:
        return Toml(source=source, problem=Problem(message="nested deeper than can be read", line=1))
    return Toml(source=source, root=root, lines=lines_of(text))


def _directory(path: str) -> str:
    return posixpath.dirname(path)


def _root_of(path: str, toml: Toml, roots: Mapping[str, Toml]) -> Toml | None:
    """Return the manifest of the workspace that a package inherits from."""
    here = _directory(path)
    written = _table(toml.root.get("package")).get("workspace")
    if isinstance(written, str):
        return roots.get(_joined(here, written))
    while True:
        if here in roots:
            return roots[here]
        if not here:
            return None
        here = posixpath.dirname(here)


def _package(toml: Toml, root: Toml | None, tree: Tree) -> Package:
    directory = _directory(toml.path)
    about = _table(toml.root.get("package"))
    shared = _table(_table(root.root.get("workspace")).get("package")) if root else {}

    def inherited(key: str) -> str | None:
        value = about.get(key)
        if isinstance(value, dict) and value.get("workspace") is True:
            value = shared.get(key)
        return value if isinstance(value, str) else None

    edition = inherited("edition") or "2015"
    name = about.get("name")
    return Package(
        toml=toml,
        directory=directory,
        name=name if isinstance(name, str) else "",
        version=inherited("version"),
        edition=edition,
        rust_version=inherited("rust-version"),
        targets=tuple(targets(toml, directory, edition, tree)),
        features={
            key: tuple(str(one) for one in values)
            for key, values in _table(toml.root.get("features")).items()
            if isinstance(values, list)
        },
        dependencies=tuple(_dependencies(toml, directory, root)),
    )


def _dependencies(toml: Toml, directory: str, root: Toml | None) -> Iterator[Dependency]:
    shared = _table(_table(root.root.get("workspace")).get("dependencies")) if root else {}
    base = _directory(root.path) if root else ""
    for table, kind in _KINDS.items():
        for key, written in _table(toml.root.get(table)).items():
            yield _dependency(
                key, written, kind, toml.line_of(table, key), directory, shared=shared, base=base
            )
    for target, tables in _table(toml.root.get("target")).items():
        for table, kind in _KINDS.items():
            for key, written in _table(_table(tables).get(table)).items():
                line = toml.line_of("target", target, table, key)
                yield _dependency(
                    key, written, kind, line, directory, shared=shared, base=base, target=target
                )


def _dependency(
    key: str,
    written: object,
    kind: str,
    line: int | None,
    directory: str,
    *,
    shared: Mapping[str, Any],
    base: str,
    target: str | None = None,
) -> Dependency:
    own = _spec(written)
    inherits = own.get("workspace") is True
    spec = {**_spec(shared.get(key)), **own} if inherits else own
    place = spec.get("path")
    features = [
        one
        for about in (own, _spec(shared.get(key)) if inherits else {})
        for one in about.get("features", ())
    ]
    return Dependency(
        key=key,
        package=str(spec.get("package", key)),
        kind=kind,
        version=spec["version"] if isinstance(spec.get("version"), str) else None,
        path=_joined(base if inherits and "path" not in own else directory, place)
        if isinstance(place, str)
        else None,
        git=spec["git"] if isinstance(spec.get("git"), str) else None,
        optional=own.get("optional") is True,
        features=tuple(dict.fromkeys(str(one) for one in features)),
        default_features=spec.get("default-features") is not False,
        workspace=inherits,
        target=target,
        line=line,
    )


def _spec(written: object) -> Mapping[str, Any]:
    return {"version": written} if isinstance(written, str) else _table(written)


def _workspaces(
    roots: Mapping[str, Toml], packages: Mapping[str, Package], tomls: Mapping[str, Toml]
) -> Iterator[Workspace]:
    taken: set[str] = set()
    for directory, toml in roots.items():
        about = _table(toml.root.get("workspace"))
        excluded = tuple(_joined(directory, one) for one in _strings(about.get("exclude")))
        members, missing = _members(directory, toml, about, tomls, excluded)
        if directory in packages:
            members = [directory, *(one for one in members if one != directory)]
        members = _with_paths(members, packages, directory, excluded)
        taken |= set(members)
        chosen = [_joined(directory, one) for one in _strings(about.get("default-members"))]
        default = chosen or ([directory] if directory in packages else members)
        yield Workspace(
            toml=toml,
            directory=directory,
            packages=tuple(packages[one] for one in members if one in packages),
            default_members=tuple(default),
            missing=tuple(missing),
            virtual=directory not in packages,
        )
    for directory, package in packages.items():
        if directory not in taken:
            yield Workspace(
                toml=package.toml, directory=directory, packages=(package,), default_members=(directory,)
            )


def _members(
    directory: str,
    toml: Toml,
    about: Mapping[str, Any],
    tomls: Mapping[str, Toml],
    excluded: tuple[str, ...],
) -> tuple[list[str], list[tuple[str, int | None]]]:
    found: list[str] = []
    missing: list[tuple[str, int | None]] = []
    places = [_directory(path) for path in tomls]
    for written in _strings(about.get("members")):
        pattern = _joined(directory, written)
        if any(mark in written for mark in "*?["):
            asked = matcher(pattern)
            found += [one for one in places if asked.fullmatch(one) and not _within(one, excluded)]
        elif pattern in places:
            found.append(pattern)
        else:
            missing.append((pattern, toml.at("workspace", "members", item=written).line))
    return list(dict.fromkeys(found)), missing


def _with_paths(
    members: list[str], packages: Mapping[str, Package], root: str, excluded: tuple[str, ...]
) -> list[str]:
    """Add what members depend on by path below the root: cargo takes those for members too."""
    found = list(members)
    for one in found:
        for dependency in packages[one].dependencies if one in packages else ():
            place = dependency.path
            below = place is not None and (not root or place.startswith(f"{root}/"))
            if place in packages and below and place not in found and not _within(str(place), excluded):
                found.append(str(place))
    return found


def _within(place: str, excluded: tuple[str, ...]) -> bool:
    return any(place == one or place.startswith(f"{one}/") for one in excluded)


def _lock(source: Source) -> Lock:
    """Read a lock file by its lines: cargo writes it in one form only, and it can be long."""
    text = source.text
    mark = source.line_of("<<<<<<< ")
    if mark is not None:
        return Lock(file=source, version=None, problem=Problem(message="holds a merge conflict", line=mark))
    version = _LOCK_VERSION.search(text)
    packages: list[LockedPackage] = []
    line, at = 1, 0
    for found in _LOCKED.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        packages.append(LockedPackage(name=found[1], version=found[2], source=found[3], line=line))
    problem = None
    if len(packages) != text.count("[[package]]"):
        problem = Problem(message="holds packages that are not in the form cargo writes")
    names = {one.name for one in packages}
    return Lock(
        file=source,
        version=int(version[1]) if version else 1,  # the first format has no version line
        packages=tuple(packages),
        problem=problem,
        unresolved=tuple(
            Text(one[1], line=text.count("\n", 0, one.start()) + 1)
            for one in _LOCKED_NEED.finditer(text)
            if one[1] not in names
        ),
    )


def _toolchain(source: Source) -> Toolchain:
    toml = read_toml(source)
    about = _table(toml.root.get("toolchain"))
    if toml.problem is not None and source.path == "rust-toolchain":
        return Toolchain(file=source, channel=source.text.strip() or None, line=1)
    channel = about.get("channel")
    return Toolchain(
        file=source,
        channel=channel if isinstance(channel, str) else None,
        components=_strings(about.get("components")),
        targets=_strings(about.get("targets")),
        line=toml.line_of("toolchain", "channel"),
    )


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _joined(directory: str, path: str) -> str:
    made = posixpath.normpath(posixpath.join(directory, path))
    return "" if made == "." else made

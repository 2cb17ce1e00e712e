"""Whether the manifests are a workspace that cargo can load, by file and line and without running cargo."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Workspace, is_fixture, table, value_place
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.ignored import Ignored
from tasks.domain.phase import Phase
from tasks.domain.rust_version import EDITION_SINCE, RustVersion
from tasks.domain.source import Sources
from tasks.domain.tree import SUBMODULE, Tree, matcher
from tasks.domain.workspace_weight import manifest_remedy, refused

EDITIONS = ("2015", *EDITION_SINCE)

_MEND = Remedy(
    summary="Correct the manifest at the line named, then let cargo read it",
    commands=("cargo metadata --no-deps --format-version 1",),
    minutes=5,
)
_OTHER_MANIFESTS = (
    "go.mod", "pyproject.toml", "setup.py", "package.json", "pom.xml", "build.gradle", "build.gradle.kts",
    "CMakeLists.txt", "mix.exs", "stack.yaml", "cabal.project", "Gemfile", "composer.json",
)  # fmt: skip
_ANOTHER = Remedy(
    summary="Name the directory of a Cargo repository: this one has nothing that cargo builds",
    commands=("find . -name Cargo.toml -not -path '*/target/*'",),
    owner="operator",
    minutes=2,
)


@check(
    "cargo-workspace-there",
    phase=Phase.PREFLIGHT,
    remedy=Remedy(
        summary="Make it a Cargo package, commit the Cargo.toml it has, or name another directory",
        commands=("cargo init --name app", "git add .", "git commit --message 'Begin with a Cargo package'"),
        minutes=10,
    ),
    subject="cargo",
)
def cargo_workspace_there(manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """At least one Cargo.toml is committed: without it nothing can be built, tested or released."""
    if manifests.tomls:
        yield holds("Cargo.toml", f"{next(iter(manifests.tomls))} is there")
        return
    hidden = [entry.path for entry in tree if entry.mode == SUBMODULE]
    if hidden:
        told = f"no Cargo.toml is committed here; what the submodule {hidden[0]} holds cannot be seen"
        yield broken("Cargo.toml", told, Evidence(source="git", file=hidden[0]), weight=Weight.WARNING)
    else:
        count = len(tree.entries)
        told = f"no Cargo.toml is committed (files committed: {count})" if count else "no file is committed"
        other = None if any(path.endswith(".rs") for path in tree.entries) else _other_language(tree)
        if other is None:
            yield broken("Cargo.toml", told, Evidence(source="git", excerpt=tree.origin))
        else:
            told = f"{told}, and no Rust: {other} says that this repository is built by another tool"
            yield broken("Cargo.toml", told, Evidence(source="git", file=other), remedy=_ANOTHER)


def _other_language(tree: Tree) -> str | None:
    """Return the manifest at the root that another language's tool builds from."""
    return next((name for name in _OTHER_MANIFESTS if tree.file(name) is not None), None)


@check("cargo-manifest-parses", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_manifest_parses(manifests: Manifests) -> Iterator[Answer]:
    """Every manifest of the workspace is TOML."""
    for toml in manifests.tomls.values():
        if toml.problem is None:
            yield holds(toml.path, "is TOML")
        else:
            # cargo never opens the manifest of a directory that no workspace and no dependency names.
            opened = _is_opened(toml.path, manifests)
            if not opened and is_fixture(posixpath.dirname(toml.path)):
                continue
            weight = Weight.BLOCKER if opened else Weight.NOTE
            told = f"is no TOML: {toml.problem.message}"
            yield broken(toml.path, told, toml.source.at(toml.problem), weight=weight)


@check("cargo-members-exist", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_members_exist(manifests: Manifests, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every member of the workspace, also each directory that its patterns match, has a manifest."""
    ignored = Ignored(sources)
    for workspace in manifests.own:
        matched = list(_without_manifest(workspace, manifests, tree))
        for directory, told, line in matched:
            yield refused(
                directory,
                told,
                workspace.toml.source.at(line),
                of=workspace,
                manifests=manifests,
                sources=sources,
            )
        for directory, line in workspace.missing:
            if tree.unseen(directory) or directory in ignored:
                continue
            told = f"the member {directory} has no Cargo.toml"
            yield refused(
                directory,
                told,
                workspace.toml.source.at(line),
                of=workspace,
                manifests=manifests,
                sources=sources,
            )
        if not workspace.missing and not matched:
            yield holds(workspace.toml.path, "every member is there")


def _without_manifest(
    workspace: Workspace, manifests: Manifests, tree: Tree
) -> Iterator[tuple[str, str, int | None]]:
    """Go through what patterns match and cargo cannot load: it opens each directory not excluded."""
    about = table(workspace.toml.root.get("workspace"))
    excluded = [_joined(workspace.directory, one) for one in _strings(about.get("exclude"))]
    for written in _strings(about.get("members")):
        if not any(mark in written for mark in "*?["):
            continue
        pattern = _joined(workspace.directory, written)
        line = workspace.toml.at("workspace", "members", item=written).line
        found = [one for one in tree.directories if matcher(pattern).fullmatch(one)]
        others = any(matcher(pattern).fullmatch(one) for one in tree.entries)
        if not found and not others and not any(pattern.startswith(one) for one in tree.opaque):
            yield written, f"the pattern {written} matches nothing, which cargo refuses", line
        for directory in found:
            left_out = any(directory == one or directory.startswith(f"{one}/") for one in excluded)
            if not left_out and posixpath.join(directory, "Cargo.toml") not in manifests.tomls:
                yield directory, f"{written} matches {directory}, which has no Cargo.toml", line


@check("cargo-workspace-not-nested", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_workspace_not_nested(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """No member of a workspace is the root of another one: cargo refuses two roots in one workspace."""
    for workspace in manifests.own:
        inner = [
            one
            for one in workspace.packages
            if one.directory != workspace.directory and "workspace" in one.toml.root
        ]
        for one in inner:
            told = f"is a member of {workspace.toml.path}, and has a [workspace] of its own"
            places = (one.toml.at("workspace"), workspace.toml.at("workspace", "members"))
            answer = refused(one.toml.path, told, *places, of=workspace, manifests=manifests, sources=sources)
            remedy = Remedy(
                summary=f"Delete [workspace] from {one.toml.path}, or name it in `exclude` of the other",
                commands=manifest_remedy(workspace).commands,
                minutes=5,
            )
            yield replace(answer, remedy=remedy)
        if not inner:
            yield holds(workspace.toml.path, "no member is a root")


@check("cargo-package-names-unique", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_package_names_unique(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Every package of a workspace has a name, and no two have one."""
    for workspace, package in manifests.loaded:
        if not package.name and isinstance(package.toml.root.get("package"), dict):
            place = package.toml.at("package")
            told = "has no `name` under [package]"
            yield refused(package.toml.path, told, place, of=workspace, manifests=manifests, sources=sources)
    for workspace in manifests.own:
        counted = Counter(one.name for one in workspace.packages if one.name)
        for name, count in counted.items():
            if count == 1:
                yield holds(name, "is one package")
                continue
            places = [one.toml.at("package", "name") for one in workspace.packages if one.name == name]
            told = f"{count} packages of the workspace are called {name}"
            yield refused(name, told, *places, of=workspace, manifests=manifests, sources=sources)


@check("cargo-edition-known", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_edition_known(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Every package is written in an edition that Rust has, and that its `rust-version` knows."""
    older: dict[tuple[Evidence, ...], tuple[Workspace, str, list[str]]] = {}
    for workspace, package in manifests.loaded:
        asked, since = RustVersion.read(package.rust_version or ""), EDITION_SINCE.get(package.edition)
        if package.edition not in EDITIONS:
            told = f"there is no edition {package.edition!r} (there are {', '.join(EDITIONS)})"
            places = [package.toml.at("package", "edition")]
            written = table(package.toml.root.get("package")).get("edition")
            if isinstance(written, dict):
                places.insert(0, workspace.toml.at("workspace", "package", "edition"))
            yield refused(package.name, told, *places, of=workspace, manifests=manifests, sources=sources)
        elif asked is not None and since is not None and asked < since:
            told = f"rust-version {asked} is older than edition {package.edition}, which needs {since}"
            both = tuple(value_place(package, key, workspace) for key in ("rust-version", "edition"))
            older.setdefault(both, (workspace, told, []))[2].append(package.name)
        else:
            yield holds(package.name, f"edition {package.edition}")
    for both, (workspace, told, names) in older.items():
        whose = f" ({listed(names)})" if len(names) > 1 else ""
        yield refused(names[0], f"{told}{whose}", *both, of=workspace, manifests=manifests, sources=sources)


def _is_opened(path: str, manifests: Manifests) -> bool:
    directory = posixpath.dirname(path)
    root = manifests.tomls.get("Cargo.toml")
    members = _strings(table(root.root.get("workspace")).get("members")) if root else ()
    named = any(matcher(posixpath.normpath(one)).fullmatch(directory) for one in members)
    needed = any(one.path == directory for package in manifests for one in package.dependencies)
    return directory == "" or named or needed


def _joined(directory: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(directory, path))


def _strings(value: object) -> Iterable[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else ()

"""Finds the targets of a package as cargo does: those written, and those that lie in their places."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.domain.crate import Target, TargetKind, Toml
from tasks.domain.tree import Tree

_PLACES = {
    TargetKind.BIN: ("src/bin", "bin", "autobins"),
    TargetKind.EXAMPLE: ("examples", "example", "autoexamples"),
    TargetKind.TEST: ("tests", "test", "autotests"),
    TargetKind.BENCH: ("benches", "bench", "autobenches"),
}


def targets(toml: Toml, directory: str, edition: str, tree: Tree) -> Iterator[Target]:
    """Go through a package's targets; one that is written replaces the found one of its name."""
    about = toml.root.get("package")
    package: Mapping[str, Any] = about if isinstance(about, dict) else {}
    name = str(package.get("name", ""))
    yield from _library(toml, directory, name, tree)
    build = package.get("build", "build.rs")
    if isinstance(build, str) and tree.file(posixpath.join(directory, build)):
        yield Target(kind=TargetKind.BUILD, name="build-script-build", path=posixpath.join(directory, build))
    for kind, (place, table, switch) in _PLACES.items():
        written = [one for one in _tables(toml.root.get(table)) if isinstance(one.get("name"), str)]
        found = dict(_found(kind, directory, place, name, tree))
        # In the first edition one written target of a kind ends the search for others of it.
        searched = package.get(switch, not (edition == "2015" and written)) is not False
        for index, one in enumerate(written):
            own = str(one["name"])
            path = one.get("path")
            yield Target(
                kind=kind,
                name=own,
                path=posixpath.normpath(posixpath.join(directory, path))
                if isinstance(path, str)
                else found.get(own, posixpath.join(directory, place, f"{own}.rs")),
                line=toml.line_of(table, index, "name"),
                required_features=tuple(str(f) for f in one.get("required-features", ())),
            )
        taken = {str(one["name"]) for one in written} | {_path(one, directory) for one in written}
        for own, path in found.items() if searched else ():
            if own not in taken and path not in taken:
                yield Target(kind=kind, name=own, path=path)


def _library(toml: Toml, directory: str, name: str, tree: Tree) -> Iterator[Target]:
    written = toml.root.get("lib")
    about: Mapping[str, Any] = written if isinstance(written, dict) else {}
    path = posixpath.normpath(posixpath.join(directory, str(about.get("path", "src/lib.rs"))))
    if isinstance(written, dict) or tree.file(path):
        own = str(about.get("name", name.replace("-", "_")))
        yield Target(
            kind=TargetKind.LIB,
            name=own,
            path=path,
            line=toml.line_of("lib") if isinstance(written, dict) else None,
        )


def _found(
    kind: TargetKind, directory: str, place: str, package: str, tree: Tree
) -> Iterator[tuple[str, str]]:
    """Go through what lies in a kind's place: ``place/NAME.rs`` and ``place/NAME/main.rs``."""
    main = posixpath.join(directory, "src/main.rs")
    if kind is TargetKind.BIN and tree.file(main):
        yield package, main
    base = posixpath.join(directory, place)
    for entry in tree.below(base):
        inner = entry.path[len(base) + 1 :]
        if inner.endswith(".rs") and "/" not in inner:
            yield inner.removesuffix(".rs"), entry.path
        elif inner.endswith("/main.rs") and inner.count("/") == 1:
            yield inner.removesuffix("/main.rs"), entry.path


def _path(one: Mapping[str, Any], directory: str) -> str | None:
    path = one.get("path")
    return posixpath.normpath(posixpath.join(directory, path)) if isinstance(path, str) else None


def _tables(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

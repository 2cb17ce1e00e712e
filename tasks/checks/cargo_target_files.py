"""Whether the targets that manifests write have their files, and names of their own."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package, table
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.workspace_weight import refused, workspace_weight

_RENAME = Remedy(
    summary="Give each program a name of its own, or build the packages apart with -p", minutes=10
)


@check("cargo-targets-there", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_targets_there(manifests: Manifests, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every target and build script that a manifest writes has its file, and the default program is one."""
    for workspace, package in manifests.loaded:
        missing = list(_missing_files(package, tree))
        for name, told, line in missing:
            place = package.toml.source.at(line)
            subject = f"{package.name}: {name}"
            yield refused(subject, told, place, of=workspace, manifests=manifests, sources=sources)
        if not missing:
            yield holds(package.name, "every target has its file")


def _missing_files(package: Package, tree: Tree) -> Iterator[tuple[str, str, int | None]]:
    about = table(package.toml.root.get("package"))
    for target in package.targets:
        if target.line is None or tree.file(target.path) or tree.unseen(target.path):
            continue
        if target.path.startswith("../") or package.edition == "2015":
            continue  # the first edition also looks in places of its own
        yield f"{target.kind.value} {target.name}", f"there is no {target.path}", target.line
    build = about.get("build")
    if isinstance(build, str):
        path = posixpath.normpath(posixpath.join(package.directory, build))
        if not tree.file(path) and not tree.unseen(path) and not path.startswith("../"):
            yield "build script", f"there is no {path}", package.toml.line_of("package", "build")
    default = about.get("default-run")
    if isinstance(default, str) and default not in package.binaries:
        there = ", ".join(sorted(package.binaries)) or "none"
        told = f"no program is called {default} (there are: {there})"
        yield "default-run", told, package.toml.line_of("package", "default-run")
    seen = not any(tree.unseen(posixpath.join(package.directory, place)) for place in ("src", "src/lib.rs"))
    if not package.targets and package.name and seen:
        told = "there is nothing to build: no src/lib.rs, no src/main.rs, no target"
        yield "targets", told, package.toml.line_of("package")


@check("cargo-target-names-unique", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_target_names_unique(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """No package builds two targets of one kind and name, and no two packages programs of one name."""
    for workspace in manifests.own:
        owners: dict[str, list[Package]] = {}
        for package in workspace.packages:
            counted = Counter((one.kind, one.name) for one in package.targets)
            for (kind, name), count in counted.items():
                if count > 1:
                    lines = [t.line for t in package.targets if (t.kind, t.name) == (kind, name) and t.line]
                    told = f"{count} targets of the kind {kind.value} are called {name}"
                    places = [package.toml.source.at(line) for line in lines[-1:]]
                    subject = f"{package.name}: {name}"
                    yield refused(subject, told, *places, of=workspace, manifests=manifests, sources=sources)
            for name, target in package.binaries.items():
                # cargo builds together only what needs no feature that has to be asked for.
                if set(target.required_features) <= _by_default(package):
                    owners.setdefault(name, []).append(package)
        shared: dict[tuple[str, ...], list[str]] = {}
        for name, packages in owners.items():
            if len(packages) == 1:
                yield holds(name, "is built once")
            else:
                shared.setdefault(tuple(one.name for one in packages), []).append(name)
        for owning, names in shared.items():
            packages = owners[names[0]]
            programs = f"a program {names[0]}" if len(names) == 1 else f"programs {listed(names)}"
            told = f"{listed(owning)} build {programs} to the same {'file' if len(names) == 1 else 'files'}"
            places = [_place(one, name) for name in names for one in packages][:MOST_PLACES]
            weight = workspace_weight(workspace, manifests, sources)
            plain = sum(one.directory in workspace.default_members for one in packages) > 1
            weight = Weight.WARNING if plain and weight is not Weight.NOTE else Weight.NOTE
            yield broken(", ".join(names), told, *dict.fromkeys(places), weight=weight, remedy=_RENAME)


def _by_default(package: Package) -> frozenset[str]:
    """Return the features that are on when none is asked for."""
    found: set[str] = set()
    left = ["default"]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += package.features.get(name, ())
    return frozenset(found)


def _place(package: Package, binary: str) -> Evidence:
    line = package.binaries[binary].line
    return package.toml.source.at(line) if line else package.toml.at("package", "name")

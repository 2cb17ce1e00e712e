"""Whether the manifests are a workspace that cargo can load, by file and line and without running cargo."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package, Toml, Workspace, is_fixture
from tasks.domain.credential import for_tests
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.tree import SUBMODULE, Tree, matcher

EDITIONS = ("2015", "2018", "2021", "2024")

_MEND = Remedy(
    summary="Correct the manifest at the line named, then let cargo read it",
    commands=("cargo metadata --no-deps --format-version 1",),
    minutes=5,
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
        yield broken("Cargo.toml", told, Evidence(source="git", excerpt=tree.origin))


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


@check("cargo-members-exist", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_members_exist(manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every member of the workspace, also each directory that its patterns match, has a manifest."""
    for workspace in manifests.own:
        matched = list(_without_manifest(workspace, manifests, tree))
        for directory, told, line in matched:
            yield broken(directory, told, workspace.toml.source.at(line), weight=_weight(workspace))
        for directory, line in workspace.missing:
            if tree.unseen(directory):
                continue
            told = f"the member {directory} has no Cargo.toml"
            yield broken(directory, told, workspace.toml.source.at(line), weight=_weight(workspace))
        if not workspace.missing and not matched:
            yield holds(workspace.toml.path, "every member is there")


def _without_manifest(
    workspace: Workspace, manifests: Manifests, tree: Tree
) -> Iterator[tuple[str, str, int | None]]:
    """Go through what patterns match and cargo cannot load: it opens each directory not excluded."""
    about = _table(workspace.toml.root.get("workspace"))
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


@check("cargo-package-names-unique", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_package_names_unique(manifests: Manifests) -> Iterator[Answer]:
    """No two packages of a workspace have one name."""
    for workspace in manifests.own:
        counted = Counter(one.name for one in workspace.packages if one.name)
        for name, count in counted.items():
            if count == 1:
                yield holds(name, "is one package")
                continue
            places = [one.toml.at("package", "name") for one in workspace.packages if one.name == name]
            told = f"{count} packages of the workspace are called {name}"
            yield broken(name, told, *places, weight=_weight(workspace))


@check("cargo-edition-known", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_edition_known(manifests: Manifests) -> Iterator[Answer]:
    """Every package is written in an edition that Rust has."""
    for workspace, package in _packages(manifests):
        if package.edition in EDITIONS:
            yield holds(package.name, f"edition {package.edition}")
        else:
            told = f"there is no edition {package.edition!r} (there are {', '.join(EDITIONS)})"
            places = [package.toml.at("package", "edition")]
            written = _table(package.toml.root.get("package")).get("edition")
            if isinstance(written, dict):
                places.insert(0, workspace.toml.at("workspace", "package", "edition"))
            yield broken(package.name, told, *places, weight=_weight(workspace))


@check("cargo-path-dependency-exists", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_path_dependency_exists(manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every dependency by path leads to a manifest of the repository."""
    yield from merged(_paths(manifests, tree))


def _paths(manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    for workspace, package in _packages(manifests):
        for one in package.dependencies:
            if one.path is None or tree.unseen(one.path):
                continue
            subject = f"{package.name}: {one.key}"
            if posixpath.join(one.path, "Cargo.toml") in manifests.tomls:
                yield holds(subject, "is there")
                continue
            place = package.toml.source.at(one.line)
            if one.path.startswith("../"):
                told = f"{one.path} lies outside of the repository: a checkout of it alone does not have it"
                yield broken(subject, told, place, weight=Weight.WARNING)
            else:
                told = f"there is no {one.path}/Cargo.toml"
                places = [place]
                if one.workspace:
                    places.insert(0, workspace.toml.at("workspace", "dependencies", one.key))
                yield broken(subject, told, *places, weight=_weight(workspace))


@check("cargo-workspace-inherits", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_workspace_inherits(manifests: Manifests) -> Iterator[Answer]:
    """Everything that a package takes from its workspace is written there."""
    for workspace, package in _packages(manifests):
        root = _table(workspace.toml.root.get("workspace"))
        if workspace.toml.problem is not None or "workspace" in _table(package.toml.root.get("package")):
            continue
        missing = list(_not_inherited(package, root))
        if missing and "workspace" not in workspace.toml.root:
            told = f"takes {listed([key for key, _ in missing])} from a workspace, and is a member of none"
            places = [package.toml.source.at(line) for _, line in missing[:MOST_PLACES]]
            yield broken(package.name, told, *places, weight=_weight(workspace))
            continue
        for key, line in missing:
            told = f"takes {key} from the workspace, but {workspace.toml.path} does not write it"
            place = package.toml.source.at(line)
            yield broken(f"{package.name}: {key}", told, place, weight=_weight(workspace))
        if not missing:
            yield holds(package.name, "takes nothing that is not there")


def _not_inherited(package: Package, root: Mapping[str, Any]) -> Iterator[tuple[str, int | None]]:
    shared = _table(root.get("dependencies"))
    for one in package.dependencies:
        if one.workspace and one.key not in shared:
            yield f"the dependency {one.key}", one.line
    about = _table(package.toml.root.get("package"))
    for key, written in about.items():
        inherits = isinstance(written, dict) and written.get("workspace") is True
        if inherits and key not in _table(root.get("package")):
            yield f"package.{key}", package.toml.line_of("package", key)
    lints = _table(package.toml.root.get("lints"))
    if lints.get("workspace") is True and "lints" not in root:
        yield "lints", package.toml.line_of("lints")


@check("cargo-feature-refers", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_feature_refers(manifests: Manifests) -> Iterator[Answer]:
    """Every value of a feature is a feature or a dependency of the package."""
    for workspace, package in _packages(manifests):
        for feature, values in package.features.items():
            for value in values:
                wrong = _wrong_value(value, package)
                subject = f"{package.name}: {feature}"
                if wrong is None:
                    continue
                place = package.toml.at("features", feature, item=value)
                yield broken(f"{subject} = {value}", f"{value!r}: {wrong}", place, weight=_weight(workspace))
        if package.features:
            yield holds(package.name, "its features are read")


def _wrong_value(value: str, package: Package) -> str | None:
    optional = {one.key for one in package.dependencies if one.optional}
    every = {one.key for one in package.dependencies}
    if value.startswith("dep:"):
        name = value[4:]
        if name not in every:
            return f"there is no dependency {name}"
        return None if name in optional else f"the dependency {name} is not optional"
    if "/" in value:
        name = value.partition("/")[0].removesuffix("?")
        return None if name in every else f"there is no dependency {name}"
    if value in package.features or value in package.all_features:
        return None
    return f"there is no feature {value}, and no optional dependency gives one"


@check("cargo-targets-there", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_targets_there(manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every target and build script that a manifest writes has its file, and the default program is one."""
    for workspace, package in _packages(manifests):
        missing = list(_missing_files(package, tree))
        for subject, told, line in missing:
            place = package.toml.source.at(line)
            yield broken(f"{package.name}: {subject}", told, place, weight=_weight(workspace))
        if not missing:
            yield holds(package.name, "every target has its file")


def _missing_files(package: Package, tree: Tree) -> Iterator[tuple[str, str, int | None]]:
    about = _table(package.toml.root.get("package"))
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


@check("cargo-target-names-unique", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_target_names_unique(manifests: Manifests) -> Iterator[Answer]:
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
                    yield broken(f"{package.name}: {name}", told, *places, weight=_weight(workspace))
            for name in package.binaries:
                owners.setdefault(name, []).append(package)
        for name, packages in owners.items():
            if len(packages) == 1:
                yield holds(name, "is built once")
                continue
            told = f"{' and '.join(one.name for one in packages)} build a program {name} to the same file"
            places = [_place(one, name) for one in packages]
            yield broken(name, told, *places, weight=Weight.WARNING)


def _place(package: Package, binary: str) -> Any:
    line = package.binaries[binary].line
    return package.toml.source.at(line) if line else package.toml.at("package", "name")


@check(
    "cargo-settings-at-root",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Move the table to the manifest of the workspace", minutes=5),
    subject="cargo",
)
def cargo_settings_at_root(manifests: Manifests) -> Iterator[Answer]:
    """Profiles, patches and the resolver are written where cargo reads them: in the root manifest."""
    for workspace in manifests.own:
        for package in workspace.packages:
            if package.directory == workspace.directory:
                continue
            for table in ("profile", "patch", "replace"):
                if package.toml.root.get(table):
                    told = f"[{table}] of a member is ignored: cargo reads that of {workspace.toml.path}"
                    place = package.toml.at(*_first(package.toml, table))
                    yield broken(f"{package.name}: {table}", told, place)
        yield holds(workspace.toml.path, "its members are read")


def _first(toml: Toml, table: str) -> tuple[str | int, ...]:
    inner = next(iter(_table(toml.root.get(table))), None)
    return (table,) if inner is None or (table,) in toml.lines else (table, inner)


def _packages(manifests: Manifests) -> Iterator[tuple[Workspace, Package]]:
    """Go through the packages that cargo loads, when every manifest could be read."""
    for workspace in manifests.own:
        for package in workspace.packages:
            if package.toml.problem is None:
                yield workspace, package


def _weight(workspace: Workspace) -> Weight:
    """Weigh a workspace: cargo loads the one at the root; others may be examples that nobody builds."""
    if workspace.directory == "":
        return Weight.BLOCKER
    return Weight.NOTE if for_tests(workspace.directory) else Weight.WARNING


def _is_opened(path: str, manifests: Manifests) -> bool:
    directory = posixpath.dirname(path)
    root = manifests.tomls.get("Cargo.toml")
    members = _strings(_table(root.root.get("workspace")).get("members")) if root else ()
    named = any(matcher(posixpath.normpath(one)).fullmatch(directory) for one in members)
    needed = any(one.path == directory for package in manifests for one in package.dependencies)
    return directory == "" or named or needed


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _joined(directory: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(directory, path))


def _strings(value: object) -> Iterable[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else ()

"""Whether what manifests take from elsewhere is there: directories, tables of the workspace, features."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Dependency, Manifests, Package, Workspace, table
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.ignored import Ignored
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.workspace_weight import manifest_remedy, refused, workspace_weight

_OUTSIDE = re.compile(r"(?:\.\./)+[^/]+")
_WORKFLOWS = ".github/workflows/"
_BESIDE = Remedy(
    summary="Lay that directory beside the clone before cargo runs: in a job, a checkout with `path:`",
    minutes=10,
)


@dataclass(frozen=True, kw_only=True)
class _Lost:
    """A dependency by path on a directory without a manifest."""

    workspace: Workspace
    package: Package
    need: Dependency

    @property
    def places(self) -> tuple[Evidence, ...]:
        """Where the path is written: in the workspace when it is inherited, and then who inherits it."""
        place = self.package.toml.source.at(self.need.line)
        if not self.need.workspace:
            return (place,)
        return (self.workspace.toml.at("workspace", "dependencies", self.need.key), place)


@check("cargo-path-dependency-exists", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_path_dependency_exists(manifests: Manifests, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every dependency by path leads to a manifest of the repository."""
    lost: list[_Lost] = []
    ignored = Ignored(sources)
    for workspace, package in manifests.loaded:
        for one in package.dependencies:
            if one.path is None or tree.unseen(one.path) or one.path in ignored:
                continue
            if posixpath.join(one.path, "Cargo.toml") in manifests.tomls:
                yield holds(f"{package.name}: {one.key}", "is there")
            else:
                lost.append(_Lost(workspace=workspace, package=package, need=one))
    for subject, found in _by_cause(lost).items():
        weight = min(
            (workspace_weight(one.workspace, manifests, sources) for one in found), key=list(Weight).index
        )
        directories = list(dict.fromkeys(str(one.need.path) for one in found))
        if subject.startswith("../"):
            told = f"{subject} lies outside of the repository: a checkout of it alone does not have it"
            weight = max(weight, Weight.WARNING, key=list(Weight).index)
            if _is_brought(subject, sources):
                weight = Weight.NOTE
                told += ", and its workflows bring it"
        elif len(directories) == 1:
            told = f"there is no {directories[0]}/Cargo.toml"
            users = list(dict.fromkeys(one.package.name for one in found))
            told += f", on which {listed(users)} depend" if len(users) > 1 else ""
        else:
            told = f"{len(directories)} dependencies by path lead to no manifest: {listed(directories)}"
        places = list(dict.fromkeys(place for one in found for place in one.places))[:MOST_PLACES]
        remedy = _BESIDE if subject.startswith("../") else manifest_remedy(found[0].workspace)
        yield broken(subject, told, *places, weight=weight, remedy=remedy)


def _is_brought(place: str, sources: Sources) -> bool:
    """Tell whether a workflow names the directory that has to lie beside the repository."""
    name = re.compile(rf"(?<![\w-]){re.escape(posixpath.basename(place))}(?![\w-])")
    return any(one.path.startswith(_WORKFLOWS) and name.search(one.text) for one in sources)


def _by_cause(lost: list[_Lost]) -> dict[str, list[_Lost]]:
    """Put together what one package lacks in many places, and what many packages lack in one place."""
    of_package: dict[str, list[_Lost]] = {}
    found: dict[str, list[_Lost]] = {}
    for one in lost:
        outside = _OUTSIDE.match(str(one.need.path))
        if outside is not None:  # one clone beside this one brings all of its packages
            found.setdefault(outside[0], []).append(one)
        else:
            of_package.setdefault(one.package.toml.path, []).append(one)
    of_place: dict[str, list[_Lost]] = {}
    for missing in of_package.values():
        if len({one.need.path for one in missing}) > 1:
            found[missing[0].package.name] = missing
        else:
            of_place.setdefault(str(missing[0].need.path), []).extend(missing)
    for place, missing in of_place.items():
        alone = len({one.package.toml.path for one in missing}) == 1
        found[f"{missing[0].package.name}: {missing[0].need.key}" if alone else place] = missing
    return found


@check("cargo-workspace-inherits", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_workspace_inherits(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Everything that a package takes from its workspace is written there."""
    members = {
        one.toml.path for outer in manifests.own for one in outer.packages if one.directory != outer.directory
    }
    nested = {path for path in members if "workspace" in manifests.tomls[path].root}
    alone: dict[Weight, list[tuple[Workspace, list[tuple[str, int | None]]]]] = {}
    shared: dict[tuple[str, str], list[tuple[Workspace, Package, int | None]]] = {}
    for workspace, package in manifests.loaded:
        root = table(workspace.toml.root.get("workspace"))
        if workspace.toml.problem is not None or "workspace" in table(package.toml.root.get("package")):
            continue
        missing = list(_not_inherited(package, root))
        if not missing:
            yield holds(package.name, "takes nothing that is not there")
        elif package.toml.path in nested or workspace.toml.path in nested:
            continue  # a second root among the members, which cargo refuses whatever it takes
        elif workspace.toml.path == package.toml.path and len(workspace.packages) == 1:
            weight = workspace_weight(workspace, manifests, sources)
            alone.setdefault(weight, []).append((workspace, missing))
        elif len(missing) > 1:
            keys = listed([key for key, _ in missing])
            told = f"takes {keys} from the workspace, but {workspace.toml.path} does not write them"
            places = [package.toml.source.at(line) for _, line in missing[:MOST_PLACES]]
            yield refused(package.name, told, *places, of=workspace, manifests=manifests, sources=sources)
        else:
            ((key, line),) = missing
            shared.setdefault((workspace.toml.path, key), []).append((workspace, package, line))
    for (path, key), takers in shared.items():
        names = [package.name for _, package, _ in takers]
        subject = f"{names[0]}: {key}" if len(names) == 1 else f"{path}: {key}"
        told = f"takes {key} from the workspace, but {path} does not write it"
        told = told if len(names) == 1 else f"{listed(names)}: each {told}"
        places = [package.toml.source.at(line) for _, package, line in takers[:MOST_PLACES]]
        workspace = takers[0][0]
        yield refused(subject, told, *places, of=workspace, manifests=manifests, sources=sources)
    for weight, outside in alone.items():
        yield _outside(outside, weight)


def _outside(outside: list[tuple[Workspace, list[tuple[str, int | None]]]], weight: Weight) -> Answer:
    """Tell of the packages that no workspace has as members, and that take something from one."""
    names = [workspace.packages[0].name for workspace, _ in outside]
    if len(outside) == 1:
        ((workspace, missing),) = outside
        told = f"takes {listed([key for key, _ in missing])} from a workspace, and {_is_alone(workspace)}"
        places = [workspace.toml.source.at(line) for _, line in missing[:MOST_PLACES]]
    else:
        told = f"{listed(names)} take values from a workspace that does not hold them: cargo refuses each"
        firsts = [(workspace, missing[0][1]) for workspace, missing in outside]
        places = [workspace.toml.source.at(line) for workspace, line in firsts[:MOST_PLACES]]
    remedy = Remedy(
        summary="Add it to `members` of the workspace above it, or write the values out, or delete it",
        commands=manifest_remedy(outside[0][0]).commands,
        minutes=10,
    )
    subject = names[0] if len(names) == 1 else "packages of no workspace"
    return broken(subject, told, *places, weight=weight, remedy=remedy)


def _is_alone(workspace: Workspace) -> str:
    own = "workspace" in workspace.toml.root
    return "is one of its own that does not write them" if own else "is a member of none"


def _not_inherited(package: Package, root: Mapping[str, Any]) -> Iterator[tuple[str, int | None]]:
    shared = table(root.get("dependencies"))
    for one in package.dependencies:
        if one.workspace and one.key not in shared:
            yield f"the dependency {one.key}", one.line
    about = table(package.toml.root.get("package"))
    for key, written in about.items():
        inherits = isinstance(written, dict) and written.get("workspace") is True
        if inherits and key not in table(root.get("package")):
            yield f"package.{key}", package.toml.line_of("package", key)
    lints = table(package.toml.root.get("lints"))
    if lints.get("workspace") is True and "lints" not in root:
        yield "lints", package.toml.line_of("lints")


@check("cargo-feature-refers", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_feature_refers(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Every value of a feature is a feature or a dependency of the package."""
    for workspace, package in manifests.loaded:
        for feature, values in package.features.items():
            for value in values:
                wrong = _wrong_value(value, package)
                if wrong is None:
                    continue
                place = package.toml.at("features", feature, item=value)
                subject = f"{package.name}: {feature} = {value}"
                told = f"{value!r}: {wrong}"
                yield refused(subject, told, place, of=workspace, manifests=manifests, sources=sources)
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

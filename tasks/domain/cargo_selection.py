"""What a call of cargo selects by name, and which of the names the workspace does not have."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.cargo_command import CargoCommand
from tasks.domain.cargo_switched import left_off
from tasks.domain.crate import Manifests, TargetKind, Workspace

_PROFILES = frozenset({"dev", "release", "test", "bench"})
_OWN_PROFILES = frozenset({"nextest", "llvm-cov", "tarpaulin"})
"""Subcommands whose ``--profile`` names something else than one of cargo's profiles."""
_KINDS = (TargetKind.BIN, TargetKind.EXAMPLE, TargetKind.TEST, TargetKind.BENCH)


@dataclass(frozen=True, kw_only=True)
class NoSuchName:
    """A name that cargo will not find, where it is written, and what is to be told of it."""

    name: str
    line: int
    told: str


def unknown_names(call: CargoCommand, manifests: Manifests) -> Iterator[NoSuchName]:
    """Go through the packages, targets, features and profiles of a call that cargo does not find, or refuses.

    Nothing when the place is not certain or the manifests could not be read whole.
    """
    workspace = call.workspace(manifests) if call.builds and not manifests.broken else None
    if workspace is None:
        return
    for word in call.packages:
        for name in word.values or ():
            if not is_package(name, workspace, manifests):
                told = f"no package {name!r} in {workspace.toml.path} (has {some_packages(workspace)})"
                yield NoSuchName(name=name, line=word.line, told=told)
    packages = call.chosen(manifests) or workspace.packages
    for kind in _KINDS:
        for word in call.given(f"--{kind}"):
            for name in word.values or ():
                if not any(has_target(one.named(kind), name) for one in packages):
                    yield NoSuchName(
                        name=name, line=word.line, told=f"the packages built here have no {kind} {name!r}"
                    )
    for target, package, feature, line in left_off(call, manifests):
        called = f"the {target.kind.value} {target.name} of {package.name}"
        told = f"{called} requires the feature {feature!r}, which is off"
        yield NoSuchName(name=target.name, line=line, told=told)
    for feature, line in call.features if call.chosen(manifests) else ():
        if not _is_feature(feature, call, workspace, manifests):
            told = f"no package built here declares the feature {feature!r}"
            yield NoSuchName(name=feature, line=line, told=told)
    if call.subcommand not in _OWN_PROFILES and workspace.toml.problem is None:
        tables = [one.root.get("profile") for one in (workspace.toml, *manifests.configs)]
        known = _PROFILES.union(*(table for table in tables if isinstance(table, dict)))
        for word in call.given("--profile"):
            for name in word.values or ():
                if name not in known:
                    told = f"cargo has no profile {name!r} (there are: {', '.join(sorted(known))})"
                    yield NoSuchName(name=name, line=word.line, told=told)


def _is_feature(feature: str, call: CargoCommand, workspace: Workspace, manifests: Manifests) -> bool:
    name, slash, inner = feature.partition("/")
    if slash:
        owner = workspace.package(name)
        # A dependency's feature: only cargo knows those.
        return owner is None or inner in owner.all_features
    return any(name in one.all_features for one in call.chosen(manifests) or ())


def is_package(spec: str, workspace: Workspace, manifests: Manifests) -> bool:
    """Tell whether cargo finds a package: by a name, ``name@version``, a pattern or an address."""
    if "://" in spec or "#" in spec:
        return True
    name = re.split(r"[@:]", spec)[0]
    names = {one.name for one in workspace.packages}
    if any(mark in name for mark in "*?["):
        return bool(fnmatch.filter(names, name))
    lock = manifests.locks.get(f"{workspace.directory}/Cargo.lock".lstrip("/"))
    # Without a lock file only cargo knows the packages that others depend on.
    depended = {d.package for one in workspace.packages for d in one.dependencies}
    return name in names or name in (lock.names if lock else depended)


def has_target(targets: Mapping[str, object], name: str) -> bool:
    """Tell whether one of the targets has a name, or one that a pattern matches."""
    return bool(fnmatch.filter(targets, name)) if any(mark in name for mark in "*?[") else name in targets


def some_packages(workspace: Workspace) -> str:
    """Name some packages of a workspace, for a person to choose from."""
    names = sorted(one.name for one in workspace.packages)
    return ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")

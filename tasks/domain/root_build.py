"""What cargo compiles of the root workspace, with the options that its workflows use."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.cached import cached
from tasks.domain.cargo_plan import CargoPlan
from tasks.domain.crate import Manifests, Package, Target, TargetKind, Workspace
from tasks.domain.rust_syntax import Reach

_BUILT = (TargetKind.LIB, TargetKind.BIN, TargetKind.BUILD)
_TESTED = (TargetKind.LIB, TargetKind.BIN, TargetKind.TEST)


@dataclass(frozen=True, kw_only=True)
class Crate:
    """One compilation: a root file, whether as a test, and the first call of cargo that makes it."""

    target: Target
    test: bool
    reach: Reach


@dataclass(frozen=True, kw_only=True)
class RootBuild:
    """The packages of the workspace at the root."""

    workspace: Workspace
    plan: CargoPlan
    manifests: frozenset[str] = field(repr=False)  # every directory with a Cargo.toml

    @classmethod
    def of(cls, manifests: Manifests, plan: CargoPlan) -> RootBuild | None:
        """Return what is built at the root; None when there is no workspace."""
        workspace = manifests.workspace("")
        if workspace is None:
            return None
        return cls(
            workspace=workspace,
            plan=plan,
            manifests=frozenset(posixpath.dirname(path) for path in manifests.tomls),
        )

    def owner(self, path: str) -> Package | None:
        """Return the package in whose directory a file lies; None when that is none of the workspace."""
        directory = posixpath.dirname(path)
        while directory not in self.manifests:
            if not directory:
                return None
            directory = posixpath.dirname(directory)
        return self._by_directory.get(directory)

    def crates(self, package: Package) -> Iterator[Crate]:
        """Go through the compilations of a package, those of a plain build first."""
        on = self.features(package)
        built = package.directory in self._built
        every = "--all-targets" in self.plan.build
        for target in package.targets:
            if not on.issuperset(target.required_features):
                continue
            if target.kind in _BUILT:
                yield Crate(target=target, test=False, reach=Reach.BUILD if built else Reach.NEVER)
            if target.kind in _TESTED:
                yield Crate(target=target, test=True, reach=Reach.TEST if built else Reach.NEVER)
            if target.kind is TargetKind.EXAMPLE:
                yield Crate(target=target, test=False, reach=Reach.TEST if built else Reach.NEVER)
            if target.kind is TargetKind.BENCH:
                asked = Reach.TEST if every else Reach.BENCH
                yield Crate(target=target, test=True, reach=asked if built else Reach.NEVER)

    def features(self, package: Package) -> frozenset[str]:
        """Return the package's features that are switched on: its defaults and what members ask for."""
        if "--all-features" in self.plan.build:
            return package.all_features
        asked = ["default"]
        for other in self.workspace.packages:
            for one in other.dependencies:
                if one.path == package.directory:
                    asked += one.features
        found: set[str] = set()
        while asked:
            name = asked.pop()
            if name in package.all_features and name not in found:
                found.add(name)
                asked += package.features.get(name, ())
        return frozenset(found)

    @cached
    def _by_directory(self) -> dict[str, Package]:
        return {one.directory: one for one in self.workspace.packages}

    @cached
    def _built(self) -> frozenset[str]:
        """The directories of the packages that the plan builds, with those that they depend on."""
        whole = "--workspace" in self.plan.build
        left = [*self._by_directory] if whole else [*self.workspace.default_members]
        found: set[str] = set()
        while left:
            directory = left.pop()
            package = self._by_directory.get(directory)
            if package is not None and directory not in found:
                found.add(directory)
                left += [
                    one.path for one in package.dependencies if one.path is not None and not one.optional
                ]
        return frozenset(found)

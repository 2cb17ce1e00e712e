"""What the Cargo manifests of a repository declare, as cargo would find it, without running cargo."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tasks.domain.cached import cached
from tasks.domain.evidence import Evidence
from tasks.domain.located import Problem, Text
from tasks.domain.source import Source

KeyPath = tuple[str | int, ...]


def table(value: object) -> Mapping[str, Any]:
    """Return a value that should be a table, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Toml:
    """A TOML file: its values, and the line of each key; ``problem`` says why it has none."""

    source: Source
    root: Mapping[str, Any] = field(default_factory=dict, repr=False)
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)
    problem: Problem | None = None

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path

    def line_of(self, *path: str | int) -> int | None:
        """Return the line of a key, or of the nearest thing around it."""
        return next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), None)

    def at(self, *path: str | int, item: str | None = None) -> Evidence:
        """Return evidence for a key, or for an item of its array."""
        line = self.line_of(*path)
        if item is not None and line is not None:
            written = (self.source.line_of(f"{mark}{item}{mark}", line - 1) for mark in "\"'")
            line = next(filter(None, written), line)
        return self.source.at(line)


class TargetKind(StrEnum):
    """What cargo builds of a package."""

    LIB = "lib"
    BIN = "bin"
    EXAMPLE = "example"
    TEST = "test"
    BENCH = "bench"
    BUILD = "custom-build"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing to build; ``line`` is None for one that cargo finds by its place."""

    kind: TargetKind
    name: str
    path: str
    line: int | None = None
    required_features: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """One line of a dependency table; ``key`` is the name in the manifest, ``package`` the crate's own."""

    key: str
    package: str
    kind: str = "normal"  # normal, dev, build
    version: str | None = None
    path: str | None = None  # the directory, relative to the repository's root
    git: str | None = None
    optional: bool = False
    features: tuple[str, ...] = ()
    default_features: bool = True
    workspace: bool = False
    target: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package; ``directory`` is empty for the root, values inherited from the workspace are filled in."""

    toml: Toml
    directory: str
    name: str
    version: str | None = None
    edition: str = "2015"
    rust_version: str | None = None
    targets: tuple[Target, ...] = ()
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()

    def named(self, kind: TargetKind) -> dict[str, Target]:
        """Return the targets of a kind by name."""
        return {one.name: one for one in self.targets if one.kind is kind}

    @property
    def binaries(self) -> dict[str, Target]:
        """The programs that it builds."""
        return self.named(TargetKind.BIN)

    @cached
    def all_features(self) -> frozenset[str]:
        """The features that ``--features`` may name, with those that optional dependencies imply."""
        named = {
            value.removeprefix("dep:")
            for values in self.features.values()
            for value in values
            if value.startswith("dep:")
        }
        implied = {one.key for one in self.dependencies if one.optional and one.key not in named}
        return frozenset({*self.features, *implied, "default"})


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A manifest that cargo takes for a root, and the packages it builds from there."""

    toml: Toml
    directory: str
    packages: tuple[Package, ...] = ()
    default_members: tuple[str, ...] = ()  # directories that cargo builds without -p or --workspace
    missing: tuple[tuple[str, int | None], ...] = ()  # members written out that have no manifest, with lines
    virtual: bool = False

    def package(self, name: str) -> Package | None:
        """Return the package of a name."""
        return self._by_name.get(name)

    @cached
    def _by_name(self) -> Mapping[str, Package]:
        return {one.name: one for one in reversed(self.packages)}

    def owners(self, kind: TargetKind, name: str) -> tuple[Package, ...]:
        """Return the packages that have a target of that kind and name."""
        return tuple(one for one in self.packages if name in one.named(kind))

    @property
    def binaries(self) -> frozenset[str]:
        """The names of all programs of all packages."""
        return frozenset(name for one in self.packages for name in one.binaries)


def value_place(package: Package, key: str, workspace: Workspace | None) -> Evidence:
    """Return where a key of [package] has its value: in the workspace when it is inherited."""
    given = table(package.toml.root.get("package")).get(key)
    if isinstance(given, dict) and workspace is not None:
        return workspace.toml.at("workspace", "package", key)
    return package.toml.at("package", key)


@dataclass(frozen=True, kw_only=True)
class LockedPackage:
    """One package of a lock file; ``source`` is None for those of the repository itself."""

    name: str
    version: str
    source: str | None
    line: int


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A Cargo.lock; ``version`` is its format."""

    file: Source
    version: int | None
    packages: tuple[LockedPackage, ...] = ()
    problem: Problem | None = None
    unresolved: tuple[Text, ...] = ()  # dependencies that it writes and has no package for

    @cached
    def names(self) -> frozenset[str]:
        """The names of all locked packages."""
        return frozenset(one.name for one in self.packages)


@dataclass(frozen=True, kw_only=True)
class Toolchain:
    """A rust-toolchain file."""

    file: Source
    channel: str | None
    components: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    line: int | None = None


_FIXTURES = frozenset(
    {"fixture", "fixtures", "test", "tests", "testdata", "test-data", "template", "templates"}
)


_COPY = re.compile(
    r"(?:^|/)(?:vendor(?:ed)?|third[-_]party|[\w-]+-\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)(?:/|$)", re.IGNORECASE
)


def is_copy(directory: str) -> bool:
    """Tell whether a directory holds the code of others: vendored, or a published crate as it is unpacked."""
    return _COPY.search(directory) is not None


def is_fixture(directory: str) -> bool:
    """Tell whether a directory lies among the data of tests, templates of new repositories or copies."""
    return not _FIXTURES.isdisjoint(directory.lower().split("/")) or is_copy(directory)


@dataclass(frozen=True, kw_only=True)
class Manifests:
    """Everything Cargo reads of a tree: manifests, workspaces, lock files, toolchain and configuration."""

    tomls: Mapping[str, Toml] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()
    workspaces: tuple[Workspace, ...] = ()
    locks: Mapping[str, Lock] = field(default_factory=dict)
    toolchain: Toolchain | None = None
    configs: tuple[Toml, ...] = ()
    directories: frozenset[str] = field(default_factory=frozenset, repr=False)

    def __iter__(self) -> Iterator[Package]:
        return iter(self.packages)

    @cached
    def own(self) -> tuple[Workspace, ...]:
        """The workspaces without those that are data of tests or templates: they may be broken on purpose."""
        return tuple(one for one in self.workspaces if not is_fixture(one.directory))

    @property
    def loaded(self) -> Iterator[tuple[Workspace, Package]]:
        """The packages of the own workspaces whose manifests are TOML, each with its workspace."""
        for workspace in self.own:
            for package in workspace.packages:
                if package.toml.problem is None:
                    yield workspace, package

    @property
    def broken(self) -> tuple[Toml, ...]:
        """The manifests that are no TOML."""
        return tuple(one for one in self.tomls.values() if one.problem is not None)

    def at(self, directory: str) -> Package | None:
        """Return the package of a directory."""
        return self._by_directory.get(directory)

    @cached
    def _by_directory(self) -> Mapping[str, Package]:
        return {one.directory: one for one in self.packages}

    def workspace(self, directory: str) -> Workspace | None:
        """Return the workspace cargo works in when it is started in a directory; None when it finds none."""
        if directory and directory not in self.directories:
            return None  # made by a run, for instance a clone of another repository
        here = directory
        while f"{here}/Cargo.toml".lstrip("/") not in self.tomls:
            if not here:
                return None
            here = posixpath.dirname(here)
        for one in self.workspaces:
            if one.directory == here or any(package.directory == here for package in one.packages):
                return one
        return None

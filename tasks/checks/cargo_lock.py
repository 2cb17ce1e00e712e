"""Whether the lock file is there, readable by the cargo that CI has, and says what the manifests say."""

from __future__ import annotations

import itertools
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tasks.domain.answers import MOST_PLACES
from tasks.domain.build_shell import BuildShell
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Dependency, Lock, Manifests, Package, Toolchain, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.rust_version import RustVersion, requirement
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.workspace_weight import workspace_weight

_FIRST_READER = {3: RustVersion(1, 53), 4: RustVersion(1, 78)}
"""The first cargo that reads a format of the lock file; cargo's changelog of that release says so."""

NEWEST = max(_FIRST_READER)
_MOST_TOLD = 3  # differences that the message of a lock file spells

_WRITES_LOCK = frozenset({"generate-lockfile", "update", "fetch", "metadata", "tree", "add"})


def _lock_again(*paths: str) -> Remedy:
    """Return what writes lock files, which may be those of workspaces further down, anew."""
    files = " ".join(map(shlex.quote, paths))
    what, them = ("lock file", "it") if len(paths) == 1 else ("lock files", "them")
    return Remedy(
        summary=f"Let cargo write the {what} anew, and commit {them}",
        commands=(
            *(f"cargo update --workspace{_manifest(path)}" for path in paths),
            f"git add --force {files}",
            f"git commit -m 'Lock' -- {files}",
        ),
        minutes=5,
    )


def _made_anew(path: str, pinned: Toolchain, reads: RustVersion) -> Remedy:
    """Return how a cargo that cannot read a lock file at all comes to one: it changes none that it cannot."""
    file = shlex.quote(path)
    return Remedy(
        summary=f"Pin {reads} or newer in {pinned.file.path}, which keeps every locked version; or let the "
        f"cargo of {pinned.channel}, which must be installed, make another lock file",
        commands=(
            f"rm {file}",
            f"cargo +{shlex.quote(str(pinned.channel))} generate-lockfile{_manifest(path)}",
            f"git add --force {file}",
            f"git commit -m 'Lock' -- {file}",
        ),
        minutes=10,
    )


def _manifest(path: str) -> str:
    """Return the option that names the manifest beside a lock file; nothing at the root."""
    directory = posixpath.dirname(path)
    return f" --manifest-path {shlex.quote(posixpath.join(directory, 'Cargo.toml'))}" if directory else ""


_LOCK = _lock_again("Cargo.lock")


_IGNORED = re.compile(r"^(?:\*\*)?/?\*?Cargo\.lock\s*$", re.MULTILINE)


@check("cargo-lock-committed", phase=Phase.FIRST_RUN, remedy=_LOCK, subject="cargo")
def cargo_lock_committed(
    manifests: Manifests, scripts: Scripts, tree: Tree, sources: Sources
) -> Iterator[Answer]:
    """Wherever a workflow builds with `--locked` a lock file is committed, and so for every program.

    Who ignores lock files on purpose, as libraries do, is told only of the jobs that fail without one.
    """
    rules = sources.get(".gitignore")
    on_purpose = rules is not None and _IGNORED.search(rules.text) is not None
    for workspace in manifests.own:
        path = _path(workspace)
        if tree.file(path) is not None:
            yield holds(path, "is committed")
            continue
        asked = [script.source.at(call.command) for script, call in _locked(workspace, manifests, scripts)]
        if asked:
            told = "is not committed, and a workflow builds with --locked"
            yield broken(path, told, *asked, remedy=_lock_again(path))
        elif workspace.directory == "" and workspace.binaries and not on_purpose:
            told = "is not committed: each run may build the programs with other versions"
            yield broken(path, told, workspace.toml.at("package", "name"), weight=Weight.NOTE)


@check("cargo-lock-readable", phase=Phase.PREFLIGHT, remedy=_LOCK, subject="cargo")
def cargo_lock_readable(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Every lock file is one that cargo wrote, and that the pinned toolchain reads."""
    pinned = manifests.toolchain
    version = RustVersion.read(pinned.channel) if pinned and pinned.channel else None
    workspaces = {one.directory: one for one in manifests.own}
    for path, lock in manifests.locks.items():
        workspace = workspaces.get(posixpath.dirname(path))
        if workspace is None:
            continue  # of a member, or data of tests: cargo reads it for nobody
        first = _FIRST_READER.get(lock.version or 0)
        weight, remedy = workspace_weight(workspace, manifests, sources), _lock_again(path)
        if lock.problem is not None:
            place = lock.file.at(lock.problem)
            yield broken(path, lock.problem.message, place, weight=weight, remedy=remedy)
        elif (lock.version or 0) > NEWEST:
            told = f"no released cargo reads format {lock.version}; the newest is {NEWEST}"
            place = lock.file.at(lock.file.line_of("version = "))
            yield broken(path, told, place, weight=weight, remedy=remedy)
        elif pinned and version and first and version < first:
            told = f"format {lock.version} needs cargo {first}, and {pinned.file.path} pins {pinned.channel}"
            # Who builds further down, as fuzzers do, often does so with a toolchain of their own.
            weight = Weight.BLOCKER if path == "Cargo.lock" else Weight.NOTE
            places = (lock.file.at(lock.file.line_of("version = ")), pinned.file.at(pinned))
            yield broken(path, told, *places, weight=weight, remedy=_made_anew(path, pinned, first))
        else:
            yield holds(path, f"format {lock.version}")


@dataclass(frozen=True, kw_only=True)
class _Difference:
    """One thing that a lock file says otherwise."""

    told: str
    places: tuple[Evidence, ...]


@check("cargo-lock-consistent", phase=Phase.FIRST_RUN, remedy=_LOCK, subject="cargo")
def cargo_lock_consistent(manifests: Manifests, scripts: Scripts, build: BuildShell) -> Iterator[Answer]:
    """Every package and dependency of a workspace is locked, in a version that is asked for."""
    if not manifests.broken:
        yield from _together(_consistent(manifests, scripts, build))


def _together(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Put stale lock files that stop nothing together: each is written anew in the same way."""
    mild: dict[Weight | None, list[Answer]] = {}
    for answer in answers:
        if answer.verdict is Verdict.BROKEN and answer.weight is not Weight.BLOCKER:
            mild.setdefault(answer.weight, []).append(answer)
        else:
            yield answer
    for stale in mild.values():
        if len(stale) == 1:
            yield stale[0]
            continue
        told = "; ".join(one.message for one in stale[:_MOST_TOLD])
        told += f"; and {len(stale) - _MOST_TOLD} more" if len(stale) > _MOST_TOLD else ""
        # Every file has a place before any has a second one.
        turns = itertools.zip_longest(*(one.evidence for one in stale))
        places = [place for turn in turns for place in turn if place is not None]
        yield replace(
            stale[0],
            message=f"{len(stale)} lock files differ from their manifests: {told}",
            evidence=tuple(dict.fromkeys(places))[:MOST_PLACES],
            remedy=_lock_again(*(one.subject for one in stale)),
        )


def _consistent(manifests: Manifests, scripts: Scripts, build: BuildShell) -> Iterator[Answer]:
    for workspace in manifests.own:
        lock = manifests.locks.get(_path(workspace))
        if lock is None or lock.problem is not None or workspace.missing:
            continue
        if not all(package.name for package in workspace.packages):
            continue  # cargo does not read it, so nobody knows what would be locked
        wrong = [*_differences(workspace, lock), *_beside(workspace, lock, manifests)]
        wrong = wrong or list(_unresolved(lock))
        if not wrong:
            yield holds(lock.file.path, "says what the manifests say")
            continue
        told = "; ".join(one.told for one in wrong[:_MOST_TOLD])
        if len(wrong) > _MOST_TOLD:
            told = f"{len(wrong)} things differ from the manifests: {told} ..."
        places = list(dict.fromkeys(place for one in wrong for place in one.places))[:MOST_PLACES]
        weight = _weight(workspace, manifests, scripts, build)
        yield broken(lock.file.path, told, *places, weight=weight, remedy=_lock_again(lock.file.path))


def _weight(workspace: Workspace, manifests: Manifests, scripts: Scripts, build: BuildShell) -> Weight:
    """Weigh differences: without ``--locked`` cargo silently resolves anew, which stops nothing."""
    if any(True for _ in _locked(workspace, manifests, scripts)):
        return Weight.BLOCKER
    recipes = (cargo_command(command) for one in build.texts for command in one.script.running("cargo"))
    if any(
        one is not None
        and (one.builds or one.subcommand == "fetch")  # `cargo install --path` takes a stale lock file
        and one.has("--locked", "--frozen")
        and one.workspace(manifests) is workspace
        for one in recipes
    ):
        return Weight.WARNING
    return Weight.NOTE


def _beside(workspace: Workspace, lock: Lock, manifests: Manifests) -> Iterator[_Difference]:
    """Go through the packages of the repository that a workspace takes from beside it by their path."""
    ahead = [one for package in workspace.packages for one in package.dependencies]
    seen = {package.directory for package in workspace.packages}
    while ahead:
        dependency = ahead.pop(0)
        package = manifests.at(dependency.path) if dependency.path is not None else None
        if package is None or package.directory in seen:
            continue
        seen.add(package.directory)
        ahead += [one for one in package.dependencies if one.kind != "dev"]
        same = [one for one in lock.packages if one.source is None and one.name == package.name]
        if same and package.version is not None and package.version not in [one.version for one in same]:
            told = f"{package.name} is {package.version}, but {lock.file.path} has {same[0].version}"
            own = manifests.workspace(package.directory)
            stated = package.toml.at("package", "version") if own is None else _version_of(package, own)
            written = lock.file.at(lock.file.line_of("version = ", same[0].line))
            yield _Difference(told=told, places=(stated, written))


def _differences(workspace: Workspace, lock: Lock) -> Iterator[_Difference]:
    versions_of: dict[str, list[str]] = {}
    for locked in lock.packages:
        versions_of.setdefault(locked.name, []).append(locked.version)
    own = [one for one in lock.packages if one.source is None]
    for package in workspace.packages:
        same = [one for one in own if one.name == package.name]
        versions = [one.version for one in same]
        place = package.toml.at("package", "name")
        if not versions:
            told = f"the package {package.name} is not in {lock.file.path}"
            yield _Difference(told=told, places=(place,))
        elif package.version is not None and package.version not in versions:
            there = ", ".join(versions)
            told = f"{package.name} is {package.version}, but {lock.file.path} has {there}"
            written = (lock.file.at(lock.file.line_of("version = ", one.line)) for one in same)
            places = (_version_of(package, workspace), *written)
            yield _Difference(told=told, places=places)
        for one in package.dependencies:
            difference = _unlocked(one, versions_of.get(one.package, []), lock)
            if difference is not None:
                places = (package.toml.source.at(one.line),)
                yield _Difference(told=difference, places=places)


def _version_of(package: Package, workspace: Workspace) -> Evidence:
    """Return where a package has its version: in the workspace when it is inherited."""
    table = package.toml.root.get("package")
    if isinstance(table, dict) and isinstance(table.get("version"), dict):
        return workspace.toml.at("workspace", "package", "version")
    return package.toml.at("package", "version")


def _unresolved(lock: Lock) -> Iterator[_Difference]:
    """Go through the dependencies that the lock file itself writes and has no package for."""
    for need in lock.unresolved:
        told = f"a locked package needs {need}, which the lock file does not have"
        yield _Difference(told=told, places=(lock.file.at(need),))


def _unlocked(dependency: Dependency, found: list[str], lock: Lock) -> str | None:
    if not found:
        return f"the dependency {dependency.package} is not in {lock.file.path}"
    asked = requirement(dependency.version or "")
    if asked is None or dependency.git is not None or any(asked(version) is not False for version in found):
        return None
    there = ", ".join(found)
    return f"{dependency.package} {dependency.version} is asked for, but {lock.file.path} has {there}"


def _locked(
    workspace: Workspace, manifests: Manifests, scripts: Scripts
) -> Iterator[tuple[Script, CargoCommand]]:
    """Go through the calls of workflows that refuse to change the lock file of a workspace."""
    for script, command in scripts.commands("cargo", "cross"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or not (call.builds or call.subcommand == "fetch"):
            continue
        if not call.has("--locked", "--frozen") or call.workspace(manifests) is not workspace:
            continue
        if command.fatal and not _written_before(workspace, manifests, scripts, script, call):
            yield script, call


def _written_before(
    workspace: Workspace, manifests: Manifests, scripts: Scripts, script: Script, call: CargoCommand
) -> bool:
    """Tell whether a command before in the job writes the lock file: by name, or as cargo does by itself."""
    assert script.job is not None, "said by `_locked`"
    assert script.step is not None, "a job's script is that of a step"
    if _path(workspace) in before(scripts, script.path, script.job, script.step, call.command).words:
        return True
    for step in script.job.steps[: script.step.index + 1]:
        earlier = scripts.of(script.path, script.job, step)
        for command in earlier.earlier(call.command) if earlier is not None else ():
            one = cargo_command(command)
            if one is None or one.has("--locked", "--frozen"):
                continue
            writes = one.builds or one.subcommand in _WRITES_LOCK
            if writes and one.workspace(manifests) in (workspace, None):
                return True
    return False


def _path(workspace: Workspace) -> str:
    return posixpath.join(workspace.directory, "Cargo.lock")

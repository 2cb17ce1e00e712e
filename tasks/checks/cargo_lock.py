"""Whether the lock file is there, readable by the cargo that CI has, and says what the manifests say."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Dependency, Lock, Manifests, Package, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.rust_version import RustVersion, requirement
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.tree import Tree

_FIRST_READER = {3: RustVersion(1, 53), 4: RustVersion(1, 78)}
"""The first cargo that reads a format of the lock file; cargo's changelog of that release says so."""

NEWEST = max(_FIRST_READER)

_WRITES_LOCK = frozenset({"generate-lockfile", "update", "fetch", "metadata", "tree", "add"})


def _lock_again(path: str = "Cargo.lock") -> Remedy:
    """Return what writes a lock file, which may be that of a workspace further down, anew."""
    directory = posixpath.dirname(path)
    manifest = f" --manifest-path {shlex.quote(posixpath.join(directory, 'Cargo.toml'))}" if directory else ""
    return Remedy(
        summary="Let cargo write the lock file anew, and commit it",
        commands=(
            f"cargo update --workspace{manifest}",
            f"git add --force {shlex.quote(path)}",
            f"git commit -m 'Lock' -- {shlex.quote(path)}",
        ),
        minutes=5,
    )


_LOCK = _lock_again()


_IGNORED = re.compile(r"^(?:\*\*)?/?Cargo\.lock\s*$", re.MULTILINE)


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
def cargo_lock_readable(manifests: Manifests) -> Iterator[Answer]:
    """Every lock file is one that cargo wrote, and that the pinned toolchain reads."""
    pinned = manifests.toolchain
    version = RustVersion.read(pinned.channel) if pinned and pinned.channel else None
    for path, lock in manifests.locks.items():
        first = _FIRST_READER.get(lock.version or 0)
        if lock.problem is not None:
            yield broken(path, lock.problem.message, lock.file.at(lock.problem), remedy=_lock_again(path))
        elif (lock.version or 0) > NEWEST:
            told = f"no released cargo reads format {lock.version}; the newest is {NEWEST}"
            yield broken(path, told, lock.file.at(lock.file.line_of("version = ")))
        elif pinned and version and first and version < first:
            told = f"format {lock.version} needs cargo {first}, and {pinned.file.path} pins {pinned.channel}"
            # Who builds further down, as fuzzers do, often does so with a toolchain of their own.
            weight = Weight.BLOCKER if path == "Cargo.lock" else Weight.WARNING
            places = (lock.file.at(lock.file.line_of("version = ")), pinned.file.at(pinned))
            yield broken(path, told, *places, weight=weight)
        else:
            yield holds(path, f"format {lock.version}")


@check("cargo-lock-consistent", phase=Phase.FIRST_RUN, remedy=_LOCK, subject="cargo")
def cargo_lock_consistent(manifests: Manifests, scripts: Scripts) -> Iterator[Answer]:
    """Every package and dependency of a workspace is locked, in a version that is asked for."""
    if manifests.broken:
        return
    for workspace in manifests.own:
        lock = manifests.locks.get(_path(workspace))
        if lock is None or lock.problem is not None or workspace.missing:
            continue
        wrong = list(_differences(workspace, lock)) or list(_unresolved(lock))
        locked = any(True for _ in _locked(workspace, manifests, scripts)) if wrong else False
        # Without --locked cargo silently resolves anew: then CI builds something else than what is committed.
        weight = Weight.BLOCKER if locked else Weight.WARNING
        for name, told, places in wrong:
            remedy = _lock_again(lock.file.path)
            yield broken(f"{lock.file.path}: {name}", told, *places, weight=weight, remedy=remedy)
        if not wrong:
            yield holds(lock.file.path, "says what the manifests say")


def _differences(workspace: Workspace, lock: Lock) -> Iterator[tuple[str, str, tuple[Evidence, ...]]]:
    versions_of: dict[str, list[str]] = {}
    for locked in lock.packages:
        versions_of.setdefault(locked.name, []).append(locked.version)
    own = [one for one in lock.packages if one.source is None]
    for package in workspace.packages:
        same = [one for one in own if one.name == package.name]
        versions = [one.version for one in same]
        place = package.toml.at("package", "name")
        if not versions:
            yield package.name, f"the package {package.name} is not in {lock.file.path}", (place,)
        elif package.version is not None and package.version not in versions:
            there = ", ".join(versions)
            told = f"{package.name} is {package.version}, but {lock.file.path} has {there}"
            written = (lock.file.at(lock.file.line_of("version = ", one.line)) for one in same)
            yield package.name, told, (_version_of(package, workspace), *written)
        for one in package.dependencies:
            difference = _unlocked(one, versions_of.get(one.package, []), lock)
            if difference is not None:
                yield f"{package.name} -> {one.key}", difference, (package.toml.source.at(one.line),)


def _version_of(package: Package, workspace: Workspace) -> Evidence:
    """Return where a package has its version: in the workspace when it is inherited."""
    table = package.toml.root.get("package")
    if isinstance(table, dict) and isinstance(table.get("version"), dict):
        return workspace.toml.at("workspace", "package", "version")
    return package.toml.at("package", "version")


def _unresolved(lock: Lock) -> Iterator[tuple[str, str, tuple[Evidence, ...]]]:
    """Go through the dependencies that the lock file itself writes and has no package for."""
    for need in lock.unresolved:
        yield (
            str(need),
            f"a locked package needs {need}, which the lock file does not have",
            (lock.file.at(need),),
        )


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

"""Whether cargo is tried on every workspace of the repository that somebody builds."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.cargo_trial import CargoFurther
from tasks.domain.check import Answer, check, holds, unknown
from tasks.domain.crate import Manifests, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts

_BUILDING = ("test", "nextest", "clippy", "build", "check", "fuzz")
"""Subcommands that build, what shows most first."""
_SHOWN = 5  # workspaces whose commands are written out


@check("cargo-workspaces-tried", phase=Phase.FIRST_RUN, weight=Weight.NOTE, subject="cargo")
def cargo_workspaces_tried(
    manifests: Manifests, scripts: Scripts, further: CargoFurther | Unseen
) -> Iterator[Answer]:
    """Every workspace that is built lies where the preflight lets cargo build or test it."""
    if not manifests.tomls:
        return
    if "Cargo.toml" not in manifests.tomls:
        left = {one.directory: one.toml.source.at(1) for one in _outermost(manifests)}
        why = "there is no Cargo.toml at the root"
    else:
        left = dict(_built(manifests, scripts))
        why = "no part of the workspace at the root"
    # Of a call that gave no answer cargo-further-calls tells.
    tried = {one.trial.root for one in further.tried} if isinstance(further, CargoFurther) else set()
    left = {directory: place for directory, place in left.items() if directory not in tried}
    if not left:
        yield holds("Cargo.toml", "every workspace that is built was tried")
        return
    told = f"cargo was not run in {listed(sorted(left))}: {why}, where the preflight builds and tests"
    called = _called(manifests, scripts)
    commands = [
        called.get(one, f"cargo test --workspace --manifest-path {shlex.quote(one)}/Cargo.toml")
        for one in sorted(left)[:_SHOWN]
    ]
    remedy = Remedy(
        summary="Build and test there by hand before the first push", commands=tuple(commands), minutes=10
    )
    yield unknown("workspaces below the root", told, *list(left.values())[:MOST_PLACES], remedy=remedy)


def _outermost(manifests: Manifests) -> Iterator[Workspace]:
    """Go through the workspaces that lie in no other one's directory."""
    directories = {one.directory for one in manifests.own}
    for one in manifests.own:
        parts = one.directory.split("/")
        if not any("/".join(parts[:end]) in directories for end in range(1, len(parts))):
            yield one


def _built(manifests: Manifests, scripts: Scripts) -> Iterator[tuple[str, Evidence]]:
    """Go through the workspaces beside the root's that a workflow builds, each with the first call."""
    seen: set[str] = set()
    for directory, script, call in _calls(manifests, scripts):
        if directory not in seen:
            seen.add(directory)
            yield directory, script.source.at(call.command)


def _called(manifests: Manifests, scripts: Scripts) -> dict[str, str]:
    """Return directory of a workspace -> the call of a workflow that shows most of it, as people type it."""
    found: dict[str, CargoCommand] = {}
    for directory, _, call in _calls(manifests, scripts):
        known = found.get(directory)
        if known is None or _BUILDING.index(call.subcommand) < _BUILDING.index(known.subcommand):
            found[directory] = call
    return {directory: _typed(directory, call) for directory, call in found.items()}


def _typed(directory: str, call: CargoCommand) -> str:
    """Return a call for the root of the repository; of one with a value that is not certain only the kind."""
    words = [word.literal for word in call.command.arguments]
    sure = [word for word in words if word is not None]
    cwd = call.command.cwd
    if cwd is None or len(sure) < len(words):
        return f"cargo {call.subcommand} --manifest-path {shlex.quote(directory)}/Cargo.toml"
    told = f"cargo {shlex.join(sure)}"
    return f"cd {shlex.quote(cwd)} && {told}" if cwd else told


def _calls(manifests: Manifests, scripts: Scripts) -> Iterator[tuple[str, Script, CargoCommand]]:
    """Go through the calls of workflows that build in a workspace below the root, with its directory."""
    own = {one.directory for one in manifests.own if one.directory}
    for script, command in scripts.commands("cargo") if own else ():
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.subcommand not in _BUILDING or not call.directory:
            continue
        workspace = manifests.workspace(call.directory)
        if workspace is not None and workspace.directory in own:
            yield workspace.directory, script, call

"""Whether cargo is tried on every workspace of the repository that somebody builds."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.cargo_command import cargo_command
from tasks.domain.cargo_trial import CargoFurther
from tasks.domain.check import Answer, check, holds, unknown
from tasks.domain.crate import Manifests, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts

_BUILDING = frozenset({"build", "check", "test", "clippy"})
_SHOWN = 3  # workspaces whose commands are written out


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
    commands = [f"cargo test --workspace --manifest-path {one}/Cargo.toml" for one in sorted(left)[:_SHOWN]]
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
    own = {one.directory for one in manifests.own if one.directory}
    seen: set[str] = set()
    for script, command in scripts.commands("cargo") if own else ():
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.subcommand not in _BUILDING or not call.directory:
            continue
        workspace = manifests.workspace(call.directory)
        if workspace is not None and workspace.directory in own - seen:
            seen.add(workspace.directory)
            yield workspace.directory, script.source.at(command)

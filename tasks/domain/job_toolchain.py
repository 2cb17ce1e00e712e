"""Which Rust toolchain a command of a workflow is run with, as far as it is written."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.inner_step import inner_steps
from tasks.domain.lane import Lane
from tasks.domain.script import Script, Scripts, Word
from tasks.domain.workflow import Step

_INPUTS = {
    "dtolnay/rust-toolchain": "toolchain",
    "actions-rs/toolchain": "toolchain",
    "actions-rust-lang/setup-rust-toolchain": "toolchain",
    "hecrj/setup-rust-action": "rust-version",
    "moonrepo/setup-rust": "channel",
}
_CHOOSING = (("default",), ("override", "set"))


def only_nightly(script: Script, call: CargoCommand, scripts: Scripts) -> bool:
    """Tell whether every way in which a job runs a command takes nightly Rust."""
    return bool(script.lanes) and all(
        is_nightly(toolchain_of(script, call, scripts, lane)) for lane in script.lanes
    )


def is_nightly(toolchain: str | None) -> bool:
    """Tell whether a toolchain is nightly, or one of its days."""
    return toolchain is not None and toolchain.startswith("nightly")


def toolchain_of(script: Script, call: CargoCommand, scripts: Scripts, lane: Lane) -> str | None:
    """Return the toolchain that a command is run with in a lane; None for the usual one or when unsure."""
    if call.toolchain is not None:
        return lane.text(call.toolchain)
    if chosen := lane.env.get("RUSTUP_TOOLCHAIN"):
        return chosen
    found: str | None = None
    for step in script.job.steps if script.job is not None else ():
        if script.step is not None and step.index >= script.step.index:
            break
        if lane.condition(step.condition) is False:
            continue
        for one in inner_steps(step, lane, script.source, scripts.actions):
            if one.runs is not False:
                found = _installed(one.step, one.lane) or found
        found = _defaulted(script, step, scripts, lane) or found
    return found


def _installed(step: Step, lane: Lane) -> str | None:
    """Return the toolchain that an action makes the job's."""
    name = step.action.name if step.action is not None else ""
    if step.action is None or name not in _INPUTS:
        return None
    given = step.inputs.text(_INPUTS[name])
    if given is not None:
        return lane.text(given)
    return step.action.ref if name.startswith("dtolnay/") else None


def _defaulted(script: Script, step: Step, scripts: Scripts, lane: Lane) -> str | None:
    """Return the toolchain that ``rustup default`` or ``rustup override set`` chooses."""
    own = scripts.of(script.workflow or "", script.job, step) if script.job is not None else None
    found: str | None = None
    for command in own.running("rustup") if own is not None else ():
        words = command.arguments
        for verb in _CHOOSING:
            if tuple(word.text for word in words[: len(verb)]) == verb and len(words) > len(verb):
                found = _said(words[len(verb)], lane)
    return found


def _said(word: Word, lane: Lane) -> str | None:
    return lane.text(word.text)


def formats_with(scripts: Scripts, *, pinned: bool) -> str | None:
    """Return the nightly that workflows format the root with, where all name one; None for the usual Rust.

    ``pinned``: a toolchain file chooses before the job's default. For a task of the repository it is the one
    that a step installs with rustfmt.
    """
    named: set[str | None] = set()
    for script, command in scripts.commands("cargo", spelling="fmt"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.subcommand != "fmt" or call.directory != "":
            continue
        for lane in script.lanes:
            chosen = call.toolchain is not None or "RUSTUP_TOOLCHAIN" in lane.env or not pinned
            named.add(toolchain_of(script, call, scripts, lane) if chosen else None)
    if not named:
        named = set(_with_rustfmt(scripts))
    only = next(iter(named)) if len(named) == 1 else None
    return only if is_nightly(only) else None


def _with_rustfmt(scripts: Scripts) -> Iterator[str | None]:
    for script, command in scripts.commands("rustup", spelling="rustfmt"):
        words = command.literals
        if script.job is None or script.never or "rustfmt" not in words:
            continue
        if words[:2] == ("toolchain", "install") and len(words) > 2:
            yield words[2]

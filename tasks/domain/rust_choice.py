"""Which release of Rust a call of cargo is run with, and the line that says so.

As rustup decides: ``+NAME``, then RUSTUP_TOOLCHAIN, then ``rustup override set``, then the toolchain file,
then the default (the rustup book, "Overrides").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.cargo_command import CargoCommand
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.inner_step import inner_steps
from tasks.domain.lane import Lane
from tasks.domain.rust_version import RustVersion
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.source import Source
from tasks.domain.workflow import Job, Step, Workflow

_AS_DEFAULT = "dtolnay/rust-toolchain"  # which only makes its toolchain the default
INSTALLERS = {
    _AS_DEFAULT: "toolchain",
    "actions-rs/toolchain": "toolchain",
    "actions-rust-lang/setup-rust-toolchain": "toolchain",
    "moonrepo/setup-rust": "channel",
}
"""Actions that install a Rust, with the input that names it."""

_VARIABLE = "RUSTUP_TOOLCHAIN"
_UNCERTAIN = re.compile(r"rustup|RUSTUP_TOOLCHAIN|rust-lang\.org")
_INSTALLS_RUSTUP = re.compile(r"rustup\.rs|rustup-init|static\.rust-lang\.org/rustup")


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """One line that chooses; ``version`` is None for a name without a number and for what is not certain."""

    kind: str  # default, override, action, or either for an action that may choose by an override
    version: RustVersion | None
    place: Evidence


@dataclass(frozen=True, kw_only=True)
class RustCall:
    """A call of cargo in a step of a workflow."""

    workflow: Workflow
    job: Job
    step: Step
    script: Script
    call: CargoCommand


def releases(
    asked: RustCall, scripts: Scripts, manifests: Manifests
) -> Iterator[tuple[RustVersion, Evidence]]:
    """Go through the releases that a call runs with, in all lanes; nothing when that is not certain."""
    if asked.call.toolchain is not None:
        version = RustVersion.read(asked.call.toolchain)
        if version is not None:
            yield version, asked.workflow.source.at(asked.call.command)
        return
    if asked.job.root.get("container") is not None:
        return
    for lane in asked.script.lanes:
        found = _of_lane(asked, lane, scripts, manifests)
        if found is not None:
            yield found


def _of_lane(
    asked: RustCall, lane: Lane, scripts: Scripts, manifests: Manifests
) -> tuple[RustVersion, Evidence] | None:
    before = [one for one in asked.job.steps if one.index < asked.step.index]
    if _VARIABLE in str(asked.step.run) or any(
        _VARIABLE in str(one.run) or _INSTALLS_RUSTUP.search(str(one.run)) for one in before
    ):
        return None
    if _VARIABLE in lane.env:
        return _of_variable(asked, lane)
    choices = _choices(asked, lane, scripts)
    if choices is None:
        return None
    override = [one for one in choices if one.kind == "override"]
    pinned = manifests.toolchain
    if pinned is not None and not override:
        if any(one.kind == "either" for one in choices):
            return None
        # The file wins over whatever a workflow installs as default.
        version = RustVersion.read(pinned.channel or "")
        return None if version is None else (version, pinned.file.at(pinned))
    if len({one.kind for one in choices}) != 1 or (
        choices[0].kind in ("action", "either") and len(choices) > 1
    ):
        return None  # an action may choose by an override or only as default: which wins is not certain
    last = choices[-1]
    return None if last.version is None else (last.version, last.place)


def _of_variable(asked: RustCall, lane: Lane) -> tuple[RustVersion, Evidence] | None:
    version = RustVersion.read(lane.env[_VARIABLE] or "")
    steps = [one.action.name for one in asked.job.steps[: asked.step.index] if one.action is not None]
    if _VARIABLE not in asked.step.env and any(name in INSTALLERS and name != _AS_DEFAULT for name in steps):
        return None  # an action may set the variable anew for the steps behind it
    given = (asked.step.env, asked.job.env, asked.workflow.env)
    line = next((env.line_of(_VARIABLE) for env in given if _VARIABLE in env), None)
    return None if version is None or line is None else (version, asked.workflow.source.at(line))


def _choices(asked: RustCall, lane: Lane, scripts: Scripts) -> list[_Choice] | None:
    """Return what chooses a toolchain before a call, in order; None when a part of it is not certain."""
    found: list[_Choice] = []
    for one in asked.job.steps[: asked.step.index + 1]:
        runs = True if one is asked.step else lane.condition(one.condition)
        if runs is False:
            continue
        if one.run is None:
            made = _of_use(one, lane, asked.workflow.source, scripts)
        else:
            made = _of_run(asked, one, lane, scripts)
        if made is None or (made and runs is None):
            return None
        found += made
    return found


def _of_use(step: Step, lane: Lane, source: Source, scripts: Scripts) -> list[_Choice] | None:
    """Return what an action chooses, or the steps of one of the repository; None when that is not certain."""
    found: list[_Choice] = []
    for one in inner_steps(step, lane, source, scripts.actions):
        if one.runs is False and one.inner:
            continue
        if one.inner and (_UNCERTAIN.search(str(one.step.run or "")) or _is_local(one.step)):
            return None
        made = _of_action(one.step, one.lane, one.source)
        if made and one.runs is None and one.inner:
            return None
        found += made
    return found


def _is_local(step: Step) -> bool:
    return step.action is not None and step.action.local is not None


def _of_action(step: Step, lane: Lane, source: Source) -> list[_Choice]:
    action = step.action
    if action is None or action.name not in INSTALLERS:
        return []
    name = INSTALLERS[action.name]
    written: str | None = step.inputs.text(name)
    if written is None and action.name == _AS_DEFAULT:
        written = action.ref
    filled = None if written is None else lane.text(written)
    version = None if filled is None else RustVersion.read(filled)
    line = step.inputs.line_of(name) if name in step.inputs else step.line
    kind = "either" if name in step.inputs and action.name != _AS_DEFAULT else "action"
    return [_Choice(kind=kind, version=version, place=source.at(line))]


def _of_run(asked: RustCall, step: Step, lane: Lane, scripts: Scripts) -> list[_Choice] | None:
    if "rustup" not in str(step.run):
        return []
    own = scripts.of(asked.workflow.path, asked.job, step)
    if own is None or not own.understood:
        return None
    commands = own.earlier(asked.call.command) if step is asked.step else own.commands
    found: list[_Choice] = []
    for command in commands:
        if command.program != "rustup":
            continue
        made = _of_rustup(command, asked, lane)
        if made is None:
            return None
        found += made
    return found


def _of_rustup(command: Command, asked: RustCall, lane: Lane) -> list[_Choice] | None:
    words = [word.text for word in command.arguments if not word.text.startswith("-")]
    kind = "override" if words[:1] == ["override"] else "default" if words[:1] == ["default"] else None
    if kind is None:
        return [] if words[:1] and words[0].isalpha() else None
    named = words[2:] if kind == "override" else words[1:]
    if kind == "override" and (words[1:2] not in (["set"], ["add"]) or command.has("--path")):
        return None
    if command.conditional or command.tested or len(named) != 1 or len(words) < len(command.arguments):
        return None
    place = asked.call.directory
    below = place is not None and command.cwd is not None
    if kind == "override" and not (below and f"{place}/".startswith(f"{command.cwd}/".lstrip("/"))):
        return None
    filled = lane.text(named[0].strip("\"'"))
    version = None if filled is None else RustVersion.read(filled)
    return [_Choice(kind=kind, version=version, place=asked.workflow.source.at(command.line))]

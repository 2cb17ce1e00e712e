"""For which toolchain a job installs a target, when cargo is run with another one, which lacks it then.

rustup keeps the standard library of a target for each toolchain apart; a toolchain file decides which one
cargo is run with, whatever `dtolnay/rust-toolchain` made the default (the rustup book, "Overrides").
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from tasks.domain.cargo_command import CargoCommand
from tasks.domain.checkout import checked_out
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.lane import Lane
from tasks.domain.script import Script
from tasks.domain.tree import Tree
from tasks.domain.workflow import Step

_ACTION = "dtolnay/rust-toolchain"  # installs a target for its own toolchain alone
_NAME = re.compile(r"(?:stable|beta|nightly)(?:-\d{4}-\d{2}-\d{2})?|\d+\.\d+(?:\.\d+)?")
_FILES = ("rust-toolchain.toml", "rust-toolchain")


@dataclass(frozen=True, kw_only=True)
class OtherToolchain:
    """The toolchains that get a target, the one that cargo is run with, and where both are said."""

    installed: tuple[str, ...]
    used: str
    places: tuple[Evidence, ...]


def installed_for_another(
    call: CargoCommand, target: str, script: Script, manifests: Manifests, tree: Tree
) -> OtherToolchain | None:
    """Return for what a target is installed in vain; None when the right toolchain may get it."""
    if script.job is None or script.step is None or call.directory is None:
        return None
    steps = [one for one in script.job.steps if one.index < script.step.index]
    adding = [one for one in steps if target_inputs(one)]
    others = [str(one.run or "") for one in (*steps, script.step)]
    # rustup itself adds to whatever is used in its place, and may choose another one for it.
    if not adding or any("rustup" in text or "RUSTUP" in text for text in others):
        return None
    if any(one.action is not None and may_install(one) for one in steps):
        return None
    used = used_toolchain(call, script, manifests, tree)
    if used is None or any("RUSTUP_TOOLCHAIN" in lane.env for lane in script.lanes):
        return None
    found: dict[str, Evidence] = {}
    for lane in script.lanes:
        for step in adding:
            name, known = named_toolchain(step, lane), _targets(step, lane)
            if name is None or known is None:
                return None
            if target in known and lane.condition(step.condition) is not False:
                found.setdefault(name, script.source.at(step.inputs.line_of(target_inputs(step)[0])))
    if not found or any(same_toolchain(one, used[0]) for one in found):
        return None
    return OtherToolchain(installed=tuple(found), used=used[0], places=(*found.values(), used[1]))


def target_inputs(step: Step) -> tuple[str, ...]:
    """Return the inputs of an action's step that name targets to install for its own toolchain."""
    if step.action is None or step.action.name != _ACTION:
        return ()
    return tuple(one for one in ("targets", "target") if one in step.inputs)


def may_install(step: Step) -> bool:
    """Tell whether another action may install a target for the toolchain that is used."""
    assert step.action is not None, "asked of actions only"
    name = step.action.name
    return step.action.local is not None or ("rust" in name and name not in (_ACTION, "swatinem/rust-cache"))


def used_toolchain(
    call: CargoCommand, script: Script, manifests: Manifests, tree: Tree
) -> tuple[str, Evidence] | None:
    """Return the toolchain that a call is run with for sure, and the line that says so."""
    if call.toolchain is not None:
        certain = _NAME.fullmatch(call.toolchain)
        return (call.toolchain, script.source.at(call.command)) if certain else None
    pinned = manifests.toolchain
    if pinned is None or pinned.channel is None or not _NAME.fullmatch(pinned.channel):
        return None
    assert script.job is not None, "asked of steps only"
    assert script.step is not None, "asked of steps only"
    here = call.directory or ""
    while here:
        if any(tree.has(posixpath.join(here, name)) for name in _FILES):
            return None
        here = posixpath.dirname(here)
    return (pinned.channel, pinned.file.at(pinned)) if checked_out(script.job, script.step) else None


def named_toolchain(step: Step, lane: Lane) -> str | None:
    """Return the toolchain that a step with the action installs; None when that is not certain."""
    given = step.inputs.text("toolchain")
    name = step.action.ref if given is None and step.action is not None else lane.text(given or "")
    return name if name is not None and _NAME.fullmatch(name) else None


def _targets(step: Step, lane: Lane) -> frozenset[str] | None:
    texts = [lane.text(step.inputs.text(one) or "") for one in target_inputs(step)]
    if any(one is None for one in texts):
        return None
    return frozenset(word for one in texts if one for word in re.split(r"[,\s]+", one))


def same_toolchain(one: str, other: str) -> bool:
    """Tell whether two names may be one toolchain: `1.75` and `1.75.0` are taken for it, to be sure."""
    return one == other or one.removesuffix(".0") == other.removesuffix(".0")

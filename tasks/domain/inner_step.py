"""The steps of a job with the repository's own composite actions replaced by what these do.

An action of the repository sees its inputs and the environment of its caller; what it installs or exports
is there for the steps behind it (GitHub's reference on composite actions).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tasks.domain.lane import Lane
from tasks.domain.source import Source
from tasks.domain.workflow import CompositeAction, Step


@dataclass(frozen=True, kw_only=True)
class InnerStep:
    """One step that runs in a lane: in its own file, with the lane as it sees it.

    ``runs`` is None when only a run can tell whether it does; ``inner`` tells that an action has it.
    """

    step: Step
    lane: Lane
    source: Source
    runs: bool | None
    inner: bool = False


def inner_steps(
    step: Step, lane: Lane, source: Source, actions: Mapping[str, CompositeAction]
) -> Iterator[InnerStep]:
    """Go through a step itself, or through those of the repository's action that it uses."""
    runs = lane.condition(step.condition)
    action = actions.get(step.action.local or "") if step.action is not None else None
    if action is None or not action.steps:
        yield InnerStep(step=step, lane=lane, source=source, runs=runs)
        return
    within = replace(lane, matrix=None, inputs=_inputs(step, lane, action))
    for one in action.steps:
        inner = within.condition(one.condition)
        both = False if False in (runs, inner) else None if None in (runs, inner) else True
        yield InnerStep(step=one, lane=within, source=action.source, runs=both, inner=True)


def _inputs(step: Step, lane: Lane, action: CompositeAction) -> dict[str, str]:
    """Return the inputs of an action that are certain, with the defaults of those that are not given."""
    made: dict[str, str] = {}
    declared = action.root.map("inputs")
    for name in map(str, declared):
        given = name in step.inputs
        written = step.inputs.text(name) if given else declared.map(name).text("default")
        if written is None and not given and "default" not in declared.map(name):
            made[name] = ""
            continue
        filled = None if written is None else lane.text(written)
        if filled is not None:
            made[name] = filled
    return made

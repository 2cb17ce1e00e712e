"""Whether the steps of a matrix job ever run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tasks.domain.answers import as_one, listed, merged, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.expression import Node, to_text
from tasks.domain.expression.tree import Call, Comparison, Literal, children, walk
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lane import lanes
from tasks.domain.phase import Phase
from tasks.domain.spelling import fumbled
from tasks.domain.use import Read
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_NO_MATRIX = Remedy(summary="Give the job the matrix, or take the condition out", minutes=5)


@check(
    "step-runs-in-a-lane",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Compare with a value that the matrix has, add the lane, or delete the step", minutes=5
    ),
)
def step_runs_in_a_lane(workflows: Workflows) -> Iterator[Answer]:
    """Every step whose `if:` asks for a value of the matrix runs in at least one lane."""
    yield from of_one_cause(one for workflow in workflows for one in _of_one_job(merged(_steps(workflow))))


_NOWHERE = re.compile(r"^(?P<condition>`[^`]+`) (?:does not hold|holds) in (?P<lanes>[\w ]+ of the matrix)$")


def _of_one_job(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Put together the steps of one job that wait for lanes which it had once, or will have."""
    alike: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        found = _NOWHERE.match(answer.message)
        if found is None:
            yield answer
        else:
            job = ": ".join(answer.subject.split(": ")[:2])
            alike.setdefault((job, found["lanes"]), []).append(answer)
    for (_, place), left in alike.items():
        told = left[0].message
        if len(left) > 1:
            conditions = [one.message[: one.message.index("`", 1) + 1] for one in left]
            never = "do not hold" if place.startswith("the only") else "hold"
            told = f"{listed(conditions)} {never} in {place}"
        yield replace(as_one(left[0], left), message=told)


def _steps(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if not isinstance(step.condition, str) or "matrix." not in step.condition or not job.lanes:
            continue
        # Steps under one condition, or with one key that is not there, have one cause.
        missing = _missing_key(workflow, job, step, job.lanes)
        subject = f"{workflow.file}: {job.id}: {missing or step.condition.strip()}"
        if all(lane.condition(step.condition) is False for lane in lanes(workflow, job)):
            number = "the only lane" if len(job.lanes) == 1 else f"none of the {len(job.lanes)} lanes"
            never = "does not hold in" if len(job.lanes) == 1 else "holds in"
            slip = f"it has no `{missing}`" if missing else _slip(workflow, job, step, job.lanes)
            told = f"`{step.condition}` {never} {number} of the matrix{slip and f': {slip}'}"
            remedy = None
            if job.matrix is None:
                told, remedy = f"`{step.condition}` never holds: the job {job.id!r} has no matrix", _NO_MATRIX
            # A lane that was taken out leaves its steps behind, and they hurt nobody.
            left = missing is not None and _commented_out(workflow, missing)
            weight = Weight.WARNING if (slip or job.matrix is None) and not left else Weight.NOTE
            yield broken(
                subject, told, workflow.source.at(step.root.line_of("if")), remedy=remedy, weight=weight
            )
        else:
            yield holds(subject, "may run")


def _slip(workflow: Workflow, job: Job, step: Step, combinations: tuple[Mapping[str, Any], ...]) -> str:
    """Return what shows that a condition is a mistake: a value of another key, or one with a slip in it."""
    reads = _reads(workflow, job, step)
    asked = {str(one.name).lower() for one in reads}
    node = reads[0].use.node if reads else None
    for value in _compared(node) if node is not None else ():
        for lane in combinations:
            texts = {str(key): to_text(given) for key, given in lane.items() if _is_plain(given)}
            other = next((key for key, text in texts.items() if text.lower() == value.lower()), None)
            if other is not None and other.lower() not in asked:
                return f"`{value}` is a value of `{other}`"
            meant = fumbled(value, {text for key, text in texts.items() if key.lower() in asked})
            if meant is not None:
                return f"is `{meant}` meant?"
    return ""


def _missing_key(
    workflow: Workflow, job: Job, step: Step, combinations: tuple[Mapping[str, Any], ...]
) -> str | None:
    """Return the key that a condition reads and no lane has, as ``matrix.key``."""
    there = {str(key).lower() for lane in combinations for key in lane}
    keys = [one.name for one in _reads(workflow, job, step) if one.name is not None]
    return next((f"matrix.{key}" for key in keys if key.lower() not in there), None)


def _commented_out(workflow: Workflow, key: str) -> bool:
    """Tell whether a comment still has the key: then its lanes were taken out for the time being."""
    wanted = re.compile(rf"#.*\b{re.escape(key.rpartition('.')[2])}\s*:")
    return any(wanted.search(line) for line in workflow.source.lines)


def _reads(workflow: Workflow, job: Job, step: Step) -> list[Read]:
    """Return what the condition of a step reads of the matrix."""
    own = (one for one in workflow.reads if one.use.job == job.id and one.use.step == step.index)
    return [one for one in own if one.context == "matrix" and one.use.condition]


def _compared(node: Node) -> Iterator[str]:
    """Go through the texts that a condition compares with, or gives a function."""
    for one in walk(node):
        for child in children(one) if isinstance(one, Comparison | Call) else ():
            if isinstance(child, Literal) and isinstance(child.value, str):
                yield child.value


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)

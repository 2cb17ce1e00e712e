"""Whether well-known actions are given their inputs by the right names."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.known_inputs import INPUTS, REQUIRED, meant
from tasks.domain.phase import Phase
from tasks.domain.workflow import Job, Step, Workflow, Workflows


@check(
    "action-input-spelled",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the input as the action's action.yml does", minutes=2),
)
def action_input_spelled(workflows: Workflows) -> Iterator[Answer]:
    """No input of a well-known action is a misspelling of one it has: GitHub warns, and leaves it out."""
    for workflow in workflows:
        yield from merged(_spelled(workflow))


def _spelled(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        name = "" if step.action is None else step.action.name
        for written in step.inputs if name in INPUTS else ():
            subject = f"{workflow.file}: {job.id}: {written}"
            near = meant(name, written)
            if near is None:
                yield holds(subject, "is no misspelling")
            else:
                told = f"{name} has no input {str(written)!r}; did you mean {near!r}?"
                place = workflow.source.at(step.inputs.line_of(written))
                yield broken(subject, told, place, edits=corrected(str(written), near, place))


@check(
    "action-input-given",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Give the input below `with:`", minutes=2),
)
def action_input_given(workflows: Workflows) -> Iterator[Answer]:
    """Every well-known action is given the inputs that it fails without."""
    for workflow in workflows:
        yield from merged(_given(workflow))


def _given(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if step.action is None:
            continue
        given = {str(one).lower() for one in step.inputs}
        for wanted, instead in REQUIRED.get(step.action.name, {}).items():
            subject = f"{workflow.file}: {job.id}: {step.action.name}: {wanted}"
            if wanted in given or _is_set(workflow, job, step, instead):
                yield holds(subject, "is given")
            else:
                told = f"{step.action.name} fails without its input {wanted!r}"
                yield broken(subject, told, workflow.source.at(step.action))


def _is_set(workflow: Workflow, job: Job, step: Step, names: tuple[str, ...]) -> bool:
    written = {str(name) for env in (workflow.env, job.env, step.env) for name in env}
    earlier = "\n".join(str(one.run or "") for one in job.steps[: step.index])
    return any(name in written or f"{name}=" in earlier for name in names)

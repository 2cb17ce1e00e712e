"""Whether the steps of a matrix job ever run."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lane import lanes
from tasks.domain.phase import Phase
from tasks.domain.workflow import Workflow, Workflows

_NO_MATRIX = Remedy(summary="Give the job the matrix, or take the condition out", minutes=5)


@check(
    "step-runs-in-a-lane",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Compare with a value that the matrix has, or delete the step", minutes=5),
)
def step_runs_in_a_lane(workflows: Workflows) -> Iterator[Answer]:
    """Every step whose `if:` asks for a value of the matrix runs in at least one lane."""
    for workflow in workflows:
        yield from _steps(workflow)


def _steps(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if not isinstance(step.condition, str) or "matrix." not in step.condition or not job.lanes:
            continue
        subject = f"{workflow.file}: {job.id}: {step.label}"
        if all(lane.condition(step.condition) is False for lane in lanes(workflow, job)):
            number = "the only lane" if len(job.lanes) == 1 else f"none of the {len(job.lanes)} lanes"
            never = "does not hold in" if len(job.lanes) == 1 else "holds in"
            told = f"`{step.condition}` {never} {number} of the matrix"
            remedy = None
            if job.matrix is None:
                told, remedy = f"`{step.condition}` never holds: the job {job.id!r} has no matrix", _NO_MATRIX
            yield broken(subject, told, workflow.source.at(step.root.line_of("if")), remedy=remedy)
        else:
            yield holds(subject, "may run")

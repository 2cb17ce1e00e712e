"""Whether somebody takes the names that a step makes up for images."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_ACTION = "docker/metadata-action"
_VARIABLES = "DOCKER_METADATA_OUTPUT"  # the beginning of the names by which it also hands them on


@check(
    "image-names-are-taken",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,  # what is built has the tags and labels that are written there
    remedy=Remedy(
        summary="Give the build `tags: ${{ steps.ID.outputs.tags }}` and the labels, or delete the step",
        minutes=5,
    ),
)
def image_names_are_taken(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every `docker/metadata-action` has a reader: it only makes up names, and pushes nothing itself."""
    yield from of_one_cause(_unread(workflows, scripts))


def _unread(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    by_variable = any(_VARIABLES in one.text for one in scripts)
    for workflow in workflows:
        for job, step in workflow.steps():
            if step.action is None or step.action.name != _ACTION:
                continue
            subject = f"{workflow.file}: {job.id}: {step.label}"
            if by_variable or _is_read(workflow, job, step):
                yield holds(subject, "has a reader")
            else:
                told = f"nobody reads the tags and labels that {_ACTION} makes"
                yield broken(subject, told, workflow.source.at(step.action))


def _is_read(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether an expression names the step, or something runs that may read its variables."""
    id_ = (step.id or "").lower()
    for one in job.steps:
        local = one.action is not None and (one.action.local is not None or "bake" in one.action.name)
        if local or "bake" in str(one.run or "") or _VARIABLES in str(one.root):
            return True
    return any(
        read.context == "steps" and read.use.job == job.id and (read.name is None or read.name.lower() == id_)
        for read in workflow.reads
    )

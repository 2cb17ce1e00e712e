"""Whether releases that workflows make have a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import above
from tasks.domain.phase import Phase
from tasks.domain.token_made import NEEDS_TAG, branches, by_tag
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_GUARDS = ("refs/tags", "ref_type", "event_name", "ref_name", "github.ref", "GITHUB_REF", "GITHUB_EVENT_NAME")
_OUTPUT = re.compile(r"\b(?P<of>steps|needs)\.(?P<name>[\w-]+)\.outputs\b")


@check(
    "release-has-tag",
    phase=Phase.RELEASE,
    remedy=Remedy(summary="Give the action the tag, or run the step only for tags", minutes=10),
)
def release_has_tag(workflows: Workflows) -> Iterator[Answer]:
    """Every step that makes a release knows its tag, however the workflow is started."""
    for workflow in workflows:
        without = list(_without_tag(workflow))
        for job, step in workflow.steps():
            key = NEEDS_TAG.get(step.action.name) if step.action else None
            if key is None:
                continue
            subject = f"{workflow.file}: {job.id}: {step.label}"
            given = step.inputs.text(key) or step.inputs.get("draft") is True
            if given or not without or _guarded(workflow, job, step):
                yield holds(subject, "has a tag")
                continue
            told = f"started by {', '.join(without)} there is no tag: the action fails without `{key}`"
            tagged = by_tag(workflow)
            weight = Weight.WARNING if tagged or "workflow_dispatch" in workflow.events else Weight.BLOCKER
            yield broken(subject, told, workflow.source.at(step.action), weight=weight)


def _without_tag(workflow: Workflow) -> Iterator[str]:
    """Go through the events that start the workflow without a tag."""
    push = workflow.event("push")
    if push is not None and (branches(push) or not ("tags" in push or "tags-ignore" in push)):
        yield "a push to a branch"
    for event in ("workflow_dispatch", "schedule", "pull_request", "pull_request_target", "workflow_run"):
        if event in workflow.events:
            yield f"{event} on a branch" if event == "workflow_dispatch" else event


def _guarded(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether a condition on the way may keep runs without a tag out."""
    conditions = [step.condition, job.condition, *(one.condition for one in above(workflow, job).values())]
    written = [str(one) for one in conditions if one is not None]
    written += [made for one in written for made in _deciding(workflow, job, one)]
    return any(guard in one for one in written for guard in _GUARDS)


def _deciding(workflow: Workflow, job: Job, condition: str) -> Iterator[str]:
    """Go through the texts of the steps and jobs whose outputs a condition reads."""
    for found in _OUTPUT.finditer(condition):
        if found["of"] == "needs":
            needed = workflow.jobs.get(found["name"])
            yield str(needed.root) if needed is not None else ""
        else:
            yield from (str(one.root) for one in job.steps if one.id == found["name"])

"""Runs that no tag has started: which events make them, and what keeps a step out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.job_order import above
from tasks.domain.token_made import branches
from tasks.domain.workflow import Job, Step, Workflow

_GUARDS = ("refs/tags", "ref_type", "event_name", "ref_name", "github.ref", "GITHUB_REF", "GITHUB_EVENT_NAME")
_LOOKS = re.compile(r"refs/tags|ref_type", re.IGNORECASE)
_OUTPUT = re.compile(r"\b(?P<of>steps|needs)\.(?P<name>[\w-]+)\.outputs\b")
_CUTS = re.compile(r"\$\{GITHUB_REF[#/:][^}]*\}")
_NAMED = re.compile(r"ref|tag|version", re.IGNORECASE)
_MADE = re.compile(r"^[ \t]*(?:export[ \t]+)?(\w+)=.*(?:GITHUB_REF|github\.ref)", re.MULTILINE)
_JUDGES = re.compile(r"\bexit[ \t]+[\"']?[1-9$]|\[\[? |\btest[ \t]|\bgrep\b|=~|\bcase\b|\bfalse\b")


def without_tag(workflow: Workflow) -> Iterator[str]:
    """Go through the events that start the workflow without a tag."""
    push = workflow.event("push")
    if push is not None and (branches(push) or not ("tags" in push or "tags-ignore" in push)):
        yield "a push to a branch"
    for event in ("workflow_dispatch", "schedule", "pull_request", "pull_request_target", "workflow_run"):
        if event in workflow.events:
            yield f"{event} on a branch" if event == "workflow_dispatch" else event


def guarded(workflow: Workflow, job: Job, step: Step) -> bool:
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


def looks(workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether a script on the way looks at the ref, or at what is made of it."""
    texts = [str(one.run or "") for one in job.steps[: step.index + 1]]
    texts += [str(one.run or "") for needed in above(workflow, job).values() for one in needed.steps]
    plain = [_CUTS.sub("", one) for one in texts]
    if any(_LOOKS.search(one) for one in plain):
        return True
    made = {found[1] for one in texts for found in _MADE.finditer(one)}
    judged = (line for one in plain for line in one.splitlines() if _JUDGES.search(line))
    return any(_NAMED.search(line) or any(name in line for name in made) for line in judged)

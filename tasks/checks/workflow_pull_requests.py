"""Whether the jobs that pull requests start leave alone what runs somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.deploying import deploys
from tasks.domain.emulated import emulated
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import above
from tasks.domain.phase import Phase
from tasks.domain.running_jobs import RunningJobs
from tasks.domain.script import Scripts
from tasks.domain.terraform import Terraform
from tasks.domain.workflow import Job, Workflow, Workflows

_ASKS = re.compile(
    r"event_name|github\.(?:event|ref|head|base)|ref_name|ref_type|GITHUB_(?:REF|EVENT|HEAD|BASE)|pull_request|"
    r"(?<![.\w])(?:vars|inputs)\.|dry.?run|toJSON\(github",
    re.IGNORECASE,
)
"""What tells pull requests from other events, or may: a job that says so may do less for them."""
_OF_ONE = re.compile(
    r"(?:^|[^a-z])(?:preview|pr|prs|pull|review|ephemeral|plan|tests?|testing|e2e|ci|dev\w*|sandbox)(?:[^a-z]|$)|\$",
    re.IGNORECASE,
)
"""A place, or a job, that is there for pull requests."""
_EVENTS = frozenset({"pull_request", "push"})
_CHANGES = ("environment:", "terraform", "tofu")


@check(
    "pull-request-deploys-nowhere",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Let the jobs run for pushes alone: `if: github.event_name == 'push'`, beside what they ask",
        minutes=5,
    ),
)
def pull_request_deploys_nowhere(
    workflows: Workflows, scripts: Scripts, terraform: Terraform
) -> Iterator[Answer]:
    """No job that each pull request starts changes what runs somewhere for everybody."""
    for workflow in workflows:
        text = workflow.source.text
        if (
            "pull_request" in text
            and any(one in text for one in _CHANGES)
            and set(workflow.events) >= _EVENTS
        ):
            yield from _of(workflow, scripts, emulated(scripts, terraform))


def _of(workflow: Workflow, scripts: Scripts, local: frozenset[tuple[str, int]]) -> Iterator[Answer]:
    filters = workflow.event("pull_request")
    types = [] if filters is None else [str(one) for one in filters.texts("types")]
    if types and not {"opened", "synchronize"} & set(types):
        return
    found = [
        (job, what) for job in workflow.jobs.values() if (what := deploys(workflow, job, scripts, local))
    ]
    told = [
        (job, what) for job, what in found if _runs(workflow, job) and not _OF_ONE.search(f"{job.id} {what}")
    ]
    if not told:
        if found:
            yield holds(workflow.file, "deploys for other events, or to a place for pull requests")
        return
    jobs = [str(job.id) for job, _ in told]
    what = listed(list(dict.fromkeys(one for _, one in told)))
    says = (
        f"each pull request from a branch of the repository itself {what} ({listed(jobs)}): "
        "no condition prevents it, only rules of the environment may"
    )
    places = [workflow.source.at(job.line) for job, _ in told]
    events = workflow.root.line_of("on")
    yield broken(workflow.file, says, *places[:MOST_PLACES], workflow.source.at(events))


def _runs(workflow: Workflow, job: Job) -> bool:
    """Tell whether a pull request runs a job as a push does: nothing that it waits for asks for the event."""
    if not any(one.event == "pull_request" for one in RunningJobs(workflow).of(job)):
        return False
    return not any(_ASKS.search(str(one.root)) for one in (job, *above(workflow, job).values()))

"""Whether a runner of one's own is there for the jobs that ask for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge_runner import SELF_HOSTED, ForgeRunners
from tasks.domain.lane import lanes
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.workflow import Workflow, Workflows
from tasks.domain.workflow_phase import stopped


@dataclass(frozen=True, kw_only=True)
class _Asking:
    name: str
    place: Evidence
    phase: Phase
    weight: Weight


@check("self-hosted-runner-there", phase=Phase.FIRST_RUN)
def self_hosted_runner_there(
    workflows: Workflows, runners: ForgeRunners | Unseen, settings: Settings
) -> Iterator[Answer]:
    """Every job for a machine of one's own finds a registered runner that has all the labels it asks for."""
    if isinstance(runners, Unseen) and not runners.asked:
        return
    asked: dict[tuple[str, ...], list[_Asking]] = {}
    for workflow in workflows:
        for labels, one in _asking(workflow, settings):
            asked.setdefault(labels, []).append(one)
    for labels, jobs in asked.items():
        yield _served(labels, jobs, runners, settings)


def _asking(workflow: Workflow, settings: Settings) -> Iterator[tuple[tuple[str, ...], _Asking]]:
    for job in workflow.jobs.values():
        if not job.runs_on or isinstance(job.root.get("runs-on"), Map):
            continue  # a group's runners are not told by label alone
        phase, weight = stopped(workflow, settings)
        one = _Asking(
            name=f"{job.id} of {workflow.file}",
            place=workflow.source.at(job.runs_on[0]),
            phase=phase,
            weight=weight if job.condition is None else Weight.WARNING,
        )
        for filled in dict.fromkeys(
            tuple(lane.text(label) for label in job.runs_on) for lane in lanes(workflow, job)
        ):
            labels = tuple(label for label in filled if label is not None)
            if len(labels) == len(filled) and SELF_HOSTED in (label.lower() for label in labels):
                yield labels, one


def _served(
    labels: tuple[str, ...], asking: list[_Asking], runners: ForgeRunners | Unseen, settings: Settings
) -> Answer:
    jobs = sorted(asking, key=lambda one: (one.weight is not Weight.BLOCKER, one.phase.order))
    subject = ", ".join(labels)
    first, places = jobs[0], [one.place for one in jobs[:MOST_PLACES]]
    names = listed([one.name for one in jobs], most=4)
    full_name = f"{settings.owner}/{settings.name}"
    remedy = Remedy(
        summary=f"If nothing starts runners with the labels {subject} by itself, register one, "
        "or let the jobs run on a machine of GitHub's",
        commands=(f"gh api --method POST repos/{full_name}/actions/runners/registration-token --jq .token",),
        url=f"https://github.com/{full_name}/settings/actions/runners/new",
        owner="github-admin",
        minutes=20,
    )
    if isinstance(runners, Unseen):
        told = (
            f"{names} asks for a runner with the labels {subject}; whether there is one could not be seen: "
        )
        told += runners.reason
        return unknown(subject, told, *places, remedy=remedy, phase=first.phase, weight=Weight.WARNING)
    fitting = [one for one in runners.runners if one.takes(labels)]
    if any(one.online for one in fitting):
        return holds(subject, "a runner waits for jobs")
    if fitting:
        told = f"every runner with the labels {subject} is offline: {names} would wait"
        return broken(subject, told, *places, remedy=remedy, phase=first.phase, weight=Weight.WARNING)
    if not runners.shared_seen:
        told = f"the repository has no runner with the labels {subject}, which {names} asks for; "
        told += f"what {settings.owner} shares with it could not be seen"
        return unknown(subject, told, *places, remedy=remedy, phase=first.phase, weight=Weight.WARNING)
    # Autoscalers (actions-runner-controller, RunsOn, Lambdas) register a runner when a job waits for it.
    told = f"no runner with the labels {subject} is registered now: {names} would wait for a day and then "
    told += "fail, unless something starts a runner for each job"
    return broken(subject, told, *places, remedy=remedy, phase=first.phase, weight=Weight.WARNING)

"""Whether a workflow that others call reads only what it has then: passed secrets, and inputs of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.use import Read
from tasks.domain.workflow import Job, Workflow, Workflows

_GIVEN = frozenset({"github_token", "actions_step_debug", "actions_runner_debug"})


@check(
    "called-workflow-has-secrets",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Pass the secrets to the call, or `secrets: inherit`", minutes=5),
)
def called_workflow_has_secrets(workflows: Workflows) -> Iterator[Answer]:
    """Every secret that a called workflow reads is passed by the call, inherited, or declared as optional."""
    calls = list(_calls(workflows))
    for caller, job, called in calls:
        if job.root.get("secrets") == "inherit" or any(one.environment for one in called.jobs.values()):
            continue  # a job with an environment has that one's secrets, whoever calls
        passed = {name.lower() for name in job.root.map("secrets")}
        declared = {name.lower() for name in (called.event("workflow_call") or Map()).map("secrets")}
        lacking = [
            one
            for one in called.reads
            if one.context == "secrets"
            and one.name is not None
            and one.name.lower() not in passed | declared | _GIVEN
            and not _is_optional(one)
            and not _is_left_out(one, called, job)
        ]
        subject = f"{caller.file}: {job.id}"
        if lacking:
            names = listed([str(one.name) for one in lacking])
            told = f"the call passes no secrets, and {called.file} reads {names}: empty texts"
            if passed:
                told = f"the call does not pass {names}, which {called.file} reads: empty texts"
            places = [called.source.at(one) for one in lacking]
            # Where another call passes them, this one may do without on purpose.
            others = (one for _, one, other in calls if other is called and one is not job)
            weight = Weight.NOTE if any("secrets" in one.root for one in others) else None
            at = (caller.source.at(job.action), *places[: MOST_PLACES - 1])
            yield broken(subject, told, *at, weight=weight)
        else:
            yield holds(subject, "passes what is read")


@check(
    "called-workflow-reads-inputs",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Read `inputs.NAME`: it has the value of a call and of a dispatch", minutes=5),
)
def called_workflow_reads_inputs(workflows: Workflows) -> Iterator[Answer]:
    """No called workflow reads `github.event.inputs`, where its caller's event is: a call leaves it empty."""
    yield from merged(_by_called(workflows))


def _by_called(workflows: Workflows) -> Iterator[Answer]:
    for caller, job, called in _calls(workflows):
        above = (
            [one for one in workflows if one is not called] if "workflow_call" in caller.events else [caller]
        )
        there = {name for one in above for name in _dispatched(one)}
        given = {name.lower() for name in (called.event("workflow_call") or Map()).map("inputs")}
        read = [
            one
            for one in called.reads
            if one.context == "github"
            and [str(part).lower() for part in one.path[:2]] == ["event", "inputs"]
            and len(one.path) == 3
            and not _is_optional(one)
            and not _is_read_beside(one, called)
        ]
        lost = [one for one in read if str(one.path[2]).lower() in given - there]
        if not lost and "workflow_dispatch" not in called.events:
            everywhere = {name for one in workflows for name in _dispatched(one)}
            unknown = [one for one in read if str(one.path[2]).lower() not in everywhere | given]
            if unknown:
                yield _defined_nowhere(caller, job, called, unknown)
                continue
        yield from _one_answer(caller, job, called, lost)


def _defined_nowhere(caller: Workflow, job: Job, called: Workflow, unknown: list[Read]) -> Answer:
    """Answer where the event of no caller can have what is read: not even a person can fill it in."""
    names = listed(list(dict.fromkeys(str(one.path[2]) for one in unknown)))
    told = f"reads {names} from `github.event.inputs`, and no workflow here has such an input: an empty text"
    places = [called.source.at(one) for one in unknown[: MOST_PLACES - 2]]
    remedy = Remedy(summary="Read an input that the workflow has, or leave it out", minutes=5)
    at = caller.source.at(job.action)
    return broken(called.file, told, *places, at, weight=Weight.NOTE, remedy=remedy)


def _one_answer(caller: Workflow, job: Job, called: Workflow, lost: list[Read]) -> Iterator[Answer]:
    """Answer for the called workflow, where the cause lies, with a place of the call."""
    if not lost:
        yield holds(called.file, "reads what a call has")
        return
    names = listed([str(one.path[2]) for one in lost])
    told = f"reads {names} from `github.event.inputs`, which is empty where other workflows call it"
    places = [called.source.at(one) for one in lost]
    yield broken(called.file, told, *places[: MOST_PLACES - 2], caller.source.at(job.action))


def _calls(workflows: Workflows) -> Iterator[tuple[Workflow, Job, Workflow]]:
    for workflow in workflows:
        for job in workflow.jobs.values():
            local = job.action.local if job.action is not None else None
            called = workflows.at(local) if local is not None else None
            if called is not None and "workflow_call" in called.events:
                yield workflow, job, called


def _dispatched(workflow: Workflow) -> Iterator[str]:
    return (name.lower() for name in (workflow.event("workflow_dispatch") or Map()).map("inputs"))


def _is_read_beside(read: Read, called: Workflow) -> bool:
    """Tell whether its step reads the input of a call too: its script then takes what is not empty."""
    name = str(read.path[2]).lower()
    return any(
        one.context == "inputs"
        and [str(part).lower() for part in one.path] == [name]
        and (one.use.job, one.use.step) == (read.use.job, read.use.step)
        for one in called.reads
    )


_ASKED = re.compile(r"inputs\.([\w-]+)")


def _is_left_out(read: Read, called: Workflow, call: Job) -> bool:
    """Tell whether a call leaves out the step or job that reads it, by an input that it leaves off."""
    job = called.jobs.get(read.use.job or "")
    step = next((one for one in job.steps if one.index == read.use.step), None) if job is not None else None
    conditions = [one.condition for one in (job, step) if one is not None]
    asked = [part.strip() for one in conditions for part in str(one or "").strip(" ${}").split("&&")]
    names = (found[1] for part in asked if (found := _ASKED.fullmatch(part)))
    return any(_is_off(name, called, call) for name in names)


def _is_off(name: str, called: Workflow, call: Job) -> bool:
    declared = (called.event("workflow_call") or Map()).map("inputs").map(name)
    given = call.inputs.get(name) if name in call.inputs else declared.get("default")
    return given is None or given is False or given == ""


def _is_optional(read: Read) -> bool:
    """Tell whether the expression asks if the value is there, or has another one for the case that not."""
    return read.use.condition or any(mark in read.use.source for mark in ("||", "&&", "==", "!="))

"""Whether the conditions of jobs and steps are conditions, and can ever hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.expression import Node, references
from tasks.domain.expression.tree import Call, Comparison, Context, Index, Literal, Logical
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.generated import is_generated
from tasks.domain.phase import Phase
from tasks.domain.run_start import OBJECTS, said
from tasks.domain.running_jobs import RunningJobs
from tasks.domain.text_condition import around_expression, braced_conditions
from tasks.domain.use import CLOSE
from tasks.domain.workflow import Workflow, Workflows


@check(
    "condition-is-no-text",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put the whole condition into one `${{ }}`, or leave the braces out", minutes=5),
)
def condition_is_no_text(workflows: Workflows) -> Iterator[Answer]:
    """No `if:` has text around its `${{ }}`: GitHub takes the whole for a text, which always holds."""
    yield from of_one_cause(_texts(workflows))


def _texts(workflows: Workflows) -> Iterator[Answer]:
    for workflow in workflows:
        for where, condition in braced_conditions(workflow):
            subject = f"{workflow.file}: {where}"
            around = around_expression(condition)
            if around is not None:
                told = f"the condition always holds: {around} around `${{{{ }}}}` makes it a text"
                yield broken(subject, told, workflow.source.at(condition.first_line))
            elif condition.endswith(CLOSE):
                yield holds(subject, "is one expression")


@check(
    "condition-event-can-happen",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Add the event to `on:`, or take the condition out", minutes=5),
)
def condition_event_can_happen(workflows: Workflows) -> Iterator[Answer]:
    """No `if:` waits for an event, or a tag, that never starts its workflow; by hand some job runs."""
    own = [one for one in workflows if "workflow_call" not in one.events and one.events]
    yield from of_one_cause(answer for one in own for answer in _starts_nothing(one))
    yield from of_one_cause(answer for one in own for answer in _never_hold(one))
    yield from of_one_cause(answer for one in own for answer in _never_together(one))


def _never_hold(workflow: Workflow) -> Iterator[Answer]:
    for use in workflow.uses:
        if not use.condition or use.node is None:
            continue
        # A step that is left out is one thing, a job that never runs another.
        weight = Weight.WARNING if _OF_JOB.fullmatch(use.where) else None
        for events in _demanded(use.node):
            subject = f"{workflow.file}: {use.where}"
            if not events.isdisjoint(workflow.events):
                yield holds(subject, "can happen")
            else:
                names = " or ".join(map(repr, sorted(events)))
                told = f"never holds: `on:` does not name {names} (it names {', '.join(workflow.events)})"
                yield broken(subject, told, workflow.source.at(use), weight=weight)
        if any(map(_wants_tag, _all_of(use.node))):
            subject = f"{workflow.file}: {use.where}"
            if not _on_branches_only(workflow):
                yield holds(subject, "can run on a tag")
                continue
            told = (
                f"never holds: no tag starts this ({', '.join(workflow.events)}, and pushes only of branches)"
            )
            yield broken(subject, told, workflow.source.at(use), weight=weight, remedy=_TAG)


def _never_together(workflow: Workflow) -> Iterator[Answer]:
    """Go through the conditions that no way in which the workflow begins makes true."""
    asking = [use for use in workflow.uses if use.condition and re.search(r"github\.|inputs\.", use.source)]
    if not asking or is_generated(workflow.source.text):
        return
    running = RunningJobs(workflow)
    told = {answer.subject for answer in _never_hold(workflow) if answer.verdict is Verdict.BROKEN}
    for use in asking:
        job = workflow.jobs.get(use.job or "") if use.node is not None else None
        subject = f"{workflow.file}: {use.where}"
        if job is None or not running.starts or subject in told:
            continue
        own = running.asked(*use.way[:-1])
        of_job = _OF_JOB.fullmatch(use.where) is not None
        asked = running.of(job)
        if not own:
            begins = said(running.starts)
            why = f"never holds: a run begins by {begins}"
            yield broken(
                subject, why, workflow.source.at(use), weight=Weight.WARNING if of_job else None, remedy=_OUT
            )
        elif not of_job and asked and not any(one in own for one in asked):
            begins = said(asked)
            why = f"never holds in the job {str(job.id)!r}, which runs only on {begins}"
            yield broken(subject, why, workflow.source.at(use), remedy=_OUT)


def _starts_nothing(workflow: Workflow) -> Iterator[Answer]:
    """Tell of a start by hand with which no job can run: each waits for what only other events bring."""
    jobs = workflow.jobs.values()
    by_hand = next((one for one in workflow.events if one == _BY_HAND), None)
    if by_hand is None or len(workflow.events) == 1 or not any(job.condition is not None for job in jobs):
        return
    running = RunningJobs(workflow)
    starts = [one for one in running.starts if one.event == _BY_HAND]
    runs = {start for job in jobs for start in running.of(job)}
    if not starts or not runs or not runs.isdisjoint(starts):
        return  # a workflow that nothing makes run is told of below
    told = "started by hand it runs no job: each waits for what only other events bring"
    asking = [job for job in jobs if job.condition is not None and not job.needs]
    places = [workflow.source.at(by_hand), *(workflow.source.at(job.root.line_of("if")) for job in asking)]
    yield broken(
        f"{workflow.file}: {_BY_HAND}", told, *places[:MOST_PLACES], weight=Weight.WARNING, remedy=_BY_OTHERS
    )


@check(
    "needed-job-runs-too",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="workflow-conditions",
    remedy=Remedy(
        summary="Take the job out of `needs:`, or let it run also where the other one was left out: "
        "`if: ${{ !failure() && !cancelled() && ... }}`",
        minutes=10,
    ),
)
def needed_job_runs_too(workflows: Workflows) -> Iterator[Answer]:
    """No job waits for one that is left out whenever the job itself could run: it would be left out too."""
    for workflow in workflows:
        jobs = workflow.jobs.values()
        if any(job.needs for job in jobs) and any(job.condition is not None for job in jobs):
            yield from _left_out(workflow)


def _left_out(workflow: Workflow) -> Iterator[Answer]:
    running = RunningJobs(workflow)
    for job in workflow.jobs.values() if running.starts else ():
        own = running.asked("jobs", str(job.id))
        if not job.needs or not own:
            continue  # what can never hold alone is for ``condition-event-can-happen``
        subject = f"{workflow.file}: {job.id}"
        if running.of(job):
            yield holds(subject, "can run with those that it needs")
            continue
        needed = running.needed(job)
        if not all(running.of(one) for one in needed):
            continue  # one of those never runs at all, and is told of
        rare = [one for one in needed if running.of(one) != running.starts]
        others = listed([f"{str(one.id)!r} (only on {said(running.of(one))})" for one in rare])
        alone = f"it runs only on {said(own)}, and " if own != running.starts else ""
        told = f"never runs: {alone}waits for {others}, and is left out with it"
        places = [
            workflow.source.at(one.root.line_of("if") if one.condition is not None else one)
            for one in (job, *rare)
        ]
        yield broken(subject, told, *places)


_BY_HAND = "workflow_dispatch"
_BY_OTHERS = Remedy(
    summary="Let the condition hold for a start by hand too (give what it needs as an input), or take "
    "`workflow_dispatch` out of `on:`",
    minutes=10,
)
_OUT = Remedy(summary="Let the workflow begin that way, or take the condition out", minutes=5)
_TAG = Remedy(summary="Let tags start it by `on.push.tags`, or take the condition out", minutes=5)
_NEVER_ON_TAG = frozenset({"merge_group", "pull_request", "pull_request_target", "push", "schedule"})


def _on_branches_only(workflow: Workflow) -> bool:
    """Tell whether a run of the workflow never has a tag for its ref."""
    push = workflow.event("push")
    if push is not None and ("branches" not in push or "tags" in push or "tags-ignore" in push):
        return False
    return set(workflow.events) <= _NEVER_ON_TAG


def _wants_tag(node: Node) -> bool:
    """Tell whether an expression holds only on a tag."""
    if isinstance(node, Call) and node.name in ("startswith", "contains") and len(node.arguments) == 2:
        place, text = node.arguments
        return _of_github(place) == "ref" and _says(text).startswith("refs/tags/")
    if isinstance(node, Comparison) and node.operator == "==":
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if _of_github(one) == "ref_type" and _says(other) == "tag":
                return True
            if _of_github(one) == "ref" and _says(other).startswith("refs/tags/"):
                return True
    return False


def _says(node: Node) -> str:
    return node.value.lower() if isinstance(node, Literal) and isinstance(node.value, str) else ""


def _all_of(node: Node) -> Iterator[Node]:
    """Go through the parts of a condition all of which have to hold."""
    if isinstance(node, Logical) and node.operator == "&&":
        for one in node.values:
            yield from _all_of(one)
    else:
        yield node


_OF_JOB = re.compile(r"jobs\.[^.]+\.if")


def _demanded(node: Node) -> Iterator[frozenset[str]]:
    """Go through the events without which a condition cannot hold: one of each set has to come."""
    if isinstance(node, Logical) and node.operator == "&&":
        for one in node.values:
            yield from _demanded(one)
    if isinstance(node, Comparison) and node.operator == "==":
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if not isinstance(other, Literal):
                continue
            if _is_event(one) and isinstance(other.value, str):
                yield frozenset({other.value})
            elif other.value:  # nothing equals '', false and 0
                yield from _of_object(one)
    yield from _of_object(node)


def _of_object(node: Node) -> Iterator[frozenset[str]]:
    """Give the events that bring what is read, when it is a part of one kind of event's own object."""
    for read in references(node) if isinstance(node, Index) else ():
        if read.context == "github" and [str(one).lower() for one in read.path[:1]] == ["event"]:
            events = OBJECTS.get(str(read.path[1]).lower()) if len(read.path) > 1 else None
            if events is not None:
                yield events


def _is_event(node: Node) -> bool:
    return _of_github(node) == "event_name"


def _of_github(node: Node) -> str | None:
    """Return what is read of ``github``, in lower case."""
    if not isinstance(node, Index) or not isinstance(node.of, Context) or not isinstance(node.key, Literal):
        return None
    return str(node.key.value).lower() if node.of.name.lower() == "github" else None

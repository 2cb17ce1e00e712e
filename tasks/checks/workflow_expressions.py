"""Whether what expressions read is there: where they stand, and under the name they use."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Collection, Iterator

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.context import ALL, HASH, PROPERTIES, STATUS, Offer, offered, offered_in_action
from tasks.domain.expression import Node, calls, references
from tasks.domain.expression.tree import Comparison, Context, Index, Literal, Logical, walk
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lane import lanes
from tasks.domain.located import Map, Seq, Text
from tasks.domain.phase import Phase
from tasks.domain.source import Source
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.use import CLOSE, OPEN, Read, Use, Way, spans
from tasks.domain.workflow import Job, Workflow, Workflows

_MEANT = "did you mean"
_NAME = Remedy(summary="Name what is there, or declare it", minutes=5)


@check(
    "expression-context-available",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Read it where GitHub offers it, for instance in a step's env", minutes=10),
)
def expression_context_available(workflows: Workflows) -> Iterator[Answer]:
    """Every expression reads only contexts and calls only functions that GitHub offers in its place."""
    for workflow in workflows:
        yield from _offered(workflow.source, workflow.file, workflow.uses, offered)
    for action in workflows.actions:
        if action.using == "composite":
            yield from _offered(action.source, action.source.path, action.uses, offered_in_action)


def _offered(
    source: Source, file: str, uses: Collection[Use], offer: Callable[[Way], Offer | None]
) -> Iterator[Answer]:
    wrong = False
    for use in uses:
        refused = None if use.node is None else _refused(use.node, offer(use.way))
        if refused is not None:
            wrong = True
            subject = f"{file}: {use.where}: {refused[0]}"
            told = f"GitHub refuses `{use.source}` in {use.where}: {refused[1]}"
            yield broken(subject, told, source.at(use))
    if not wrong:
        yield holds(file, "every context is offered where it is read")


def _refused(node: Node, offer: Offer | None) -> tuple[str, str] | None:
    contexts = ALL if offer is None else offer.contexts
    for reference in references(node):
        if reference.context not in contexts:
            there = ", ".join(sorted(contexts))
            return reference.context, f"there is no {reference.context!r} here (there are {there})"
    for call in calls(node) if offer is not None else ():
        if offer is not None and call.name in STATUS | HASH and call.name not in offer.functions:
            return f"{call.name}()", f"the function {call.name}() is not offered here"
    return None


@check("expression-name-exists", phase=Phase.FIRST_RUN, weight=Weight.WARNING, remedy=_NAME)
def expression_name_exists(workflows: Workflows) -> Iterator[Answer]:
    """Every `needs.x`, `steps.x`, `matrix.x`, `inputs.x` and `github.x` that an expression reads is there."""
    yield from of_one_cause(_names(workflows))


def _names(workflows: Workflows) -> Iterator[Answer]:
    for workflow in workflows:
        # The heaviest place comes first: it decides.
        answers = list(merged(sorted(_absent(workflow), key=lambda one: one.weight is Weight.NOTE)))
        yield from answers
        if not answers:
            yield holds(workflow.file, "every name that is read is there")


def _absent(workflow: Workflow) -> Iterator[Answer]:
    for read in workflow.reads:
        told = None if read.name is None else _why_absent(workflow, read)
        if told is None or _never_runs(workflow, read):
            continue
        job = f"{read.use.job}: " if read.context in ("needs", "steps", "matrix") else ""
        path = itertools.takewhile(lambda one: one is not None, read.path)
        told = f"`{'.'.join([read.context, *map(str, path)])}` is empty: {told}"
        weight = Weight.NOTE if _is_for_show(read.use) else None
        if _has_other_value(read) and _MEANT not in told:
            told, weight = f"{told}; what follows it is taken", Weight.NOTE
        subject = f"{workflow.file}: {job}{read.context}.{read.name}"
        yield broken(subject, told, workflow.source.at(read), weight=weight)


_SHOWN = ("name", "run-name", "key", "restore-keys", "shared-key", "prefix-key")
"""Keys whose text people read, or that only tell caches and artifacts apart: a part of it may be empty."""


def _is_for_show(use: Use) -> bool:
    return use.key in _SHOWN and not {"env", "inputs", "outputs", "matrix"}.intersection(use.way[:-1])


def _never_runs(workflow: Workflow, read: Read) -> bool:
    """Tell whether a step never runs for want of it: that is for ``step-runs-in-a-lane``."""
    job = workflow.jobs.get(read.use.job or "")
    if job is None or not job.lanes or read.context != "matrix" or not read.use.condition:
        return False
    step = next((one for one in job.steps if one.index == read.use.step), None)
    return step is not None and all(lane.condition(step.condition) is False for lane in lanes(workflow, job))


def _has_other_value(read: Read) -> bool:
    """Tell whether `||` gives another value where the name is empty."""
    node = read.use.node
    return any(
        isinstance(value, Index)
        and any((one.context, one.path) == (read.context, read.path) for one in references(value))
        for one in (walk(node) if node is not None else ())
        if isinstance(one, Logical) and one.operator == "||"
        for value in one.values[:-1]
    )


def _why_absent(workflow: Workflow, read: Read) -> str | None:
    name = str(read.name)
    job = workflow.jobs.get(read.use.job or "")
    if read.context in PROPERTIES:
        known: Collection[str] = PROPERTIES[read.context]
        if read.context == "github" and [str(one).lower() for one in read.path[:2]] == ["event", "inputs"]:
            return _undeclared(workflow, str(read.path[2]), ("workflow_dispatch",)) if read.path[2:] else None
        if name.lower() in known:
            return None
        return f"the context {read.context!r} has no {name!r}{_near(name, known)}"
    if read.context == "inputs":
        return _undeclared(workflow, name, ("workflow_dispatch", "workflow_call"))
    if job is None:
        return None
    if read.context == "needs":
        return None if name.lower() in _lower(job.needs) else _not_needed(job, name, workflow)
    if read.context == "steps":
        return _no_step(job, name, read.use)
    return _no_dimension(job, name) if read.context == "matrix" else None


def _undeclared(workflow: Workflow, name: str, events: tuple[str, ...]) -> str | None:
    if name == "None" or (events == ("workflow_dispatch",) and "workflow_call" in workflow.events):
        # A called workflow sees the event of its caller.
        return None
    asked = [event for event in events if event in workflow.events]
    if not asked:
        return f"the workflow is started by {', '.join(workflow.events)}, which have no inputs"
    known = [one.name for event in asked for one in dispatch_inputs(workflow.triggers, event) or ()]
    if name.lower() in _lower(known):
        return None
    return f"the workflow declares no input {name!r}{_near(name, known)}"


def _not_needed(job: Job, name: str, workflow: Workflow) -> str:
    if name.lower() in _lower(workflow.jobs):
        return f"the job {job.id!r} does not name {name!r} in its `needs`"
    return f"the job {job.id!r} needs no {name!r}{_near(name, job.needs)}"


def _no_step(job: Job, name: str, use: Use) -> str | None:
    ids: dict[str, int] = {}
    for step in job.steps:
        for id_ in _ids(step.root):
            ids.setdefault(id_.lower(), step.index)
    at = ids.get(name.lower())
    if at is None:
        return f"no step of the job {job.id!r} has the id {name!r}{_near(name, ids)}"
    if use.step is not None and at >= use.step and len(use.way) > 4:
        itself = at == use.step and use.key != "if"
        return None if itself else f"the step {name!r} has not run when it is read"
    return None


def _ids(root: Map) -> Iterator[str]:
    id_ = root.text("id")
    if id_ is not None:
        yield str(id_)
    for inner in root.seq("parallel"):
        if isinstance(inner, Map):
            yield from _ids(inner)


def _no_dimension(job: Job, name: str) -> str | None:
    if job.matrix is None:
        return f"the job {job.id!r} has no matrix"
    if not isinstance(job.matrix, Map):
        return None
    known = [str(key) for key in job.matrix if key not in ("include", "exclude")]
    include = job.matrix.get("include")
    if isinstance(include, Text) or any("${{" in key for key in known):
        return None
    for entry in include if isinstance(include, Seq) else ():
        if not isinstance(entry, Map):
            return None
        known += [str(key) for key in entry]
    if name.lower() in _lower(known):
        return None
    return f"the matrix of the job {job.id!r} has no {name!r}{_near(name, known)}"


def _lower(names: Collection[str]) -> set[str]:
    return {str(name).lower() for name in names}


def _near(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name.lower(), sorted(_lower(known)), n=1)
    return f"; {_MEANT} {close[0]!r}?" if close else ""


@check(
    "condition-is-no-text",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put the whole condition into one `${{ }}`, or leave the braces out", minutes=5),
)
def condition_is_no_text(workflows: Workflows) -> Iterator[Answer]:
    """No `if:` has text around its `${{ }}`: GitHub takes the whole for a text, which always holds."""
    for workflow in workflows:
        for where, condition in _conditions(workflow):
            if not isinstance(condition, Text) or OPEN not in condition:
                continue
            subject = f"{workflow.file}: {where}"
            found = list(spans(condition))
            if len(found) == 1 and found[0] == (0, len(condition)):
                yield holds(subject, "is one expression")
            elif all(end >= 0 for _, end in found):
                around = "a line end" if condition.strip().endswith(CLOSE) and len(found) == 1 else "text"
                told = f"the condition always holds: {around} around `${{{{ }}}}` makes it a text"
                yield broken(subject, told, workflow.source.at(condition.first_line))


def _conditions(workflow: Workflow) -> Iterator[tuple[str, object]]:
    for job in workflow.jobs.values():
        yield f"{job.id}", job.condition
        for step in job.steps:
            yield f"{job.id}: {step.label}", step.condition


@check(
    "condition-event-can-happen",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Add the event to `on:`, or take the condition out", minutes=5),
)
def condition_event_can_happen(workflows: Workflows) -> Iterator[Answer]:
    """No `if:` waits for an event that never starts its workflow."""
    for workflow in workflows:
        if "workflow_call" not in workflow.events and workflow.events:
            yield from of_one_cause(_never_hold(workflow))


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


_OF_JOB = re.compile(r"jobs\.[^.]+\.if")
_OBJECTS = {
    "deployment_status": frozenset({"deployment_status"}),
    "pull_request": frozenset(
        {"pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"}
    ),
    "release": frozenset({"release"}),
    "workflow_run": frozenset({"workflow_run"}),
}
"""What only these events bring as `github.event.KEY`, from GitHub's description of their payloads."""


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
            events = _OBJECTS.get(str(read.path[1]).lower()) if len(read.path) > 1 else None
            if events is not None:
                yield events


def _is_event(node: Node) -> bool:
    return (
        isinstance(node, Index)
        and isinstance(node.of, Context)
        and node.of.name.lower() == "github"
        and isinstance(node.key, Literal)
        and str(node.key.value).lower() == "event_name"
    )

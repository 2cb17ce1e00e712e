"""Whether what expressions read is there: where they stand, and under the name they use."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from tasks.domain.answers import as_one, listed, merged
from tasks.domain.argument_default import has_default
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.context import ALL, HASH, PROPERTIES, STATUS, Offer, offered, offered_in_action
from tasks.domain.dispensable import is_in_message, only_adds_words
from tasks.domain.edit_command import Edit, corrected
from tasks.domain.evidence import Evidence
from tasks.domain.expression import Node, calls, references
from tasks.domain.expression.tree import Index, Logical, Not, walk
from tasks.domain.finding import Remedy, Weight
from tasks.domain.handed_on import is_handed_to_nobody
from tasks.domain.key_edit import needing
from tasks.domain.lane import lanes
from tasks.domain.located import Map, Seq, Text
from tasks.domain.needed_value import stops_without
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Source
from tasks.domain.spelling import slips
from tasks.domain.trigger import dispatch_inputs
from tasks.domain.use import Read, Use, Way
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
def expression_name_exists(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every `needs.x`, `steps.x`, `matrix.x`, `inputs.x` and `github.x` that an expression reads is there."""
    found: list[Answer] = []
    for workflow in workflows:
        # The heaviest place comes first: it decides.
        answers = list(merged(sorted(_absent(workflow, scripts), key=_mildness)))
        found += _of_one_lack(answers)
        if not answers:
            yield holds(workflow.file, "every name that is read is there")
    yield from _of_all_jobs(sorted(found, key=_mildness))


def _mildness(answer: Answer) -> int:
    return (Weight.BLOCKER, None, Weight.NOTE).index(answer.weight)


_JOB = re.compile(r"the job ('[^']+')")


def _of_all_jobs(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Put together what jobs that were copied from each other lack: one message, the places of all."""
    alike: dict[str, list[Answer]] = {}
    for answer in answers:
        alike.setdefault(_JOB.sub("", answer.message), []).append(answer)
    for first, *others in alike.values():
        named = [_named_job(one, first) for one in others if _JOB.search(one.message)]
        more = f"; likewise in {listed(named, most=3)}" if named else ""
        yield replace(as_one(first, [first, *others]), message=first.message + more)


def _named_job(answer: Answer, first: Answer) -> str:
    """Return the job that an answer is about, with its file where that is another one."""
    found, file = _JOB.search(answer.message), answer.subject.partition(": ")[0]
    return f"{found and found[1]}{'' if first.subject.startswith(f'{file}: ') else f' of {file}'}"


_EMPTY = re.compile(r"^(?P<names>`[^`]+`) is empty: (?P<why>.*(?:no inputs|no matrix)(?:;.*)?)$")


def _of_one_lack(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Put together the names that are empty because there is no matrix, or are no inputs, at all."""
    alike: dict[str, list[Answer]] = {}
    for answer in answers:
        found = _EMPTY.match(answer.message)
        if found is None:
            yield answer
        else:
            alike.setdefault(found["why"], []).append(answer)
    for why, lacking in alike.items():
        names = [one.message.partition(" is empty")[0] for one in lacking]
        told = f"{listed(names)} {'is' if len(names) == 1 else 'are'} empty: {why}"
        yield replace(as_one(lacking[0], lacking), message=told)


_PRINTED = re.compile(r"\s*(?:-\s+)?(?:run:\s*)?echo\s[^|>;&]*")


def _is_printed(workflow: Workflow, use: Use) -> bool:
    """Tell whether a script only writes it into its log."""
    return use.key == "run" and _PRINTED.fullmatch(workflow.source.line(use.line) or "") is not None


def _absent(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for read in workflow.reads:
        told = None if read.name is None else _why_absent(workflow, read)
        if told is None or _never_runs(workflow, read) or is_handed_to_nobody(workflow, read.use):
            continue
        job = f"{read.use.job}: " if read.context in ("needs", "steps", "matrix") else ""
        path = itertools.takewhile(lambda one: one is not None, read.path)
        told = f"`{'.'.join([read.context, *map(str, path)])}` is empty: {told}"
        shown = read.use.is_for_show or is_in_message(workflow, read.use) or _is_printed(workflow, read.use)
        weight = Weight.NOTE if shown or _is_denied(read) else None
        if _has_other_value(read) and _MEANT not in told:
            told, weight = f"{told}; what follows it is taken", Weight.NOTE
        elif weight is None and has_default(scripts, workflow, read.use):
            told, weight = f"{told}; the script has a default for it", Weight.NOTE
        elif weight is None and _MEANT not in told and only_adds_words(workflow, read):
            told, weight = f"{told}; the command goes without it", Weight.NOTE
        elif weight is None and (stop := stops_without(workflow, scripts, read)) is not None:
            told, weight = f"{told}; {stop}" if _MEANT not in told else told, Weight.BLOCKER
        subject = f"{workflow.file}: {job}{read.context}.{read.name}"
        place = workflow.source.at(read)
        job_read = workflow.jobs.get(read.use.job or "")
        edits = _edits(read, told, place)
        if read.context == "needs" and job_read is not None and not edits:
            edits = needing(workflow, job_read, str(read.name))
        remedy = _wait(job_read, str(read.name)) if edits and not edits[0].meant and job_read else None
        if told.endswith(_TOO_EARLY):
            remedy = _before(str(read.name))
        elif _ITS_OWN in told:
            remedy = Remedy(summary="Read it in a later step, or as what the script has of it", minutes=5)
        yield broken(subject, told, place, weight=weight, edits=edits, remedy=remedy)


def _wait(job: Job, name: str) -> Remedy:
    return Remedy(summary=f"Let the job {job.id} need {name}", minutes=2)


_TOO_EARLY = "has not run when it is read"
_ITS_OWN = "has results only when it has ended, and reads its own"


def _before(step: str) -> Remedy:
    move = f"Move the step {step} above the first one that reads it, or what reads it below"
    return Remedy(summary=move, minutes=5)


def _edits(read: Read, told: str, place: Evidence) -> tuple[Edit, ...]:
    """Return the edit that reads the one name that is nearly so, as it is written there."""
    meant = _SUGGESTED.search(told)
    if meant is None or read.name is None or slips(read.name.lower(), meant[1]) > _SLIPS:
        return ()
    return corrected(f"{read.context}.{read.name}", f"{read.context}.{meant[1]}", place, often=True)


_SUGGESTED = re.compile(rf"; {_MEANT} '([^']+)'\?$")
_SLIPS = 2  # letters: what is less alike is shown as a question only


def _is_denied(read: Read) -> bool:
    """Tell whether only the contrary of what is read counts: without the name it always holds."""
    node = read.use.node
    return any(
        isinstance(one, Not)
        and isinstance(one.of, Index)
        and any((of.context, of.path) == (read.context, read.path) for of in references(one.of))
        for one in (walk(node) if node is not None else ())
    )


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
    return _no_dimension(workflow, job, read) if read.context == "matrix" else None


def _undeclared(workflow: Workflow, name: str, events: tuple[str, ...]) -> str | None:
    if name == "None" or (events == ("workflow_dispatch",) and "workflow_call" in workflow.events):
        # A called workflow sees the event of its caller.
        return None
    asked = [event for event in events if event in workflow.events]
    if not asked:
        have = "has" if len(workflow.events) == 1 else "have"
        return f"the workflow is started by {listed([*workflow.events])}, which {have} no inputs"
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
        if at == use.step and use.key != "if":
            return f"the step {name!r} {_ITS_OWN}"
        return f"the step {name!r} {_TOO_EARLY}"
    return None


def _ids(root: Map) -> Iterator[str]:
    id_ = root.text("id")
    if id_ is not None:
        yield str(id_)
    for inner in root.seq("parallel"):
        if isinstance(inner, Map):
            yield from _ids(inner)


def _no_dimension(workflow: Workflow, job: Job, read: Read) -> str | None:
    name = str(read.name)
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
    if name.lower() in _lower(known) or (read.use.key != "runs-on" and _is_set_aside(workflow, job, name)):
        return None
    return f"the matrix of the job {job.id!r} has no {name!r}{_near(name, known)}"


def _is_set_aside(workflow: Workflow, job: Job, name: str) -> bool:
    """Tell whether a lane that is commented out gives the key: the others did without it beside that one."""
    begin = job.root.line_of("strategy")
    below = [line for line in job.root.places.values() if line > begin]
    end = min(below, default=len(workflow.source.lines) + 1)
    given = re.compile(rf"^\s*#.*\b{re.escape(name)}\s*:", re.IGNORECASE)
    return any(given.match(line) for line in workflow.source.lines[begin : end - 1])


def _lower(names: Collection[str]) -> set[str]:
    return {str(name).lower() for name in names}


def _near(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name.lower(), sorted(_lower(known)), n=1)
    return f"; {_MEANT} {close[0]!r}?" if close else ""

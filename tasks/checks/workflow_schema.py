"""Whether each key and value of a workflow file is one that GitHub accepts in its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import suggested
from tasks.domain.finding import Remedy, Weight
from tasks.domain.located import Map, Seq, Text
from tasks.domain.phase import Phase
from tasks.domain.workflow import Workflow, Workflows
from tasks.domain.workflow_grammar import (
    CALL,
    CONCURRENCY,
    CONTAINER,
    ENVIRONMENT,
    JOB,
    RUN_STEP,
    STRATEGY,
    TOP,
    USES_STEP,
    WAITING_STEP,
)

_ELSEWHERE = Remedy(summary="Move it out of .github/workflows, where only workflows belong", minutes=5)
_MEND = Remedy(summary="Write the key as GitHub knows it, commit and push", minutes=5)
_NO_MAPPING = "is not a mapping"
_ACTION = re.compile(r"[^/@\s]+/[^/@\s]+(?:/[^@\s]+)?@\S+")


@dataclass(frozen=True, kw_only=True)
class _Fault:
    """One place that GitHub refuses."""

    where: str
    told: str
    line: int


@check("workflow-schema", phase=Phase.FIRST_RUN, remedy=_MEND)
def workflow_schema(workflows: Workflows) -> Iterator[Answer]:
    """Every key of a workflow file is known where it stands, has the right kind of value, and none lacks."""
    for workflow in workflows:
        # One slip copied from step to step is one cause.
        yield from of_one_cause(_refused(workflow))


def _refused(workflow: Workflow) -> Iterator[Answer]:
    root = workflow.root
    if not workflow.triggers and not workflow.jobs and not {"on", "jobs"} & set(root):
        told = "GitHub takes it for a workflow and refuses it: it has neither `on:` nor `jobs:`"
        yield broken(workflow.file, told, workflow.source.at(1), weight=Weight.WARNING, remedy=_ELSEWHERE)
        return
    # Where keys are written twice a job's content is often behind the next one's name.
    faults = [one for one in _file(root) if not (workflow.repeated and one.told.endswith(_NO_MAPPING))]
    for fault in faults:
        subject = f"{workflow.file}: {fault.where}"
        place = workflow.source.at(fault.line)
        edits = suggested(fault.told, place)
        yield broken(subject, f"GitHub refuses the file: {fault.told}", place, edits=edits)
    if not faults:
        yield holds(workflow.file, "every key has its place")


def _file(root: Map) -> Iterator[_Fault]:
    yield from _unknown(root, TOP, "")
    if root.get("on") in (None, ""):
        yield _Fault(where="on", told="no event is given in `on:`", line=root.line_of("on"))
    yield from _scalars(root, "env", "env")
    yield from _concurrency(root, "")
    yield from _defaults(root, "")
    jobs = root.get("jobs")
    if not isinstance(jobs, Map) or not jobs:
        yield _Fault(where="jobs", told="it has no job", line=root.line_of("jobs"))
        return
    for id_, job in jobs.items():
        where = f"jobs.{id_}"
        if isinstance(job, Map):
            yield from _job(job, where, jobs.line_of(id_))
        else:
            yield _Fault(where=where, told=f"the job {id_!r} {_NO_MAPPING}", line=jobs.line_of(id_))


def _job(job: Map, where: str, line: int) -> Iterator[_Fault]:
    name = where.removeprefix("jobs.")
    calls = "uses" in job
    yield from _unknown(job, CALL if calls else JOB, f"{where}.")
    if not calls and job.get("runs-on") in (None, "", []):
        yield _Fault(where=where, told=f"the job {name!r} says nowhere what it runs on", line=line)
    for key in ("needs", "runs-on"):
        yield from _names(job, key, where)
    yield from _concurrency(job, f"{where}.")
    yield from _strategy(job, where)
    if calls:
        yield from _called(job, where)
        return
    yield from _number(job, "timeout-minutes", where)
    yield from _boolean(job, "continue-on-error", where)
    for key in ("env", "outputs"):
        yield from _scalars(job, key, f"{where}.{key}")
    yield from _defaults(job, f"{where}.")
    for key, known, needed in (("environment", ENVIRONMENT, "name"), ("container", CONTAINER, "image")):
        yield from _either(job, key, where, known, needed)
    steps = job.get("steps")
    if not isinstance(steps, Seq) or not steps:
        yield _Fault(where=f"{where}.steps", told=f"the job {name!r} has no steps", line=line)
        return
    for index, (step, at) in enumerate(zip(steps, steps.places, strict=True)):
        yield from _step(step, f"{where}.steps[{index}]", at)


def _called(job: Map, where: str) -> Iterator[_Fault]:
    uses = job.text("uses")
    if uses is None or not (uses.startswith(("./", "$/")) or _ACTION.fullmatch(uses)):
        told = f"{str(uses or '')!r} is no `./.github/workflows/file.yml` and no `owner/repo/path@ref`"
        yield _Fault(where=f"{where}.uses", told=told, line=job.line_of("uses"))


def _step(step: object, where: str, line: int) -> Iterator[_Fault]:
    if not isinstance(step, Map):
        yield _Fault(where=where, told="the step is not a mapping", line=line)
        return
    if any(key in step for key in ("wait", "wait-all", "cancel", "parallel")):
        yield from _unknown(step, WAITING_STEP, f"{where}.")
        return
    if "run" in step and "uses" in step:
        told = "the step has both `run` and `uses`: it can do one of them"
        yield _Fault(where=where, told=told, line=max(step.line_of("run"), step.line_of("uses")))
        return
    if "run" not in step and "uses" not in step:
        told = f"the step has neither `run` nor `uses`{_near([*step], ('run', 'uses'))}"
        meant = next((key for key in step if _near([key], ("run", "uses"))), None)
        yield _Fault(where=where, told=told, line=line if meant is None else step.line_of(meant))
        return
    if "run" in step:
        other = [key for key in step if key == "with"]
        yield from (
            _Fault(
                where=f"{where}.{key}",
                told="`with` belongs to `uses`; a `run` takes `env`",
                line=step.line_of(key),
            )
            for key in other
        )
        yield from _unknown(step, RUN_STEP | {"with"}, f"{where}.")
        if isinstance(step.get("run"), (Map, Seq)):
            yield _Fault(where=f"{where}.run", told="`run` is not a text", line=step.line_of("run"))
    else:
        yield from _unknown(step, USES_STEP, f"{where}.")
        yield from _uses(step, where)
        yield from _scalars(step, "with", f"{where}.with")
    yield from _scalars(step, "env", f"{where}.env")
    yield from _number(step, "timeout-minutes", where)
    yield from _boolean(step, "continue-on-error", where)


def _uses(step: Map, where: str) -> Iterator[_Fault]:
    uses = step.text("uses")
    if uses is not None and "${{" in uses:
        told = "`uses` cannot hold an expression"
    elif uses is None or not uses.strip():
        told = "`uses` names no action"
    elif uses.startswith(("./", "$/", "docker://", "../")) or _ACTION.fullmatch(uses):
        return
    elif "@" not in uses:
        told = f"`uses: {uses}` names no version: it needs `@` and a tag, branch or commit"
    else:
        told = f"`uses: {uses}` is no `owner/repo@ref`, `./directory` or `docker://image`"
    yield _Fault(where=f"{where}.uses", told=told, line=step.line_of("uses"))


def _unknown(given: Map, known: Collection[str], begin: str) -> Iterator[_Fault]:
    for key in given:
        if key not in known and not key.strip().startswith("${{"):
            told = f"the key {key!r} is not known here{_near([key], known)}"
            yield _Fault(where=f"{begin}{key}", told=told, line=given.line_of(key))


def _near(words: Collection[str], known: Collection[str]) -> str:
    for word in words:
        close = difflib.get_close_matches(word.lower().replace("_", "-"), known, n=1, cutoff=0.75)
        if close:
            return f"; did {word!r} mean {close[0]!r}?"
    return ""


def _computed(value: object) -> bool:
    return isinstance(value, str) and "${{" in value


def _scalars(given: Map, key: str, where: str) -> Iterator[_Fault]:
    """Look for a mapping of names to plain values."""
    value = given.get(key)
    if value is None or _computed(value):
        return
    if not isinstance(value, Map):
        told = f"`{key}` must be a mapping of names and values"
        yield _Fault(where=where, told=told, line=given.line_of(key))
        return
    for name, item in value.items():
        if isinstance(item, (Map, Seq)):
            told = f"`{name}` must be a plain value, not a {'mapping' if isinstance(item, Map) else 'list'}"
            yield _Fault(where=f"{where}.{name}", told=told, line=value.line_of(name))


def _names(given: Map, key: str, where: str) -> Iterator[_Fault]:
    """Look for a text or a list of texts; ``runs-on`` may also be a mapping of group and labels."""
    value = given.get(key)
    if isinstance(value, Map):
        if key == "runs-on":
            yield from _unknown(value, ("group", "labels"), f"{where}.runs-on.")
        else:
            yield _Fault(where=f"{where}.{key}", told=f"`{key}` is no list of names", line=given.line_of(key))
    elif isinstance(value, Seq) and any(isinstance(item, (Map, Seq)) for item in value):
        yield _Fault(where=f"{where}.{key}", told=f"`{key}` is no list of names", line=given.line_of(key))


def _number(given: Map, key: str, where: str) -> Iterator[_Fault]:
    value = given.get(key)
    right = value is None or _computed(value) or (isinstance(value, (int, float)) and value is not True)
    if key in given and (not right or value is False):
        told = f"`{key}` must be a number, not {given.text(key) or 'a list or mapping'!s}"
        yield _Fault(where=f"{where}.{key}", told=told, line=given.line_of(key))


def _boolean(given: Map, key: str, where: str) -> Iterator[_Fault]:
    value = given.get(key)
    if key in given and value is not None and not isinstance(value, bool) and not _computed(value):
        told = f"`{key}` must be true or false, not {given.text(key) or 'a list or mapping'!s}"
        yield _Fault(where=f"{where}.{key}", told=told, line=given.line_of(key))


def _concurrency(given: Map, begin: str) -> Iterator[_Fault]:
    value = given.get("concurrency")
    if isinstance(value, Map):
        yield from _unknown(value, CONCURRENCY, f"{begin}concurrency.")
        if "group" not in value:
            told = "`concurrency` names no group"
            yield _Fault(where=f"{begin}concurrency", told=told, line=given.line_of("concurrency"))
        yield from _boolean(value, "cancel-in-progress", f"{begin}concurrency")


def _defaults(given: Map, begin: str) -> Iterator[_Fault]:
    value = given.get("defaults")
    if isinstance(value, Map):
        yield from _unknown(value, ("run",), f"{begin}defaults.")
        run = value.map("run")
        yield from _unknown(run, ("shell", "working-directory"), f"{begin}defaults.run.")


def _strategy(job: Map, where: str) -> Iterator[_Fault]:
    value = job.get("strategy")
    if isinstance(value, Map):
        yield from _unknown(value, STRATEGY, f"{where}.strategy.")
        yield from _boolean(value, "fail-fast", f"{where}.strategy")
        yield from _number(value, "max-parallel", f"{where}.strategy")
    elif value is not None and not _computed(value):
        told = "`strategy` must be a mapping"
        yield _Fault(where=f"{where}.strategy", told=told, line=job.line_of("strategy"))


def _either(given: Map, key: str, where: str, known: Collection[str], needed: str) -> Iterator[_Fault]:
    """Look for a text, or a mapping that has to say one thing."""
    value = given.get(key)
    if isinstance(value, Map):
        yield from _unknown(value, known, f"{where}.{key}.")
        if needed not in value:
            told = f"`{key}` says no `{needed}`"
            yield _Fault(where=f"{where}.{key}", told=told, line=given.line_of(key))
    elif isinstance(value, Seq):
        yield _Fault(where=f"{where}.{key}", told=f"`{key}` cannot be a list", line=given.line_of(key))


_SHELL = Remedy(summary="Add `shell: bash` to the step", minutes=2)


@check("action-steps-have-shell", phase=Phase.FIRST_RUN, remedy=_SHELL)
def action_steps_have_shell(workflows: Workflows) -> Iterator[Answer]:
    """Every `run` step of a composite action of the repository says its shell: there is no default for it."""
    for action in workflows.actions:
        if action.using != "composite":
            continue
        wrong = [step for step in action.steps if step.run is not None and step.shell is None]
        for step in wrong:
            told = "a `run` of a composite action needs a `shell`; GitHub refuses to load the action"
            subject = f"{action.source.path}: {step.label}"
            yield broken(subject, told, action.source.at(step.line))
        if not wrong:
            yield holds(action.source.path, "every run has its shell")


_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@check(
    "workflow-ids-valid",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Begin the id with a letter or _, then only letters, digits, - and _; use each once",
        minutes=5,
    ),
)
def workflow_ids_valid(workflows: Workflows) -> Iterator[Answer]:
    """Every job and step id is one that GitHub accepts, and no job has two steps of one id."""
    for workflow in workflows:
        bad: list[Text] = []
        wrong = []
        for job in workflow.jobs.values():
            bad += [] if _accepted(job.id) else [job.id]
            seen: dict[str, Text] = {}
            for step in job.steps:
                if step.id is None:
                    continue
                bad += [] if _accepted(step.id) else [step.id]
                first = seen.setdefault(step.id.lower(), step.id)
                if first is not step.id:
                    told = f"two steps of the job {job.id!r} have the id {str(step.id)!r}"
                    places = (workflow.source.at(step.id.line), workflow.source.at(first.line))
                    wrong.append(broken(f"{workflow.file}: {job.id}.{step.id}", told, *places))
        if bad:
            names = listed([repr(str(one)) for one in bad])
            told = f"GitHub refuses the file for {names}: an id begins with a letter or _ and holds only "
            shown = (workflow.source.at(one.line) for one in bad)
            wrong.append(broken(f"{workflow.file}: ids", f"{told}letters, digits, - and _", *shown))
        yield from wrong
        if not wrong:
            yield holds(workflow.file, "every id is one")


def _accepted(id_: Text) -> bool:
    return "${{" in id_ or (_IDENTIFIER.fullmatch(id_) is not None and not id_.startswith("__"))

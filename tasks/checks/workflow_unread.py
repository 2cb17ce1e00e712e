"""Whether what steps compute for later ones is consumed by any of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.closed_job import closed_after, is_of_a_tool
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.generated import is_generated
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_OUTPUT, _ENV = "GITHUB_OUTPUT", "GITHUB_ENV"
_ONLY_OUTPUTS = frozenset(
    {
        "8bitjonny/gh-get-current-pr",
        "actions-ecosystem/action-get-latest-tag",
        "actions-ecosystem/action-regex-match",
        "dorny/paths-filter",
        "frabert/replace-string-action",
        "haya14busa/action-cond",
        "jitterbit/get-changed-files",
        "juliangruber/read-file-action",
        "jwalton/gh-find-current-pr",
        "oprypin/find-latest-tag",
        "sebrollen/toml-action",
        "step-security/changed-files",
        "tj-actions/branch-names",
        "tj-actions/changed-files",
    }
)
"""Actions that change nothing and only have outputs, as their pages say."""
_WRITES_FILES = frozenset({"output_dir", "write_output_files"})


@check(
    "step-result-is-consumed",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="workflow-outputs",
    remedy=Remedy(
        summary="Give the step an id and read its outputs, or delete what computes them", minutes=10
    ),
)
def step_result_is_consumed(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every step that only computes outputs has an id by which another one reads them."""
    for workflow in workflows:
        if is_generated(workflow.source.text):
            continue
        found = [*_wasted(workflow, scripts)]
        subject = f"{workflow.file}: results"
        if found:
            names = listed([f"{step.label!r} of the job {str(job.id)!r} ({why})" for job, step, why in found])
            told = f"nobody reads the outputs of {names}"
            places = (workflow.source.at(step) for _, step, _ in found[:MOST_PLACES])
            yield broken(subject, told, *places)
        elif any(_computes(step) for _, step in workflow.steps()):
            yield holds(subject, "are read")


def _computes(step: Step) -> bool:
    if step.run is not None:
        return _OUTPUT in step.run
    return (
        step.action is not None and step.action.name in _ONLY_OUTPUTS and not _WRITES_FILES & set(step.inputs)
    )


def _wasted(workflow: Workflow, scripts: Scripts) -> Iterator[tuple[Job, Step, str]]:
    for job, step in workflow.steps():
        if not _computes(step) or step.condition is False:
            continue
        if step.id is None:
            script = scripts.of(workflow.path, job, step) if step.run is not None else None
            if step.run is None or (script is not None and any(script.written(_OUTPUT)[0])):
                yield job, step, "it has no id"
        elif not _is_asked(workflow, step):
            script = scripts.of(workflow.path, job, step) if step.run is not None else None
            if script is None or not any(script.written(_OUTPUT)[0]):
                yield job, step, f"steps.{step.id}"


def _is_asked(workflow: Workflow, step: Step) -> bool:
    """Tell whether an expression of the file names the step, or reads all steps."""
    id_ = str(step.id).lower()
    return any(one.context == "steps" and (one.name or id_).lower() == id_ for one in workflow.reads)


@check(
    "exported-variable-is-read",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    subject="workflow-outputs",
    remedy=Remedy(summary="Read the variable in a later step of the job, or do not write it", minutes=5),
)
def exported_variable_is_read(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """Every variable that a step writes to `$GITHUB_ENV` is read by a later step of its job."""
    for workflow in workflows:
        if _ENV not in workflow.source.text or is_generated(workflow.source.text):
            continue
        unread: dict[str, list[Evidence]] = {}
        for one in _exported(workflow, scripts):
            if not _may_be_read(one, workflow, scripts, sources):
                unread.setdefault(f"{one.name!r} of the job {str(one.job.id)!r}", []).extend(
                    workflow.source.at(line) for line in one.lines
                )
        subject = f"{workflow.file}: GITHUB_ENV"
        if unread:
            told = f"no later step reads the variable{'s' if len(unread) > 1 else ''} {listed([*unread])}"
            places = [place for found in unread.values() for place in found]
            yield broken(subject, told, *dict.fromkeys(places[:MOST_PLACES]))
        else:
            yield holds(subject, "may be read")


@dataclass(frozen=True, kw_only=True)
class _Exported:
    """A variable that a job writes for its later steps, with the lines and the first step that do."""

    name: str
    job: Job
    step: Step
    lines: tuple[int, ...]


def _exported(workflow: Workflow, scripts: Scripts) -> Iterator[_Exported]:
    for job in workflow.jobs.values():
        made: dict[str, tuple[Step, list[int]]] = {}
        for step in job.steps:
            script = scripts.of(workflow.path, job, step) if step.run and _ENV in step.run else None
            for one in script.written(_ENV)[0] if script is not None else ():
                if re.fullmatch(r"[A-Za-z_]\w*", one.name):
                    made.setdefault(one.name, (step, []))[1].append(one.line)
        for name, (step, lines) in made.items():
            yield _Exported(name=name, job=job, step=step, lines=tuple(lines))


def _may_be_read(one: _Exported, workflow: Workflow, scripts: Scripts, sources: Sources) -> bool:
    if is_of_a_tool(one.name):
        return True
    spelled = re.compile(rf"(?<![A-Za-z0-9_]){one.name}(?![A-Za-z0-9_])", _case(one.job))
    if any(spelled.search(line) for number, line in _lines(workflow, one.job) if number not in one.lines):
        return True
    elsewhere = (each for each in sources.saying(one.name) if not each.path.startswith(".github/workflows/"))
    if any(spelled.search(each.text) for each in elsewhere):
        return True
    return not closed_after(workflow, one.job, one.step, scripts)


def _case(job: Job) -> int:
    """Return whether letter case tells variables apart: on Windows it does not."""
    return re.IGNORECASE if any("windows" in label.lower() for label in job.runs_on) else 0


def _lines(workflow: Workflow, job: Job) -> Iterable[tuple[int, str]]:
    """Go through the lines of a job, and those above all jobs."""
    lines = workflow.source.lines
    starts = sorted(each.line for each in workflow.jobs.values())
    end = next((line for line in starts if line > job.line), len(lines) + 1)
    numbers = (*range(1, starts[0]), *range(job.line, end))
    return ((number, lines[number - 1]) for number in numbers)

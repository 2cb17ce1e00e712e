"""Whether GitHub can read the workflow files at all."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit, corrected, respelled, without
from tasks.domain.evidence import Evidence
from tasks.domain.expression.functions import FUNCTIONS
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import waited_for
from tasks.domain.phase import Phase
from tasks.domain.source import Source
from tasks.domain.spelling import misspelled
from tasks.domain.use import Use
from tasks.domain.workflow import CompositeAction, Job, Workflow, Workflows

_MEND = Remedy(summary="Mend the file at the line named, commit and push", minutes=5)


@check("workflow-parses", phase=Phase.FIRST_RUN, remedy=_MEND)
def workflow_parses(workflows: Workflows) -> Iterator[Answer]:
    """Every workflow and action file is YAML that GitHub reads, without a key that is written twice."""
    for file in workflows.unparsed:
        if file.source.path.startswith(".github/workflows/") and _only_comments(file.source):
            told = "it holds only comments: each push shows a failed run of it"
            place = file.source.at(1)
            yield broken(
                file.source.path, told, place, weight=Weight.WARNING, remedy=_put_away(file.source.path)
            )
            continue
        told = f"GitHub cannot read it: {file.problem.message}"
        yield broken(file.source.path, told, file.source.at(file.problem.line))
    for workflow in workflows:
        if twice := workflow.repeated:
            keys = listed(list(dict.fromkeys(repr(str(key)) for key in twice)))
            told = (
                f"{'the key' if len(twice) == 1 else 'the keys'} {keys} {'is' if len(twice) == 1 else 'are'}"
            )
            yield broken(workflow.file, f"{told} written twice", *map(workflow.source.at, twice))
        else:
            yield holds(workflow.file, "is read")


def _only_comments(source: Source) -> bool:
    """Tell whether a file says nothing at all: it stops no other workflow."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in source.lines)


def _put_away(path: str) -> Remedy:
    return Remedy(
        summary="Delete the file, or move it out of .github/workflows",
        commands=(shlex.join(["git", "rm", "--", path]),),
        minutes=2,
    )


@check("workflow-needs-exist", phase=Phase.FIRST_RUN, remedy=_MEND)
def workflow_needs_exist(workflows: Workflows) -> Iterator[Answer]:
    """Every job that another one needs exists, and none waits for itself."""
    for workflow in workflows:
        wrong = list(_needs(workflow))
        yield from wrong
        if not wrong:
            yield holds(workflow.file, "every needed job is there")


def _needs(workflow: Workflow) -> Iterator[Answer]:
    for job in workflow.jobs.values():
        for need in job.needs:
            if need not in workflow.root.map("jobs"):
                told = f"the job {job.id!r} needs {need!r}, which is no job of this file"
                place = workflow.source.at(need)
                edits = respelled(str(need), {*workflow.jobs} - {job.id}, place)
                yield broken(f"{workflow.file}: {job.id}", told, place, edits=edits)
    for circle in _circles(workflow):
        told = f"the job {circle[0].id!r} waits for itself"
        if len(circle) > 1:
            told = f"the jobs {listed([repr(str(job.id)) for job in circle])} wait for each other"
        places = [workflow.source.at(job.root.line_of("needs")) for job in circle]
        yield broken(f"{workflow.file}: {circle[0].id}", told, *places)


def _circles(workflow: Workflow) -> Iterator[list[Job]]:
    """Go through the jobs that wait for themselves, those that wait for each other together."""
    above = {str(id_): waited_for(workflow, str(id_)) for id_ in workflow.jobs}
    turning = [job for id_, job in workflow.jobs.items() if id_ in above[str(id_)]]
    while turning:
        first = str(turning[0].id)
        circle = [job for job in turning if first in above[str(job.id)] and str(job.id) in above[first]]
        yield circle
        turning = [job for job in turning if job not in circle]


@check("workflow-expressions-parse", phase=Phase.FIRST_RUN, remedy=_MEND)
def workflow_expressions_parse(workflows: Workflows) -> Iterator[Answer]:
    """Every `${{ }}` and `if:` is an expression that GitHub accepts."""
    files: list[Workflow | CompositeAction] = [*workflows.files, *workflows.actions]
    for file in files:
        wrong: list[Use] = [use for use in file.uses if use.error is not None]
        for use in wrong:
            told = f"GitHub refuses the expression `{use.source}` in {use.where}: {use.error}"
            place = file.source.at(use)
            edits = _mended(str(use.error), place)
            yield broken(f"{file.source.path}: {use.where}", told, place, edits=edits)
        if not wrong:
            yield holds(file.source.path, "every expression is one")


def _mended(error: str, place: Evidence) -> tuple[Edit, ...]:
    """Return the edit for a function with a slip, or for a text in double quotes, which GitHub has not."""
    function = re.match(r"Unrecognized function: '(\w+)'", error)
    if function is not None:
        names = [*FUNCTIONS, *_PROPER]
        meant = misspelled(function[1].lower(), [one.lower() for one in names])
        proper = next((one for one in _PROPER if one.lower() == meant), meant)
        return () if proper is None else corrected(function[1], proper, place)
    quoted = re.match(r"Unexpected symbol: '(\"[^\"']*\")'", error)
    line = place.excerpt or ""
    if quoted is None or "'" in line or line.count('"') != len('""') or not line.startswith(("if:", "- if:")):
        return ()
    return without(quoted[1], place, quoted[1].replace('"', "'"))


_PROPER = ("startsWith", "endsWith", "fromJSON", "toJSON", "hashFiles")
"""How GitHub writes the names of functions that are more than one word."""

"""Whether a step counts on a variable that it only sets for the steps after it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, merged, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.closed_job import is_of_a_tool
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts, Written
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_ENV = "GITHUB_ENV"
_TAKES_OVER = re.compile(r"(?:^|[\s;&|(])(?:\.|source|eval|exec)\s|<<-?\s*[\"'\\]", re.MULTILINE)
"""Text that sets variables nobody spells, or in which a shell puts no values in."""
_PRINTS = re.compile(r"\s*(?:echo|printf)\b[^>|]*$")


@check(
    "exported-variable-comes-later",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Set it in the script too (`NAME=value` above the line that writes it), or read it in a later"
        " step: `$GITHUB_ENV` is for the steps that follow",
        minutes=5,
    ),
)
def exported_variable_comes_later(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No step reads a variable that only it writes to `$GITHUB_ENV`: it is set for the steps that follow."""
    for workflow in workflows:
        if _ENV in workflow.source.text:
            yield from of_one_cause(merged(_answers(workflow, scripts)))


def _answers(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for job, step in workflow.steps():
        if step.run is None or _ENV not in step.run or "container" in job.root:
            continue
        script = scripts.of(workflow.path, job, step)
        if script is None or not script.understood or script.never or _TAKES_OVER.search(script.text):
            continue
        subject = f"{workflow.file}: {job.id}: {step.label}"
        early: dict[str, tuple[int, list[int]]] = {}
        for one in script.written(_ENV)[0]:
            known = re.fullmatch(r"[A-Za-z_]\w*", one.name) and not _may_be_set(one.name, workflow, job, step)
            lines = _reads(one, script) if known and one.name not in early else []
            if lines:
                early[one.name] = one.line, lines
        if not early:
            yield holds(subject, "reads nothing that it only writes for later steps")
            continue
        lines = sorted({line for _, found in early.values() for line in found})
        text = script.text.split("\n")
        told = (
            f"reads {listed([f'${name}' for name in early])}, which the step itself writes to $GITHUB_ENV:"
            " that is set in later steps only"
        )
        places = [workflow.source.at(line) for line in (*lines, *(line for line, _ in early.values()))]
        weight = Weight.NOTE if all(_PRINTS.match(text[line - script.line]) for line in lines) else None
        yield broken(subject, told, *places[:MOST_PLACES], weight=weight)


def _reads(written: Written, script: Script) -> list[int]:
    """Return the lines behind the one that writes a variable in which the shell puts its value in."""
    read = re.compile(rf"(?<!\\)\$(?:{written.name}\b|\{{{written.name}(?![\w:=?+-]))")
    found: list[int] = []
    for number, line in enumerate(script.text.split("\n"), script.line):
        code = "" if line.lstrip().startswith("#") else line
        begins = (each.start() for each in read.finditer(code))
        if number > written.line and any(not _is_quoted(code[:begin]) for begin in begins):
            found.append(number)
    return found


def _is_quoted(before: str) -> bool:
    """Tell whether single quotes are open behind a text: those between double quotes are plain letters."""
    return re.sub(r'"[^"]*"', "", before.replace("\\'", "")).count("'") % 2 == 1


def _may_be_set(name: str, workflow: Workflow, job: Job, step: Step) -> bool:
    """Tell whether the machine, `env:`, a step before or the script itself may set the variable."""
    if is_of_a_tool(name) or any(name in env for env in (workflow.env, job.env, step.env)):
        return True
    spelled = re.compile(rf"(?<![\w./-]){name}(?![\w./-])")
    before = [one.root for one in job.steps[: step.index]]
    own = re.sub(
        rf"\b(?:echo|printf)[ \t]+(?:-[a-z]+[ \t]+)?[\"']?{name}=|\$\{{?{name}\b", " ", str(step.run)
    )
    return spelled.search(own) is not None or any(spelled.search(str(one)) for one in before)

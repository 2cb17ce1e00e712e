"""Whether a job uploads more than somebody needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.artifact import Transfer, uploads
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.workflow import Workflow, Workflows

_WHOLE = re.compile(
    r"(?:\./|\$\{\{\s*github\.workspace\s*\}\}/)?target(?:/(?:debug|release|\*\*?))?(?:/\*{0,2})?/?"
)

_LEFT_OUT = re.compile(r"\s*!(?!.*\*\.\w+$)")
"""A line that leaves out more than the files of one ending."""


@check(
    "whole-target-uploaded",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="workflow-artifacts",
    remedy=Remedy(summary="Upload only the programs that are needed, by name", minutes=5),
)
def whole_target_uploaded(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No job uploads a whole target directory: it has gigabytes of intermediate files."""
    for workflow in workflows:
        yield from merged(_whole(workflow, scripts))


def _whole(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for one in uploads(workflow):
        left_out = any(_LEFT_OUT.match(line) for line in str(one.step.inputs.text("path")).splitlines())
        taken_out = left_out or not _full(workflow, one, scripts)
        for path in one.paths:
            subject = f"{workflow.file}: {one.job.id}: {path}"
            if _WHOLE.fullmatch(path) and not taken_out:
                told = f"the artifact {one.written!r} holds all of {path}, with every intermediate file"
                yield broken(subject, told, workflow.source.at(path))
            else:
                yield holds(subject, "is a part")


def _full(workflow: Workflow, upload: Transfer, scripts: Scripts) -> bool:
    """Tell whether cargo built something, and nothing of it was deleted after that."""
    full = False
    for one in upload.job.steps[: upload.step.index]:
        script = scripts.of(workflow.path, upload.job, one)
        for command in script.commands if script is not None else ():
            words = {word.text for word in command.words}
            if command.program in ("cargo", "cross"):
                full = "clean" not in words
            full = full and not words & {"rm", "-delete"}
    return full

"""Whether versions in workflow files reach the action as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.workflow import Workflow, Workflows

_VERSION = re.compile(r"version|^toolchain$|^channel$", re.IGNORECASE)
_CUT = re.compile(r":\s*(\d+\.\d*0)\s*(?:#.*)?$")


@check(
    "version-is-text",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put the version into quotes", minutes=1),
)
def version_is_text(workflows: Workflows) -> Iterator[Answer]:
    """No version is a number that loses its last zero: YAML makes 3.1 of 3.10."""
    for workflow in workflows:
        yield from merged(_numbers(workflow))


def _numbers(workflow: Workflow) -> Iterator[Answer]:
    for job, step in workflow.steps():
        for name, value in step.inputs.items():
            if not isinstance(value, float) or not _VERSION.search(str(name)):
                continue
            line = step.inputs.line_of(name)
            cut = _CUT.search(workflow.source.line(line) or "")
            if cut is not None and cut[1] != str(value):
                told = f"the action is given {name} {value:g}, not {cut[1]}: without quotes it is a number"
                yield broken(f"{workflow.file}: {job.id}: {name}", told, workflow.source.at(line))

"""Whether versions in workflow files reach the action as they are written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tasks.checks.terraform_runs import cut_version, versions_refused
from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Terraform
from tasks.domain.workflow import Workflow, Workflows

_VERSION = re.compile(r"version|^toolchain$|^channel$", re.IGNORECASE)
_CUT = re.compile(r":\s*(\d+\.\d*0)\s*(?:#.*)?$")


@check(
    "version-is-text",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Put the version into quotes", minutes=1),
)
def version_is_text(workflows: Workflows, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """No version is a number that loses its last zero: YAML makes 3.1 of 3.10."""
    cut = any(cut_version(step) is not None for workflow in workflows for _, step in workflow.steps())
    refused = versions_refused(workflows, scripts, terraform) if cut else ()
    told = {place for answer in refused for place in answer.evidence}
    for workflow in workflows:
        yield from merged(_numbers(workflow, told))


def _numbers(workflow: Workflow, told: Collection[Evidence]) -> Iterator[Answer]:
    """Go through the numbers that are no longer the version; what Terraform refuses is told as that."""
    for job, step in workflow.steps():
        for name, value in step.inputs.items():
            if not isinstance(value, float) or not _VERSION.search(str(name)):
                continue
            line = step.inputs.line_of(name)
            cut = _CUT.search(workflow.source.line(line) or "")
            if cut is not None and cut[1] != str(value) and workflow.source.at(line) not in told:
                given = f"the action is given {name} {value:g}, not {cut[1]}"
                why = f"{given}: without quotes it is a number"
                yield broken(f"{workflow.file}: {job.id}: {name}", why, workflow.source.at(line))

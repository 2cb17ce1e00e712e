"""Whether the published JSON schema of workflow files accepts them: a second opinion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.event_filter import unknown_filters
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.schema_error import SchemaErrors
from tasks.domain.workflow import Workflow, Workflows

_STRICTER = re.compile(
    r"^None is not of type |^(?:True|False|-?\d[\d.]*) is not of type 'string'$|is not of type 'array'$"
    r"|^'matrix' is a required property$"
)
"""The schema refuses empty values, `true` and numbers in the place of texts, single names in the place of
lists and a `strategy:` without a matrix; GitHub takes all four."""
LONGEST = 300  # characters of a schema's message: it likes to quote whole jobs


@check(
    "workflow-validates",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,  # what GitHub surely refuses is for ``workflow-schema``
    remedy=Remedy(
        summary="Write the key or value as the workflow syntax has it",
        url="https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax",
        minutes=5,
    ),
)
def workflow_validates(errors: SchemaErrors, workflows: Workflows) -> Iterator[Answer]:
    """Every workflow file is accepted by the JSON schema that editors and linters use."""
    yield from merged(_refused(errors, workflows))


def _refused(errors: SchemaErrors, workflows: Workflows) -> Iterator[Answer]:
    refused = [one for one in errors.found if not _STRICTER.search(one.message)]
    wrong = {error.file for error in refused}
    for workflow in workflows:
        if workflow.path not in wrong:
            yield holds(workflow.file, f"{errors.tool} accepts it")
    for error in refused:
        read = workflows.at(error.file)
        if read is not None and error.path not in _told_of_filters(read):
            said = error.message if len(error.message) <= LONGEST else f"{error.message[:LONGEST]}..."
            told = f"{errors.tool}: {error.path}: {said}"
            yield broken(f"{read.file}: {error.path}", told, read.source.at(error.line(read.root)))


def _told_of_filters(workflow: Workflow) -> frozenset[str]:
    """Return the paths of events with filters that they do not have: ``trigger-is-known`` tells of these."""
    return frozenset(f"$.on.{event}" for event in workflow.events if unknown_filters(workflow, event))

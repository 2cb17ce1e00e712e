"""Conditions of jobs and steps that GitHub takes for a text, which always holds."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.located import Text
from tasks.domain.use import CLOSE, OPEN, spans
from tasks.domain.workflow import Workflow


def braced_conditions(workflow: Workflow) -> Iterator[tuple[str, Text]]:
    """Go through the conditions with ``${{``, each with the job and step that it is of."""
    for job in workflow.jobs.values():
        found = [(f"{job.id}", job.condition)]
        found += [(f"{job.id}: {step.label}", step.condition) for step in job.steps]
        for where, condition in found:
            if isinstance(condition, Text) and OPEN in condition:
                yield where, condition


def around_expression(condition: Text) -> str | None:
    """Return what makes a condition a text: a line end, or other text; None for one expression alone.

    One whose braces are not closed is no text either: GitHub refuses it.
    """
    found = list(spans(condition))
    if found == [(0, len(condition))] or any(end < 0 for _, end in found):
        return None
    return "a line end" if condition.strip().endswith(CLOSE) and len(found) == 1 else "text"

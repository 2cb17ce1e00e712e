"""Whether what stands behind the `@` of an action is something that GitHub resolves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.source import Source
from tasks.domain.workflow import Action, Workflows

_PART = re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{7,39}")
"""A commit id that is cut off; a word or a date that happens to have such letters is more likely a name."""


@check(
    "action-ref-is-whole",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Write all 40 digits of the commit, or the tag", minutes=5),
)
def action_ref_is_whole(workflows: Workflows) -> Iterator[Answer]:
    """No action is pinned to the beginning of a commit id: GitHub refuses such a job."""
    yield from merged(_refs(workflows))


def _refs(workflows: Workflows) -> Iterator[Answer]:
    for source, action in _used(workflows):
        if not action.name or action.ref is None or "${{" in action.ref:
            continue
        subject = f"{source.path.rpartition('/')[2]}: {action.name}@{action.ref}"
        if _PART.fullmatch(action.ref):
            told = f"{action.ref} is the beginning of a commit id, which GitHub does not resolve"
            yield broken(subject, told, source.at(action))
        elif action.pinned:
            yield holds(subject, "is a whole commit")


def _used(workflows: Workflows) -> Iterator[tuple[Source, Action]]:
    for workflow in workflows:
        for job in workflow.jobs.values():
            if job.action is not None:
                yield workflow.source, job.action
            yield from ((workflow.source, step.action) for step in job.steps if step.action is not None)
    for composite in workflows.actions:
        yield from ((composite.source, step.action) for step in composite.steps if step.action is not None)

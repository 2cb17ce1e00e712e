"""Which runs a push to a branch has to start, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.domain.trigger import BRANCH, TAG, Happening, starts
from tasks.domain.workflow import Workflow


@dataclass(frozen=True, kw_only=True)
class ExpectedRuns:
    """Workflow files that a push starts for certain, may start (path filters), and does not, with reasons."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]
    not_started: Mapping[str, str]


def expected_runs(
    workflows: Iterable[Workflow],
    *,
    branch: str | None = None,
    tag: str | None = None,
    message: str = "",
    changed: Sequence[str] | None = None,
) -> ExpectedRuns:
    """Apply each workflow's ``on:`` to a push of a branch or a tag.

    With ``changed`` None the paths of the push are not known: a workflow with path filters may start.
    """
    ref = f"{TAG}{tag}" if tag is not None else f"{BRANCH}{branch}"
    certain: list[str] = []
    possible: list[str] = []
    reasons: dict[str, str] = {}
    for workflow in workflows:
        answer = starts(workflow.triggers, Happening(event="push", ref=ref, changed=changed, message=message))
        if not answer.starts:
            reasons[workflow.path] = answer.reason
        elif changed is None and tag is None and _by_path(workflow):
            possible.append(workflow.path)
        else:
            certain.append(workflow.path)
    return ExpectedRuns(certain=tuple(certain), possible=tuple(possible), not_started=reasons)


def _by_path(workflow: Workflow) -> bool:
    push = workflow.event("push")
    return push is not None and ("paths" in push or "paths-ignore" in push)

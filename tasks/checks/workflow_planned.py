"""Whether what is planned next, the release's tag, starts the workflow that makes the release."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.glob import GlobError, selected
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.workflow import Workflows

_DIRECTORY = ".github/workflows/"


@check(
    "planned-tag-starts-release",
    phase=Phase.RELEASE,
    remedy=Remedy(
        summary="Let the tag match `on.push.tags`, or plan another one as release.tag in activation.toml",
        minutes=5,
    ),
)
def planned_tag_starts_release(workflows: Workflows, settings: Settings) -> Iterator[Answer]:
    """Every tag that is planned for a release starts the workflow that makes it."""
    workflow = workflows.at(f"{_DIRECTORY}{settings.release_workflow}") if settings.release_workflow else None
    if workflow is None or settings.tag is None or "push" not in workflow.events:
        return
    push = workflow.event("push") or Map()
    patterns = push.texts("tags")
    subject = f"{workflow.file}: {settings.tag}"
    try:
        starts = not patterns or selected(patterns, settings.tag)
    except GlobError:
        return  # a pattern that GitHub refuses is for ``trigger-is-known``
    if starts:
        yield holds(subject, "starts it")
    else:
        told = f"the tag {settings.tag} does not start {workflow.file}, which waits for {', '.join(patterns)}"
        yield broken(subject, told, workflow.source.at(patterns[0]))

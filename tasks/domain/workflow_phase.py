"""Which phase of an activation a broken workflow really stops."""

from __future__ import annotations

from tasks.domain.finding import Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.workflow import Workflow

_EVERY_PUSH = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})


def stopped(workflow: Workflow, settings: Settings | None) -> tuple[Phase, Weight]:
    """Return the first phase that cannot succeed without the workflow; a warning when none needs it."""
    names = (workflow.path, workflow.file)
    if settings is not None and settings.release_workflow in names:
        return Phase.RELEASE, Weight.BLOCKER
    if settings is not None and settings.deploy_workflow in names:
        return Phase.DEPLOYMENT, Weight.BLOCKER
    events = set(workflow.events)
    push = workflow.event("push")
    if (
        push is not None
        and "tags" in push
        and "branches" not in push
        and not events & (_EVERY_PUSH - {"push"})
    ):
        return Phase.RELEASE, Weight.BLOCKER
    if events & _EVERY_PUSH:
        return Phase.FIRST_RUN, Weight.BLOCKER
    if "release" in events:
        return Phase.RELEASE, Weight.BLOCKER
    chosen = settings is not None and settings.deploy_workflow is not None
    if events == {"workflow_dispatch"} and not chosen:
        return Phase.DEPLOYMENT, Weight.BLOCKER
    return Phase.DEPLOYMENT, Weight.WARNING

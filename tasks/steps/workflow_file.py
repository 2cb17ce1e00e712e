"""Finding the workflow that a setting names."""

from __future__ import annotations

from tasks.domain.workflow import Workflow, Workflows


def workflow_file(workflows: Workflows, name: str | None) -> Workflow | None:
    """Return the workflow of a path or a bare file name, None without one or when it does not parse."""
    if name is None:
        return None
    return next((one for one in workflows if name in (one.path, one.file)), None)

"""The words GitHub knows in a workflow file: keys of each level, events with their activities, permissions.

GitHub refuses a file with any other word in these places. The lists follow GitHub's own description of
workflow files as of autumn 2026; what grows quickly (actions, labels) is not in here.
"""

from __future__ import annotations

from collections.abc import Mapping

TOP = frozenset(
    {"cache-mode", "concurrency", "defaults", "env", "jobs", "name", "on", "permissions", "run-name"}
    | {"description"}
)
CALL = frozenset(
    {"cache-mode", "concurrency", "if", "name", "needs", "permissions", "secrets", "strategy", "uses", "with"}
)
JOB = frozenset(
    {"cache-mode", "concurrency", "container", "continue-on-error", "defaults", "env", "environment", "if"}
    | {"name", "needs", "outputs", "permissions", "runs-on", "services", "snapshot", "steps", "strategy"}
    | {"timeout-minutes", "cancel-timeout-minutes"}
)
_EVERY_STEP = frozenset({"background", "continue-on-error", "env", "id", "if", "name", "timeout-minutes"})
RUN_STEP = _EVERY_STEP | {"run", "shell", "working-directory"}
USES_STEP = _EVERY_STEP | {"uses", "with"}
WAITING_STEP = _EVERY_STEP | {"cancel", "parallel", "wait", "wait-all"}
STRATEGY = frozenset({"fail-fast", "matrix", "max-parallel"})
CONCURRENCY = frozenset({"cancel-in-progress", "group", "queue"})
ENVIRONMENT = frozenset({"deployment", "name", "url"})
CONTAINER = frozenset({"credentials", "env", "image", "options", "ports", "volumes"})

_CHANGED = frozenset({"created", "edited", "deleted"})
_REQUEST = frozenset(
    {"assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened"}
    | {"synchronize", "converted_to_draft", "ready_for_review", "locked", "unlocked", "milestoned"}
    | {"demilestoned", "review_requested", "review_request_removed", "auto_merge_enabled"}
    | {"auto_merge_disabled", "enqueued", "dequeued"}
)

EVENTS: Mapping[str, frozenset[str] | None] = {
    "branch_protection_rule": _CHANGED,
    "check_run": frozenset({"created", "rerequested", "completed", "requested_action"}),
    "check_suite": frozenset({"completed", "requested", "rerequested"}),
    "create": None,
    "delete": None,
    "deployment": None,
    "deployment_status": None,
    "discussion": None,
    "discussion_comment": _CHANGED,
    "fork": None,
    "gollum": None,
    "image_version": None,
    "issue_comment": _CHANGED | {"pinned", "unpinned"},
    "issues": None,
    "label": _CHANGED,
    "merge_group": frozenset({"checks_requested", "destroyed"}),
    "milestone": _CHANGED | {"closed", "opened"},
    "page_build": None,
    "project": None,
    "project_card": None,
    "project_column": None,
    "public": None,
    "pull_request": _REQUEST,
    "pull_request_review": frozenset({"submitted", "edited", "dismissed"}),
    "pull_request_review_comment": _CHANGED,
    "pull_request_target": _REQUEST,
    "push": None,
    "registry_package": frozenset({"published", "updated"}),
    "release": _CHANGED | {"published", "unpublished", "prereleased", "released"},
    "repository_dispatch": None,
    "schedule": None,
    "status": None,
    "watch": None,
    "workflow_call": None,
    "workflow_dispatch": None,
    "workflow_run": frozenset({"requested", "completed", "in_progress"}),
}
"""Event -> its activity types; None when it has none, or when anybody may name new ones."""

_BRANCHES = frozenset({"branches", "branches-ignore"})
_PATHS = frozenset({"paths", "paths-ignore"})
FILTERS: Mapping[str, frozenset[str]] = {
    "push": _BRANCHES | _PATHS | {"tags", "tags-ignore"},
    "pull_request": _BRANCHES | _PATHS | {"types"},
    "pull_request_target": _BRANCHES | _PATHS | {"types"},
    "workflow_run": _BRANCHES | {"types", "workflows"},
    "workflow_dispatch": frozenset({"inputs"}),
    "workflow_call": frozenset({"inputs", "outputs", "secrets"}),
    "release": frozenset({"types"}),
    "issues": frozenset({"types"}),
    "issue_comment": frozenset({"types"}),
}
"""Event -> the keys below it, for the events whose keys are certain."""

_LEVELS = frozenset({"read", "write", "none"})
PERMISSIONS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents", "deployments"),
        _LEVELS,
    ),
    **dict.fromkeys(
        ("discussions", "issues", "packages", "pages", "pull-requests", "repository-projects"), _LEVELS
    ),
    **dict.fromkeys(("security-events", "statuses", "vulnerability-alerts", "copilot-requests"), _LEVELS),
    "id-token": frozenset({"write", "none"}),
    "models": frozenset({"read", "none"}),
}
"""Scope of a job's token -> the levels it can have."""

SHORTHANDS = frozenset({"read-all", "write-all"})

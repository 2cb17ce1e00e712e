"""What GitHub's own command line needs of a job's token, from its commands' REST and GraphQL calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_WRITES: Mapping[tuple[str, str], str] = {
    ("release", "create"): "contents",
    ("release", "upload"): "contents",
    ("release", "edit"): "contents",
    ("release", "delete"): "contents",
    ("release", "delete-asset"): "contents",
    ("pr", "create"): "pull-requests",
    ("pr", "merge"): "contents",
    ("issue", "create"): "issues",
    ("workflow", "run"): "actions",
    ("workflow", "enable"): "actions",
    ("workflow", "disable"): "actions",
    ("run", "cancel"): "actions",
    ("run", "rerun"): "actions",
    ("run", "delete"): "actions",
    ("cache", "delete"): "actions",
}


def written_scope(words: Sequence[str | None]) -> str | None:
    """Return the permission that a command of ``gh`` has to be given for writing; None for one that reads."""
    return _WRITES.get((words[0] or "", words[1] or "")) if len(words) > 1 else None

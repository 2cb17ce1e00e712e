"""What GitHub's own command line needs of a job's token, from its commands' REST and GraphQL calls."""

from __future__ import annotations

import re
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
    ("actions-cache", "delete"): "actions",  # the extension that came before
}


def written_scope(words: Sequence[str | None]) -> str | None:
    """Return the permission that a command of ``gh`` has to be given for writing; None for one that reads."""
    return _WRITES.get((words[0] or "", words[1] or "")) if len(words) > 1 else None


_HERE = re.compile(
    r"\$\{\{\s*github\.repository\s*\}\}|\$\{?GITHUB_REPOSITORY\}?|\$\{\{\s*github\.event\.repository\.full_name\s*\}\}"
)
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def is_here(repository: str, script: str) -> bool:
    """Tell whether a repository is named as that of the run: by the context, or a variable made of it."""
    written = repository.strip("\"'")
    if _HERE.fullmatch(written):
        return True
    name = _VARIABLE.fullmatch(written)
    if name is None:
        return False
    given = re.findall(rf"^\s*(?:export\s+)?{name[1]}=(.*)$", script, re.MULTILINE)
    return bool(given) and all(_HERE.fullmatch(one.strip().strip("\"'")) for one in given)

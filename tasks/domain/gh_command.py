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
    ("pr", "comment"): "pull-requests",
    ("pr", "edit"): "pull-requests",
    ("pr", "review"): "pull-requests",
    ("pr", "close"): "pull-requests",
    ("pr", "reopen"): "pull-requests",
    ("pr", "ready"): "pull-requests",
    ("issue", "create"): "issues",
    ("issue", "comment"): "issues",
    ("issue", "edit"): "issues",
    ("issue", "close"): "issues",
    ("issue", "reopen"): "issues",
    ("label", "create"): "issues",
    ("workflow", "run"): "actions",
    ("workflow", "enable"): "actions",
    ("workflow", "disable"): "actions",
    ("run", "cancel"): "actions",
    ("run", "rerun"): "actions",
    ("run", "delete"): "actions",
    ("cache", "delete"): "actions",
    ("actions-cache", "delete"): "actions",  # the extension that came before
}

_AS_WELL: Mapping[tuple[str, str], str] = {
    ("pr", "comment"): "issues",
    ("pr", "edit"): "issues",
    ("issue", "comment"): "pull-requests",
    ("issue", "edit"): "pull-requests",
    ("issue", "close"): "pull-requests",
    ("issue", "reopen"): "pull-requests",
    ("label", "create"): "pull-requests",
}
"""What may do instead: a pull request is an issue with labels and comments, and either may be named."""


def written_scope(words: Sequence[str | None]) -> str | None:
    """Return the permission that a command of ``gh`` has to be given for writing; None for one that reads."""
    return _WRITES.get((words[0] or "", words[1] or "")) if len(words) > 1 else None


def other_scope(words: Sequence[str | None]) -> str | None:
    """Return a permission that may do instead of the one that ``written_scope`` names; None without any."""
    return _AS_WELL.get((words[0] or "", words[1] or "")) if len(words) > 1 else None


_PATHS: Mapping[str, tuple[str, str | None]] = {
    r"statuses/": ("statuses", None),
    r"dispatches$": ("contents", None),
    r"check-runs$": ("checks", None),
    r"issues/[^/]+/comments$": ("issues", "pull-requests"),
}
_CALL = re.compile(
    r"(?:^|/)repos/(?P<where>.+?)/(?:" + "|".join(f"(?P<p{n}>{one})" for n, one in enumerate(_PATHS)) + ")"
)


def api_write(
    words: Sequence[str], method: str | None, *, fields: bool
) -> tuple[str, str, str | None] | None:
    """Return where ``gh api`` writes, the permission for it, and one that may do instead; None for others.

    Without a method a call that is given fields is a POST.
    """
    if (method.upper() if method is not None else "POST" if fields else "GET") != "POST":
        return None
    for word in words:
        found = _CALL.search(word.strip("\"'"))
        if found is not None:
            scope, other = list(_PATHS.values())[int(str(found.lastgroup)[1:])]
            return found["where"], scope, other
    return None


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

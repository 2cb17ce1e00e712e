"""What git says about the work tree: where it stands, what is not committed, how it relates to its remote."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GITHUB = re.compile(
    r"^(?:https?://(?:[^@/]+@)?|ssh://(?:[^@/]+@)?|[^@/:]+@)([^/:]+)(?::\d+)?[/:]([^/]+)/([^/]+?)(?:\.git)?/?$"
)


@dataclass(frozen=True, kw_only=True)
class GitState:
    """One look at a repository's work tree, made without touching its index.

    ``branch`` is None on a detached HEAD, ``commit`` None before the first commit. ``upstream`` is the
    commit of the remote-tracking branch, None when nothing was ever fetched; ``ahead`` and ``behind`` count
    commits against it and are None without it or when history is too shallow to tell. ``rewritten``: each
    commit that only the remote has was made anew here, as ``git commit --amend`` and a rebase do. ``tags``
    and ``remote_branches`` (of ``origin``) are those that were fetched; a clone may lack some; ``tags_here``
    are those of the tags that are at ``commit``. ``branches``
    are those of the clone itself, looked up only where no remote says which is the default one. ``deleted``
    are the staged and unstaged files that the commit has and that do not lie there, ``lacked`` those of them
    whose contents the clone does not hold.
    """

    commit: str | None
    branch: str | None
    origin: str | None
    default_branch: str | None = None
    upstream: str | None = None
    ahead: int | None = None
    behind: int | None = None
    rewritten: bool = False
    staged: tuple[str, ...] = ()
    unstaged: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    conflicted: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    lacked: tuple[str, ...] = ()
    shallow: bool = False
    linked_worktree: bool = False
    submodules: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_here: frozenset[str] = frozenset()
    remote_branches: frozenset[str] = frozenset()
    branches: tuple[str, ...] = ()
    in_progress: str | None = None  # merge, rebase, cherry-pick, bisect

    @property
    def changed(self) -> frozenset[str]:
        """The files that are not as committed, or that git does not know."""
        return frozenset((*self.staged, *self.unstaged, *self.untracked, *self.conflicted))

    @property
    def unlisted(self) -> tuple[str, ...]:
        """The files that lie there and were taken out of the index: the next commit deletes them."""
        staged = frozenset(self.staged)
        return tuple(one for one in self.untracked if one in staged)

    @property
    def clean(self) -> bool:
        """Tell whether every tracked file is as committed."""
        return not (self.staged or self.unstaged or self.conflicted)


@dataclass(frozen=True, kw_only=True)
class RemoteName:
    """Host, owner and name that a remote's address spells."""

    host: str
    owner: str
    name: str


def remote_name(url: str | None) -> RemoteName | None:
    """Read host, owner and name from an https, ssh or scp-like address; None for anything else."""
    match = _GITHUB.match((url or "").strip())
    return RemoteName(host=match[1], owner=match[2], name=match[3]) if match else None

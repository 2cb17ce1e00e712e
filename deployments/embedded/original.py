"""Somebody's own repository: read without leaving a trace in it, and copied for a rehearsal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from deployments.embedded.working_copy import GitRefused, WorkingCopy, asked, git

_REMOTE = re.compile(
    r"""^(?:[a-z+]+://(?:[^@/]*@)?[^/:]+(?::\d+)?/  # https://host/, ssh://git@host:22/
        |(?:[^@/:]+@)?[^/:]+:(?!//))                # git@host:
        /?(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?$""",
    re.VERBOSE,
)
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class CannotRehearse(ValueError):  # noqa: N818 - reads as the sentence it is
    """This directory cannot be rehearsed; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Original:
    """What a repository is at this moment; ``live`` is what the rehearsal's remote begins with.

    That is what its `origin` is known to hold of ``default``, or the commit before when that is all there is.
    """

    path: Path
    owner: str
    name: str
    branch: str
    default: str
    commit: str
    live: str | None
    notes: tuple[str, ...]
    address: str | None = None  # of `origin`


def owner_and_name(url: str | None, directory: str) -> tuple[str, str]:
    """Return owner and name from the address of `origin`, else `local` and the directory's name.

    >>> owner_and_name("git@github.com:acme/moon.git", "x")
    ('acme', 'moon')
    """
    if url and (found := _REMOTE.match(url)):
        return found["owner"], found["name"]
    return "local", _UNFIT.sub("-", directory).strip("-.") or "repository"


def look(path: Path) -> Original:
    """Read what there is to rehearse; CannotRehearse for what is no repository or has no commit."""
    if not path.is_dir():
        raise CannotRehearse(f"{path} is not a directory")
    try:
        bare = git(path, "rev-parse", "--is-bare-repository") == "true"
        top = Path(git(path, "rev-parse", "--absolute-git-dir" if bare else "--show-toplevel"))
    except GitRefused as refusal:
        raise CannotRehearse(f"{path} is not a git repository that can be read ({refusal})") from refusal
    commit = asked(top, "rev-parse", "-q", "--verify", "HEAD^{commit}")
    if commit is None:
        raise CannotRehearse(f"{top} has no commit yet: commit what is to be rehearsed, then try again")
    notes = []
    url = asked(top, "config", "--get", "remote.origin.url")
    owner, name = owner_and_name(url, top.name.removesuffix(".git"))
    default = (asked(top, "symbolic-ref", "-q", "--short", "refs/remotes/origin/HEAD") or "").removeprefix(
        "origin/"
    )
    branch = asked(top, "symbolic-ref", "-q", "--short", "HEAD")
    if branch is None:
        branch = default or "main"
        notes.append(f"HEAD is detached: {commit[:12]} is rehearsed as the branch {branch}")
    if git(top, "rev-parse", "--is-shallow-repository") == "true":
        notes.append("the repository is shallow: older history is missing in the rehearsal too")
    if asked(top, "cat-file", "-e", f"{commit}:.gitmodules") is not None:
        notes.append("submodules are not filled in")
    default = default or branch
    live = asked(top, "rev-parse", "-q", "--verify", f"refs/remotes/origin/{default}^{{commit}}")
    if live == commit:
        # Nothing would be pushed and no run would start: a rehearsal that rehearses nothing.
        live = asked(top, "rev-parse", "-q", "--verify", f"{commit}^1^{{commit}}")
        notes.append(
            "everything is pushed already: the rehearsal pushes the last commit, so that its runs start"
        )
    return Original(
        path=top,
        owner=owner,
        name=name,
        branch=branch,
        default=default,
        commit=commit,
        live=live,
        notes=tuple(notes),
        address=url,
    )


def related(original: Original, remote: Path) -> bool:
    """Tell whether a bare repository and the original have a commit in common, or it has none at all."""
    heads = git(remote, "rev-list", "--no-walk", "--all").split()
    if not heads or any(
        asked(original.path, "cat-file", "-e", f"{one}^{{commit}}") is not None for one in heads
    ):
        return True
    ours = git(original.path, "rev-list", original.commit).split()
    return not set(ours).isdisjoint(git(remote, "rev-list", "--all").split())


def copy(original: Original, into: WorkingCopy) -> None:
    """Bring a private clone up to the original's HEAD, branches and tags; the original is only read.

    What the rehearsal itself committed on the same branch gives way; what cargo built in the clone stays.
    """
    if not into.exists:
        into.create(original.branch)
    specifications = ["+HEAD:refs/rehearsal/HEAD", "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
    if original.live is not None:
        specifications.append("+refs/remotes/origin/*:refs/rehearsal/origin/*")
    into.run(
        "fetch", "-q", "--no-tags", "--update-head-ok", "--update-shallow", "--no-recurse-submodules",
        str(original.path), *specifications,
    )  # fmt: skip
    into.run("checkout", "-q", "--force", "-B", original.branch, original.commit)
    into.run("clean", "-q", "-f", "-d")

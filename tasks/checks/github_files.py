"""Whether GitHub takes what lies in the commits that were never pushed."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.credential import PastCredentials
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeRepository
from tasks.domain.phase import Phase
from tasks.domain.unpushed import MB, REFUSED_MB, WARNED_MB, UnpushedFiles
from tasks.domain.work_tree import WorkTree


@check("pushed-files-small", phase=Phase.FIRST_RUN, subject="git-files")
def pushed_files_small(files: UnpushedFiles) -> Iterator[Answer]:
    """No file of a commit that was never pushed is larger than GitHub takes, not even a deleted one."""
    for one in files.large:
        told = f"{one.path} is {one.size / MB:.0f} MB in a commit that was never pushed; GitHub "
        refused = one.size > REFUSED_MB * MB
        told += f"refuses files above {REFUSED_MB} MB" if refused else f"warns above {WARNED_MB} MB"
        remedy = Remedy(
            summary="Take the file out of the commits that are not pushed, or keep it with Git LFS",
            commands=(
                f"git lfs migrate import --include='{one.path}'",
                "git log --stat HEAD --not --remotes=origin",
            ),
            minutes=20,
        )
        place = Evidence(source="git", file=one.path, excerpt=f"{one.size} bytes")
        yield broken(one.path, told, place, remedy=remedy, weight=None if refused else Weight.WARNING)
    if not files.large:
        yield holds("files", f"none is above {WARNED_MB} MB")


_NOT_STOPPED = frozenset({"private key"})
"""Kinds for which GitHub has no push protection: too many of them are for tests."""


@check("push-protection-passed", phase=Phase.FIRST_RUN)
def push_protection_passed(
    past: PastCredentials, work: WorkTree, repository: ForgeRepository
) -> Iterator[Answer]:
    """No commit to be pushed holds a credential that the push protection of the repository stops."""
    if not repository.push_protection:
        return
    unpushed = {one.id for one in work.unpushed}
    never = not work.fetched
    found = [
        one
        for one in past.found
        if one.sure and one.kind not in _NOT_STOPPED and (never or one.commit in unpushed)
    ]
    remedy = Remedy(
        summary="Revoke the credential, and take it out of the commits that are not pushed",
        commands=(f"git rebase --interactive {_pushed(work)}",),
        minutes=30,
    )
    for one in found:
        told = f"a {one.kind} in a commit that is not pushed: GitHub's push protection refuses the push"
        yield broken(f"{one.kind}: {one.path}", told, one.evidence, remedy=remedy)
    if not found:
        yield holds("commits", "hold no credential")


def _pushed(work: WorkTree) -> str:
    """Return what git calls the newest commit that is pushed; for a repository without one, its beginning."""
    state = work.state
    if state.upstream is not None:
        return f"origin/{state.branch or state.default_branch}"
    return f"origin/{state.default_branch}" if work.fetched and state.default_branch else "--root"

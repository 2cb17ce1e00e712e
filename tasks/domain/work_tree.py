"""The directory a person works in, beside the commit that goes out: what it has not, and if that matters."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace

from tasks.domain.credential import Credentials
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.git_state import GitState
from tasks.domain.phase import Phase
from tasks.domain.tree import WORK_TREE, Tree

COMPILERS = ("cargo", "rustc")  # sources of evidence


@dataclass(frozen=True, kw_only=True)
class LocalCommit:
    """A commit that the remote did not have when it was last fetched."""

    id: str
    title: str
    paths: tuple[str, ...] = ()
    merges: bool = False  # it has more than one parent


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """A file that lies there and git ignores, with the line of the file that says so."""

    path: str
    rule: str
    file: str | None = None  # None for a rule of the person's own, outside of the repository
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class WorkTree:
    """The directory's state, its unpushed commits (newest first), and ignored workflow and lock files.

    ``ahead`` counts the commits that are not pushed: those that the remote's branch of that name lacks, and
    where there is none those that no branch of the remote has. It is None when history is too shallow to
    tell. ``fetched`` tells whether any branch of the remote is known here. ``credentials`` are those in files
    that are not as committed, or that git does not know and does not ignore.
    """

    state: GitState
    unpushed: tuple[LocalCommit, ...] = ()
    ahead: int | None = None
    fetched: bool = False
    ignored: tuple[Ignored, ...] = ()
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def holding(self) -> frozenset[str]:
        """The files that are not committed as they lie there, and hold what nobody else may read."""
        found = (one.path for one in self.credentials.found if one.sure and not one.tried_out)
        return frozenset((*found, *self.credentials.settings, *self.credentials.plans))

    def committing(self, paths: tuple[str, ...]) -> Remedy:
        """Return how files that lie there and that the commit lacks are committed, ignored ones too."""
        files = shlex.join(paths)
        if not self.holding.isdisjoint(paths):
            return Remedy(summary="Take the credential out of the file, then commit it", minutes=10)
        ignored = any(path not in self.state.changed for path in paths)
        add = "git add --force" if ignored else "git add"
        verb = "Add" if ignored or set(paths) <= set(self.state.untracked) else "Commit"
        more = ", or have what needs it make it first: git ignores it" if ignored else ""
        return Remedy(
            summary=f"Commit the file that lies in the work tree{more}",
            commands=(f"{add} -- {files}", f"git commit -m {shlex.quote(f'{verb} {files}')} -- {files}"),
            minutes=2,
        )

    def told_of(self, paths: tuple[str, ...]) -> str:
        """Say of files that the commit lacks that they lie there."""
        ignored = ": git ignores it" if any(path not in self.state.changed for path in paths) else ""
        return f"{', '.join(paths)} lies in the work tree and is not committed{ignored}"

    def marked(self, finding: Finding, tree: Tree) -> Finding:
        """Say of each file that a finding points to whether what was looked at is the commit's."""
        return replace(finding, evidence=tuple(self._compared(one, tree) for one in finding.evidence))

    def _compared(self, place: Evidence, tree: Tree) -> Evidence:
        if place.file is None or place.committed is not None:
            return place
        if place.source == "file":
            lying = tree.origin == WORK_TREE
            return replace(place, committed=not (lying and place.file in self.state.changed))
        # What cargo and the compiler are given is a checkout of the commit; what a build writes is not its.
        if place.source in COMPILERS and tree.file(place.file) is not None:
            return replace(place, committed=True)
        return place


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One question that the commit and the work tree answer differently; ``file`` makes the difference.

    ``places`` are those of the worse answer, which need not be in the file that made it so.
    """

    check: str
    subject: str
    committed: Verdict | None  # None: the question does not come up
    lying: Verdict | None
    file: str | None
    line: int | None
    message: str
    phase: Phase = Phase.PREFLIGHT  # of the finding that is broken
    weight: Weight = Weight.WARNING
    new: bool = False  # git does not know the file yet
    places: tuple[Evidence, ...] = ()

    @property
    def of_the_commit(self) -> bool:
        """Tell whether it is the commit that is broken: that goes out, and is put right beside it."""
        return self.committed in (Verdict.BROKEN, Verdict.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class TreeDifference:
    """Every such question; ``compared`` is False when there was nothing uncommitted.

    ``changed`` are the files that are not as committed, ``asked`` the checks whose answers were compared.
    """

    compared: bool
    found: tuple[Difference, ...] = ()
    changed: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    def told(self, finding: Finding) -> Finding:
        """Say of what is broken in the commit that it is put right beside it and only has to be committed."""
        if finding.verdict not in (Verdict.BROKEN, Verdict.UNKNOWN):
            return finding
        if any(one.committed is False for one in finding.evidence):
            return finding  # it is about the work tree
        for one in self.found:
            if one.of_the_commit and (one.check, one.subject) == (finding.check, finding.subject):
                by = f" ({one.file})" if one.file else ""
                return _with_tail(finding, f"fixed in the work tree{by}, not committed", _commit(one.file))
        if finding.check not in self.asked and _MENDED not in finding.message:
            files = sorted(
                {
                    one.file
                    for one in finding.evidence
                    if one.source in ("file", "cargo") and one.file in self.changed and one.file
                }
            )
            if files:
                tail = f"{files[0]} has changes that are not committed; this is about the commit"
                return _with_tail(finding, tail, finding.remedy)
        return finding


_MENDED = "; fixed in the work tree"


def _with_tail(finding: Finding, tail: str, remedy: Remedy | None) -> Finding:
    said = f"; {tail}"
    if finding.message.endswith(said):
        return finding
    return replace(finding, message=f"{finding.message}{said}", remedy=remedy)


def _commit(file: str | None) -> Remedy:
    if file is None:
        commands: tuple[str, ...] = ("git status --short", "git add --all", "git commit")
        return Remedy(summary="Commit what puts it right in the work tree", commands=commands, minutes=2)
    quoted = shlex.quote(file)
    commands = (f"git add -- {quoted}", f"git commit -m {shlex.quote(f'Commit {file}')} -- {quoted}")
    return Remedy(summary="Commit the file: in the work tree it is put right", commands=commands, minutes=2)

"""The directory a person works in, beside the commit that goes out: what it has not, and if that matters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.git_state import GitState
from tasks.domain.phase import Phase
from tasks.domain.tree import WORK_TREE, Tree


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
    """The directory's state, its unpushed commits (newest first), and ignored workflow and lock files."""

    state: GitState
    unpushed: tuple[LocalCommit, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    def marked(self, finding: Finding, tree: Tree) -> Finding:
        """Say of each file that a finding points to whether what was looked at is the commit's."""
        state = self.state
        changed = {*state.staged, *state.unstaged, *state.untracked, *state.conflicted}
        lying = tree.origin == WORK_TREE
        places = tuple(
            replace(one, committed=not (lying and one.file in changed))
            if one.source == "file" and one.file is not None
            else one
            for one in finding.evidence
        )
        return replace(finding, evidence=places)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One question that the commit and the work tree answer differently; ``file`` makes the difference."""

    check: str
    subject: str
    committed: Verdict | None  # None: the question does not come up
    lying: Verdict | None
    file: str | None
    line: int | None
    message: str
    phase: Phase = Phase.PREFLIGHT  # of the finding that is broken
    weight: Weight = Weight.WARNING


@dataclass(frozen=True, kw_only=True)
class TreeDifference:
    """Every such question; ``compared`` is False when there was nothing uncommitted.

    ``commit_judged``: the checks are asked about the commit in this run, and tell what is broken in it.
    """

    compared: bool
    found: tuple[Difference, ...] = ()
    commit_judged: bool = True

"""Looks at the directory a person works in, beside the commit that goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tasks.domain.check import Check
from tasks.domain.credential import NEEDLES, Credentials, PastCredentials
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.finding import Finding, Verdict
from tasks.domain.git_state import GitState
from tasks.domain.terraform_reach import weighed
from tasks.domain.tree import Tree
from tasks.domain.unpushed import MB, WARNED_MB, UnpushedFiles
from tasks.domain.work_tree import Difference, TreeDifference, WorkTree
from tasks.domain.workflow_phase import placed
from tasks.facts.collect import collect
from tasks.facts.credentials import find_credentials, past_credentials
from tasks.facts.tree import Files, OneChanged
from tasks.systems.git import Git
from tasks.systems.git_log import GitLog, UnreadHistory
from tasks.systems.git_tree import CommittedFiles, WorkTreeFiles
from tasks.systems.shell import Shell

_WATCHED = (".github", "Cargo.lock", "*/Cargo.lock")
MOST_SEARCHED = 400
"""Changed files that are looked into for credentials: of more nobody commits each by hand."""
MOST_TRIED = 8
"""Changed files that are tried one by one, to learn which of them makes a difference."""
_WORSE = (Verdict.BROKEN, Verdict.UNKNOWN)


def work_tree(shell: Shell, directory: Path) -> WorkTree:
    """Look at the state of a directory, its unpushed commits and what it ignores."""
    state = Git(shell, directory).state()
    log = GitLog(shell, directory)
    ahead = state.ahead
    if ahead is None and state.commit is not None and not state.shallow:
        ahead = log.count(state.commit, upstream=state.upstream)
    return WorkTree(
        state=state,
        unpushed=log.unpushed(str(state.commit), upstream=state.upstream) if ahead else (),
        ahead=ahead,
        fetched=log.fetched(),
        ignored=log.ignored(*_WATCHED),
        credentials=_about_to_go_out(shell, directory, state),
    )


def _about_to_go_out(shell: Shell, directory: Path, state: GitState) -> Credentials:
    """Look for credentials in what the next commit may take."""
    paths = sorted(state.changed - set(state.deleted))[:MOST_SEARCHED]
    return find_credentials(WorkTreeFiles(shell, directory), paths) if paths else Credentials()


def unpushed_files(shell: Shell, directory: Path, state: GitState) -> UnpushedFiles:
    """Look for large files in the commits that were never pushed."""
    if state.commit is None or state.ahead == 0:
        return UnpushedFiles()
    log = GitLog(shell, directory)
    return UnpushedFiles(large=log.large(WARNED_MB * MB + 1, upstream=state.upstream))


def history(shell: Shell, directory: Path) -> PastCredentials | Unseen:
    """Look for credentials in what recent commits added."""
    try:
        return past_credentials(GitLog(shell, directory).added(sorted(NEEDLES)))
    except UnreadHistory as unread:
        return Unseen(reason=str(unread))


def tree_difference(
    shell: Shell,
    directory: Path,
    state: GitState,
    checks: Iterable[Check],
    committed: Snapshot | None = None,
) -> TreeDifference:
    """Ask every question about the repository's files of the commit and of the work tree.

    ``committed`` is what was seen of the same commit already.
    """
    if not state.changed or state.commit is None:
        return TreeDifference(compared=False)
    every = tuple(checks)
    before, after = CommittedFiles(shell, directory, state.commit), WorkTreeFiles(shell, directory)
    seen = committed if committed is not None and _is_of(committed, before) else collect(before)
    told = differences(seen, collect(after), state.changed, every)
    told = named(told, before, after, state.changed, every)
    found = tuple(replace(one, new=one.file in state.untracked) for one in told.found)
    # What only the index lost may lie there as it is committed.
    return replace(told, found=found, changed=told.changed - frozenset(state.unlisted))


def _is_of(seen: Snapshot, files: CommittedFiles) -> bool:
    tree = seen.get(Tree)
    return isinstance(tree, Tree) and tree.origin == files.origin


def differences(
    committed: Snapshot, lying: Snapshot, changed: Iterable[str], checks: Iterable[Check]
) -> TreeDifference:
    """Return what two looks at one repository answer differently, with the changed file that is behind it."""
    paths = frozenset(changed)
    found: list[Difference] = []
    asked: set[str] = set()
    for check in checks:
        if not (check.applies(committed) and check.applies(lying)):
            continue
        before, after = _by_subject(check, committed), _by_subject(check, lying)
        if any(
            one.subject == "*" and one.verdict is Verdict.UNKNOWN
            for one in (*before.values(), *after.values())
        ):
            continue  # who could not look at one of them knows no difference
        asked.add(check.id)
        for subject in before.keys() | after.keys():
            old, new = before.get(subject), after.get(subject)
            if _is_worse(old) != _is_worse(new):
                found.append(_difference(check, old, new, paths))
    return TreeDifference(
        compared=True,
        found=tuple(sorted(found, key=lambda one: (one.check, one.subject))),
        changed=paths,
        asked=frozenset(asked),
    )


def named(
    told: TreeDifference, before: Files, after: Files, changed: Iterable[str], checks: Iterable[Check]
) -> TreeDifference:
    """Name the file behind each difference whose own places do not: alone it makes the difference."""
    wanted = {one.check for one in told.found if one.file is None}
    tried = sorted(changed)
    if not wanted or len(tried) > MOST_TRIED:
        return told
    asked = [check for check in checks if check.id in wanted]
    made: dict[tuple[str, str], str] = {}
    whole = collect(before)
    for path in tried:
        alone = differences(whole, collect(OneChanged(before, after, path)), (path,), asked)
        made |= {
            (one.check, one.subject): path for one in alone.found if (one.check, one.subject) not in made
        }
    found = tuple(
        one if one.file is not None else replace(one, file=made.get((one.check, one.subject)))
        for one in told.found
    )
    return replace(told, found=found)


def _by_subject(check: Check, snapshot: Snapshot) -> Mapping[str, Finding]:
    answers = (weighed(placed(one, snapshot), snapshot) for one in check.evaluate(snapshot))
    return {one.subject: one for one in answers}


def _is_worse(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict in _WORSE


def _difference(
    check: Check, old: Finding | None, new: Finding | None, changed: frozenset[str]
) -> Difference:
    worse = old if old is not None and _is_worse(old) else new
    assert worse is not None
    place = next((one for one in worse.evidence if one.file in changed), None)
    only = next(iter(changed)) if len(changed) == 1 else None
    return Difference(
        check=check.id,
        subject=worse.subject,
        committed=old.verdict if old else None,
        lying=new.verdict if new else None,
        file=place.file if place else only,
        line=place.line if place else None,
        message=worse.message,
        phase=worse.phase,
        weight=worse.weight,
        places=tuple(sorted(worse.evidence, key=lambda one: one.file not in changed)),
    )

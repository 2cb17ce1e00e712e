"""Whether the commit that goes out is what the person who sends it looks at."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.answers import counted
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.forge import ForgeBranch, ForgeToken
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.tree import Tree
from tasks.domain.work_tree import Difference, TreeDifference, WorkTree

WORKFLOWS = ".github/workflows/"
SHOWN = 8  # files or commits named in one finding


@check(
    "default-branch-checked-out",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Merge into the default branch and work there", minutes=10),
)
def default_branch_checked_out(work: WorkTree) -> Iterator[Answer]:
    """Work is on the default branch: only its workflows can be started by hand or by the clock."""
    branch, default = work.state.branch, work.state.default_branch
    moving = work.state.in_progress is not None or work.state.linked_worktree
    if branch is None and work.state.commit is not None and not moving:
        yield _detached(work)
    if branch is None or default is None:
        return
    if branch == default:
        yield holds(branch, "is the default branch")
    else:
        remedy = Remedy(
            summary=f"Merge {branch} into {default} and work there",
            commands=(f"git switch {default}", f"git merge {branch}"),
            minutes=10,
        )
        told = f"the branch {branch} is checked out, and the default branch is {default}"
        yield broken("branch", told, _git(f"on branch {branch}"), remedy=remedy)


def _detached(work: WorkTree) -> Answer:
    """Tell of a commit that no branch is at: what is committed on it belongs to no branch."""
    commit = str(work.state.commit)[:8]
    remedy = Remedy(
        summary="Make a branch of what was committed here, or go back to the branch",
        commands=(f"git switch -c work-{commit}", f"git switch {work.state.default_branch or 'main'}"),
        minutes=3,
    )
    told = "no branch is checked out (a detached HEAD): commits made here are on none, and no push takes them"
    return broken("branch", told, _git(f"HEAD at {str(work.state.commit)[:12]}"), remedy=remedy)


@check(
    "commits-pushed",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="The activation pushes them; until then GitHub does not know them", minutes=1),
)
def commits_pushed(work: WorkTree, tree: Tree) -> Iterator[Answer]:
    """GitHub has every local commit."""
    if not work.ahead:
        if work.ahead == 0:
            yield holds("commits", "are all pushed")
        return
    new = {path for one in work.unpushed for path in one.paths}
    new |= set() if work.fetched else set(tree.entries)
    flows = sorted(path for path in new if path.startswith(WORKFLOWS))
    change = "it changes" if work.ahead == 1 else "they change"
    more = (
        f"; {change} {', '.join(_names(flows))}, and pushing that takes the `workflow` scope" if flows else ""
    )
    places = [_git(f"{one.id[:12]} {one.title}") for one in work.unpushed[:SHOWN]]
    yield broken("commits", f"{counted(work.ahead, 'commit is', 'commits are')} not pushed{more}", *places)


def _joined(branch: str, *, rewritten: bool) -> Remedy:
    """Return both ways to bring a branch and the remote's together, the likelier one to be typed."""
    look = f"git log --oneline --left-right origin/{branch}...HEAD"
    pull, push = f"git pull --rebase origin {branch}", f"git push --force-with-lease origin HEAD:{branch}"
    if rewritten:
        summary = (
            f"Put your commits in the place of the remote's, unless others work on those; `{pull}` keeps "
        )
        return Remedy(summary=f"{summary}them, with yours on top", commands=(look, push), minutes=5)
    summary = f"Put your commits on top of the remote's; if those are only what you made anew, `{push}` "
    return Remedy(summary=f"{summary}replaces them", commands=(look, pull), minutes=10)


@check(
    "branch-up-to-date",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Bring the remote's commits in before work goes on",
        commands=("git pull --ff-only",),
        minutes=5,
    ),
)
def branch_up_to_date(work: WorkTree) -> Iterator[Answer]:
    """No commit of the remote is missing here, as far as the last fetch tells."""
    if work.state.behind is None:
        return
    if work.state.behind == 0:
        yield holds("branch", "lacks nothing that was fetched")
    else:
        apart = f" and has {work.state.ahead} of its own, so a push is refused" if work.state.ahead else ""
        told = f"lacks {counted(work.state.behind, 'commit')} of the remote{apart}"
        place = _git(f"remote branch at {str(work.state.upstream)[:12]}")
        if work.state.rewritten:
            told += "; each that it lacks was made anew here (amended or rebased)"
        branch = work.state.branch or work.state.default_branch
        apart_too = branch is not None and work.state.ahead
        remedy = _joined(str(branch), rewritten=work.state.rewritten) if apart_too else None
        yield broken("branch", told, place, remedy=remedy)


_COMMIT = "Commit what belongs to it; only commits go out"


@check(
    "work-tree-clean",
    phase=Phase.PREFLIGHT,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary=_COMMIT,
        commands=("git status --short", "git add --interactive", "git commit"),
        minutes=5,
    ),
)
def work_tree_clean(work: WorkTree) -> Iterator[Answer]:
    """Nothing lies in the work tree that is not committed, and what is committed lies there."""
    state = work.state
    gone = [one for one in state.deleted if one not in state.untracked]
    deleted = dict.fromkeys(one for one in gone if one not in state.lacked)
    unlisted = state.unlisted
    left_out = {*gone, *unlisted}
    kinds = {
        "staged": tuple(one for one in state.staged if one not in left_out),
        "changed": tuple(one for one in state.unstaged if one not in left_out),
        "untracked": tuple(one for one in state.untracked if one not in left_out),
    }
    if unlisted:
        yield _taken_out(unlisted)
    if deleted:
        paths = tuple(deleted)
        files = "1 file is" if len(paths) == 1 else f"{len(paths)} files are"
        told = f"{files} committed and deleted here: {', '.join(_names(paths))}"
        places = (Evidence(source="git", file=path) for path in paths[:SHOWN])
        yield broken("deleted", told, *places, remedy=_brought_back(paths))
    for kind, paths in kinds.items():
        if paths:
            files = "1 file is" if len(paths) == 1 else f"{len(paths)} files are"
            told = f"{files} {kind} and not committed: {', '.join(_names(paths))}"
            at = (Evidence(source="git", file=path) for path in paths[:SHOWN])
            remedy = _committing(kind, paths, work.holding)
            yield broken(kind, told, *at, remedy=remedy)
    if not any(kinds.values()) and not deleted and not unlisted:
        yield holds("work tree", "is as committed")


def _taken_out(paths: tuple[str, ...]) -> Answer:
    """Tell of files that lie there and are committed, and that git's index has no more."""
    files = "1 committed file is" if len(paths) == 1 else f"{len(paths)} committed files are"
    them = "it" if len(paths) == 1 else "them"
    told = f"{files} taken out of git's index, so the next commit deletes {them}: {', '.join(_names(paths))}"
    places = (Evidence(source="git", file=path) for path in paths[:SHOWN])
    named = shlex.join(paths) if len(paths) <= SHOWN else "."
    remedy = Remedy(
        summary="Put them back into the index, or commit that they are gone",
        commands=(f"git restore --staged -- {named}",),
        minutes=2,
    )
    return broken("taken out", told, *places, remedy=remedy)


def _committing(kind: str, paths: tuple[str, ...], holding: frozenset[str]) -> Remedy:
    """Return how the files of a kind are committed, without those that hold a credential."""
    left = tuple(one for one in paths if one in holding)
    others = tuple(one for one in paths if one not in holding)
    summary, commands = _COMMIT, _commits(kind, others)
    if left:
        named = ", ".join(_names(left))
        ignored = ", or have git ignore the file" if kind == "untracked" else ""
        summary = f"{_COMMIT}. Not {named}: take the credential out first{ignored}"
        many = len(left) > SHOWN or len(others) > SHOWN
        if kind == "staged":
            commands = (shlex.join(["git", "restore", "--staged", "--", *left[:SHOWN]]), *commands)
            commands = commands[: 1 if many or not others else 2]
        elif many or not others:
            commands = ()
        elif kind == "changed":
            commands = (shlex.join(["git", "add", "--patch", "--", *others]), "git commit")
    return Remedy(summary=summary, commands=("git status --short", *commands), minutes=5)


def _commits(kind: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return what commits files of a kind: `git add --patch` offers none that git does not know yet."""
    if kind == "staged":
        return ("git commit",)
    if kind == "changed":
        return ("git add --patch", "git commit")
    if len(paths) > SHOWN:
        return ("git add --interactive", "git commit")
    return (shlex.join(["git", "add", "--", *paths]), "git commit")


def _brought_back(paths: tuple[str, ...]) -> Remedy:
    restore = "git restore --source=HEAD --staged --worktree"
    command = f"{restore} -- {' '.join(shlex.quote(one) for one in paths)}"
    if len(paths) > SHOWN:
        command = "git diff -z --name-only --diff-filter=D HEAD | "
        command += f"{restore} --pathspec-from-file=- --pathspec-file-nul"
    return Remedy(summary="Bring them back, or commit that they are gone", commands=(command,), minutes=2)


@check(
    "no-merge-in-progress",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="End it, then commit", commands=("git status",), minutes=10),
)
def no_merge_in_progress(work: WorkTree) -> Iterator[Answer]:
    """No merge, rebase or bisection stands half done, and no file is in conflict."""
    state = work.state
    if state.in_progress is None and not state.conflicted:
        yield holds("work tree", "nothing is half done")
        return
    word = state.in_progress or "merge"
    places = [Evidence(source="git", file=path) for path in state.conflicted[:SHOWN]]
    conflict = f"; in conflict: {', '.join(_names(state.conflicted))}" if state.conflicted else ""
    remedy = Remedy(
        summary=f"End the {word} or give it up",
        commands=("git status", f"git {word} --{'reset' if word == 'bisect' else 'continue'}"),
        minutes=10,
    )
    if word == "bisect":
        remedy = Remedy(summary="End the bisection", commands=("git bisect reset",), minutes=2)
    yield broken("work tree", f"a {word} is half done{conflict}", *places, remedy=remedy)


@check("workflow-files-committed", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def workflow_files_committed(work: WorkTree) -> Iterator[Answer]:
    """Every workflow file is committed as it lies there: GitHub runs what is committed."""
    state = work.state
    changed = dict.fromkeys((*state.staged, *state.unstaged, *state.untracked, *state.conflicted))
    found = [path for path in changed if path.startswith((WORKFLOWS, ".github/actions/"))]
    gone = tuple(path for path in found if path in state.deleted and path not in state.untracked)
    if gone:
        files = "1 file is" if len(gone) == 1 else f"{len(gone)} files are"
        ones = "one" if len(gone) == 1 else "ones"
        told = f"{files} deleted here, and GitHub runs the committed {ones}: {', '.join(_names(gone))}"
        places = (Evidence(source="git", file=path) for path in gone[:SHOWN])
        yield broken("deleted", told, *places, remedy=_brought_back(gone))
    unlisted = tuple(path for path in found if path in state.unlisted)
    if unlisted:
        yield _taken_out(unlisted)
    for path in (one for one in found if one not in gone and one not in unlisted):
        new = path in state.untracked
        told = (
            "is not committed: GitHub will not know it"
            if new
            else "is changed: GitHub runs the committed one"
        )
        remedy = Remedy(
            summary="Commit the file",
            commands=(f"git add '{path}'", f"git commit -m 'Workflow' -- '{path}'"),
            minutes=2,
        )
        if path in work.holding:
            summary = "Take the credential out of the file, then commit it"
            remedy = Remedy(summary=summary, commands=("git status --short",), minutes=10)
        yield broken(path, told, Evidence(source="git", file=path), remedy=remedy)
    if not found:
        yield holds("workflow files", "are as committed")


@check("needed-file-not-ignored", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def needed_file_not_ignored(work: WorkTree, manifests: Manifests) -> Iterator[Answer]:
    """Git ignores no workflow file, and no lock file of a workspace that builds programs."""
    roots = {one.directory for one in manifests.workspaces if one.binaries}
    found = [
        one
        for one in work.ignored
        if (one.path.startswith(WORKFLOWS) and one.path.endswith((".yml", ".yaml")))
        or (one.path.endswith("Cargo.lock") and one.path.rpartition("/")[0] in roots)
    ]
    for one in found:
        remedy = Remedy(
            summary="Take the rule out, or add the file in spite of it",
            commands=(f"git add --force '{one.path}'", f"git commit -m 'Track it' -- '{one.path}'"),
            minutes=3,
        )
        place = Evidence(source="git", file=one.file, line=one.line if one.file else None, excerpt=one.rule)
        told = f"lies there and is never committed: the rule {one.rule!r} ignores it"
        weight = Weight.WARNING if one.path.startswith(WORKFLOWS) else Weight.NOTE
        yield broken(one.path, told, place, remedy=remedy, weight=weight)
    if not found:
        yield holds("ignored files", "none of them is needed")


@check(
    "history-complete",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Fetch the rest of the history", commands=("git fetch --unshallow",), minutes=3),
)
def history_complete(work: WorkTree) -> Iterator[Answer]:
    """All history is here: a shallow clone cannot be compared with the remote."""
    if work.state.shallow:
        told = "the clone is shallow: how far it is from the remote cannot be told"
        yield broken("clone", told, _git("is-shallow-repository: true"))
    else:
        yield holds("clone", "has its history")


@check("workflow-push-right", phase=Phase.FIRST_RUN, subject="live")
def workflow_push_right(tree: Tree, branch: ForgeBranch, token: ForgeToken) -> Iterator[Answer]:
    """When the push changes workflow files, the token has the right to."""
    changed = _unlike(tree, branch)
    if not changed:
        yield holds("token", "the push changes no workflow file")
    elif token.may("workflow") is False:
        told = f"the push changes {', '.join(_names(changed))}, and the token lacks the scope `workflow`"
        remedy = Remedy(
            summary="Give the token the scope `workflow`; then make sure that git uses this token",
            commands=("gh auth refresh --hostname github.com --scopes workflow", "gh auth setup-git"),
            owner="operator",
            minutes=3,
        )
        places = [Evidence(source="git", file=path) for path in changed[:SHOWN]]
        yield broken("token", told, *places, remedy=remedy)
    elif token.may("workflow"):
        yield holds("token", "has the scope `workflow`")


@check(
    "remote-has-workflows",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Push again, and look at the files of the commit on GitHub", minutes=5),
    subject="live",
)
def remote_has_workflows(tree: Tree, branch: ForgeBranch, settings: Settings) -> Iterator[Answer]:
    """Once the commit is pushed, GitHub's tree has every workflow file with the same content."""
    if branch.commit is None or branch.commit != settings.commit:
        return
    lacking = _unlike(tree, branch)
    for path in lacking:
        yield broken(path, "is not on GitHub as it is committed here", Evidence(source="github", file=path))
    if not lacking:
        yield holds("workflow files", "are on GitHub as committed")


@check(
    "commit-and-work-tree-agree",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Correct it before it is committed", minutes=5),
)
def commit_and_work_tree_agree(difference: TreeDifference) -> Iterator[Answer]:
    """Nothing is broken in the work tree alone: once committed, it would go out."""
    alone = [one for one in difference.found if not one.of_the_commit]
    for one in alone:
        known = one.file is not None
        changed = tuple(
            replace(place, committed=False) if place.file in {one.file, *difference.changed} else place
            for place in one.places
        )
        alone_there = Evidence(
            source="file" if known else "git", file=one.file, line=one.line, committed=False
        )
        commands = (f"git diff HEAD -- {shlex.quote(str(one.file))}",) if known else ("git diff HEAD",)
        remedy = Remedy(
            summary="Correct it before it is committed", commands=() if one.new else commands, minutes=5
        )
        weight = Weight.NOTE if one.weight is Weight.NOTE else None
        yield broken(
            f"{one.check}: {one.subject}",
            _apart(one),
            *(changed or (alone_there,)),
            remedy=remedy,
            weight=weight,
        )
    if not alone:
        yield holds("commit and work tree", "agree" if difference.compared else "are the same")


def _apart(one: Difference) -> str:
    file = f" ({one.file} makes the difference)" if one.file else ""
    once = f"; once committed, it would block the {one.phase}" if one.weight is Weight.BLOCKER else ""
    word = "broken" if one.lying is Verdict.BROKEN else "not to be told"
    return f"is {word} in the work tree and not in the commit{file}: {one.message}{once}"


def _unlike(tree: Tree, branch: ForgeBranch) -> list[str]:
    """Return the workflow files that GitHub has not, or has with other content."""
    ours = [one for one in tree if one.path.startswith(WORKFLOWS) and one.blob is not None]
    return [one.path for one in ours if branch.workflows.get(one.path) != one.blob]


def _git(said: str) -> Evidence:
    return Evidence(source="git", excerpt=said)


def _names(paths: list[str] | tuple[str, ...]) -> list[str]:
    more = [f"and {len(paths) - SHOWN} more"] if len(paths) > SHOWN else []
    return [path.rpartition("/")[2] for path in paths[:SHOWN]] + more

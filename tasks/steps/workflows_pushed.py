"""The branch's commits, and with them the workflow files, are on GitHub."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.domain.change import Change
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.step import Decision
from tasks.steps.step import Blocked, Step
from tasks.systems.git import Git, Pushed
from tasks.systems.github import GitHub, Unreachable

NAME = "workflows-pushed"
WORKFLOWS = ".github/workflows"
_FILE = re.compile(r"`(\.github/workflows/[^`]+)`")
_LOGIN_FAILED = (
    "authentication failed",
    "could not read username",
    "403",
    "401",
    "not found",
    "permission to",
)


@dataclass(frozen=True, kw_only=True)
class Pushing:
    """Where the commit and the branch on GitHub stand to each other.

    ``contained``: the branch on GitHub has the commit. ``fast_forward``: the commit has all of the branch.
    The two maps give workflow file -> blob id, of the commit here and of the same commit as GitHub has it.
    """

    commit: str | None
    branch: str
    remote: str | None
    contained: bool
    fast_forward: bool
    ahead: int | None = None
    here: Mapping[str, str] = field(default_factory=dict)
    there: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say it in a line."""
        at = (self.remote or "nothing")[:9]
        if self.contained:
            return f"{self.branch} on GitHub is at {at} and has {(self.commit or '')[:9]}"
        more = "" if self.ahead is None else f" ({self.ahead} commits to push)"
        return f"{self.branch} on GitHub is at {at}{more}"


def look(git: Git, github: GitHub, branch: str, commit: str | None) -> Pushing:
    """Ask GitHub where the branch stands and git how the commit relates to it."""
    remote = github.repository.branch_commit(branch)
    if commit is None:
        return Pushing(commit=None, branch=branch, remote=remote, contained=False, fast_forward=False)
    if remote is not None and not git.has(remote):
        git.fetch(github.git_url, f"refs/heads/{branch}", github.git_token)
    contained = remote is not None and git.contains(remote, commit)
    return Pushing(
        commit=commit,
        branch=branch,
        remote=remote,
        contained=contained,
        fast_forward=remote is None or git.contains(commit, remote),
        ahead=None if remote is None else git.ahead_behind(commit, remote)[0],
        here={blob.path: blob.id for blob in git.tree(commit, WORKFLOWS) if blob.path.count("/") == 2},
        there=github.repository.workflow_files(commit) if contained else {},
    )


def decide(seen: Pushing, taken_in: Remedy | None = None) -> Decision:
    """Push what is missing, by a plain push; never over commits that only GitHub has.

    ``taken_in`` is what to do about those where it is not to take them in.
    """
    if seen.commit is None:
        return Decision(blocked=(_nothing_committed(seen.branch),))
    if seen.contained:
        lost = sorted(path for path, blob in seen.here.items() if seen.there.get(path) != blob)
        if lost:
            return Decision(blocked=(_not_the_same(seen, lost),))
        return Decision(why=f"{seen.branch} has {seen.commit[:9]} with its {len(seen.here)} workflow files")
    if not seen.fast_forward:
        return Decision(blocked=(_behind(seen, taken_in),))
    push = Change(
        verb="push",
        target=f"refs/heads/{seen.branch} at {seen.commit}",
        why="the branch on GitHub lacks commits",
        reversible=False,
    )
    return Decision(changes=(push,))


def act(git: Git, github: GitHub, seen: Pushing) -> None:
    """Push; a refusal is raised as Blocked with GitHub's words, no answer as Unreachable."""
    pushed = git.push(github.git_url, f"{seen.commit}:refs/heads/{seen.branch}", github.git_token)
    if pushed.ok and seen.commit is not None:
        git.follow(github.git_url, seen.branch, seen.commit)
    if pushed.ok:
        return
    raise_refusal(pushed, f"refs/heads/{seen.branch}", github.full_name, phase=Phase.FIRST_RUN)


def step(settings: Settings, *, git: Git, github: GitHub) -> Step[Pushing]:
    """Bind the step to a work tree and a repository."""

    def looked() -> Pushing:
        return look(git, github, settings.branch, settings.commit or git.head())

    return Step(
        name=NAME,
        phase=Phase.FIRST_RUN,
        title=f"Push {settings.branch}",
        look=looked,
        decide=lambda seen: decide(seen, _forgetting(settings)),
        act=lambda _, seen: act(git, github, seen),
    )


def _forgetting(settings: Settings) -> Remedy | None:
    """Return how a rehearsal begins anew: what its GitHub has and nobody else, earlier ones left there."""
    if settings.world is not WorldKind.EMBEDDED:
        return None
    world = settings.scenario or "main"
    ended = ["python", "-m", "flows.deactivate", *(["--scenario", world] if settings.scenario else [])]
    kept = [str(settings.state_directory / one / world) for one in ("worlds", "repositories")]
    return Remedy(
        summary="An earlier rehearsal pushed commits that were amended or dropped since: forget what "
        "rehearsals did, and rehearse what is committed now",
        commands=(shlex.join(ended), shlex.join(["rm", "-r", *kept])),
        owner="operator",
        minutes=2,
    )


def raise_refusal(pushed: Pushed, ref: str, repository: str, *, phase: Phase) -> None:
    """Raise what a push that did not work stands for."""
    if pushed.refused:
        raise Blocked(
            *(refusal(ref, one.reason, one.remote_lines, repository, phase) for one in pushed.refused)
        )
    failure = pushed.failure or "git push failed"
    if any(words in failure.lower() for words in _LOGIN_FAILED):
        raise Blocked(refusal(ref, failure, (), repository, phase))
    raise Unreachable(f"push of {ref}: {failure}")


def refusal(ref: str, reason: str, remote: tuple[str, ...], repository: str, phase: Phase) -> Finding:
    """Say what GitHub refused, in its own words, and what a person does about it."""
    excerpt = "\n".join([reason, *remote])
    named = _FILE.search(excerpt)
    return Finding(
        check="push-accepted",
        phase=phase,
        subject=ref,
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=f"GitHub refused the push: {reason}",
        evidence=(Evidence(source="git", file=named[1] if named else None, excerpt=excerpt),),
        remedy=remedy(excerpt, repository),
    )


def remedy(words: str, repository: str) -> Remedy:
    """Choose the remedy that a refusal's words ask for."""
    lowered = words.lower()
    if "workflow` scope" in lowered or "`workflows` permission" in lowered:
        return Remedy(
            summary="Give the token the right to change workflow files: scope `workflow` (classic), or "
            "permission Workflows: write (fine-grained)",
            commands=("gh auth refresh --hostname github.com --scopes workflow",),
            url="https://github.com/settings/tokens",
            owner="token-owner",
            minutes=5,
        )
    if any(word in lowered for word in ("fetch first", "non-fast-forward", "stale info")):
        return Remedy(
            summary="Take in what others pushed, then run this again", commands=("git pull --rebase",)
        )
    if any(
        word in lowered for word in ("protected branch", "rule violations", "gh006", "gh013", "hook declined")
    ):
        return Remedy(
            summary="The branch's rules ask for another way in: merge it by pull request, "
            "or let somebody who may bypass the rules push",
            commands=(
                "git switch --create activation",
                "git push --set-upstream origin activation",
                "gh pr create",
            ),
            url=f"https://github.com/{repository}/rules",
            owner="github-admin",
            minutes=15,
        )
    if any(word in lowered for word in _LOGIN_FAILED):
        return Remedy(
            summary="Use a token that may write to this repository",
            commands=("gh auth login --scopes repo,workflow",),
            owner="token-owner",
            minutes=5,
        )
    return Remedy(summary="Put right what GitHub names, then run this again", owner="repository", minutes=15)


def _nothing_committed(branch: str) -> Finding:
    return Finding(
        check="something-committed",
        phase=Phase.FIRST_RUN,
        subject=branch,
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message="the work tree has no commit to push",
        evidence=(Evidence(source="git", excerpt="HEAD names no commit"),),
        remedy=Remedy(summary="Commit the work", commands=("git add --all", "git commit"), minutes=5),
    )


def _behind(seen: Pushing, taken_in: Remedy | None) -> Finding:
    return Finding(
        check="push-accepted",
        phase=Phase.FIRST_RUN,
        subject=f"refs/heads/{seen.branch}",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=f"{seen.branch} on GitHub has commits that are not here; a plain push would be refused",
        evidence=(Evidence(source="github", excerpt=f"{seen.branch} is at {seen.remote}"),),
        remedy=taken_in
        or Remedy(
            summary="Take in what others pushed, then run this again",
            commands=(f"git pull --rebase origin {seen.branch}",),
        ),
    )


def _not_the_same(seen: Pushing, paths: list[str]) -> Finding:
    return Finding(
        check="workflows-on-github",
        phase=Phase.FIRST_RUN,
        subject=seen.branch,
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=f"GitHub shows other workflow files for {(seen.commit or '')[:9]}: {', '.join(paths)}",
        evidence=tuple(Evidence(source="github", file=path) for path in paths),
        remedy=Remedy(
            summary="Run it again; if it stays so, ask GitHub's support", owner="operator", minutes=10
        ),
    )

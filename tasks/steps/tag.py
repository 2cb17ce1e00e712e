"""The release tag: annotated, on the commit whose runs are green, and never moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tasks.domain.change import Change
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.forge import ForgeSecrets
from tasks.domain.phase import Phase
from tasks.domain.secret_need import SecretNeed, secret_needs
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.domain.workflow import Workflows
from tasks.steps.repository_secrets import missing_secrets
from tasks.steps.runs_green import FirstRun
from tasks.steps.step import Step
from tasks.steps.workflow_file import workflow_file
from tasks.steps.workflows_pushed import raise_refusal
from tasks.systems.git import Git
from tasks.systems.github import GitHub

NAME = "tag"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Where the tag is on GitHub (None: nowhere), where it has to be, and what the release would lack."""

    tag: str | None
    at: str | None
    commit: str | None
    repository: str
    workflow: str | None
    first_run: FirstRun | None
    lacking: tuple[SecretNeed, ...] = ()

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.tag} is at {self.at[:9]}" if self.at else f"{self.tag} is not on GitHub"


def decide(seen: Seen) -> Decision:
    """Tag the commit once its runs are green; a tag elsewhere is left where it is."""
    if seen.tag is None or seen.workflow is None:
        what = (
            "no version to release is known" if seen.tag is None else "no workflow makes a release from a tag"
        )
        return Decision(skipped=True, why=what)
    if seen.at is not None and seen.at == seen.commit:
        return Decision(why=str(seen))
    if seen.at is not None:
        return Decision(blocked=(_elsewhere(seen),))
    if lacking := missing_secrets(seen.lacking, seen.repository, phase=Phase.RELEASE):
        return Decision(blocked=lacking)
    if seen.first_run is not None and not seen.first_run.green:
        return Decision(blocked=(_not_green(seen, seen.first_run),))
    return Decision(
        changes=(
            Change(
                verb="create",
                target=f"refs/tags/{seen.tag} at {seen.commit}",
                why="releases are made from tags",
                reversible=False,
            ),
        )
    )


def act(git: Git, github: GitHub, seen: Seen) -> None:
    """Push the tag's object; the ref is made on GitHub alone."""
    assert seen.tag is not None
    assert seen.commit is not None
    made = git.tag_object(seen.tag, seen.commit, f"Release {seen.tag}")
    pushed = git.push(github.git_url, f"{made}:refs/tags/{seen.tag}", github.git_token)
    if not pushed.ok:
        raise_refusal(pushed, f"refs/tags/{seen.tag}", github.full_name, phase=Phase.RELEASE)


def step(
    settings: Settings,
    workflows: Workflows,
    *,
    git: Git,
    github: GitHub,
    first_run: Callable[[], FirstRun] | None = None,
) -> Step[Seen]:
    """Bind the step; ``first_run`` looks at the runs of the commit (None: somebody else holds that gate)."""
    workflow = workflow_file(workflows, settings.release_workflow)
    needs = secret_needs([workflow]) if workflow is not None else ()

    def look() -> Seen:
        commit = settings.commit or git.head()
        if settings.tag is None or workflow is None:
            return Seen(
                tag=settings.tag,
                at=None,
                commit=commit,
                repository=settings.full_name,
                workflow=None,
                first_run=None,
            )
        at = github.repository.tag_commit(settings.tag)
        absent = at is None
        return Seen(
            tag=settings.tag,
            at=at,
            commit=commit,
            repository=settings.full_name,
            workflow=workflow.path,
            first_run=first_run() if absent and first_run is not None else None,
            lacking=_lacking(needs, github.secrets.names(github.environments.all()))
            if absent and needs
            else (),
        )

    return Step(
        name=NAME,
        phase=Phase.RELEASE,
        title=f"Tag {settings.tag or 'the release'}",
        look=look,
        decide=decide,
        act=lambda _, seen: act(git, github, seen),
        after=("runs-green",),
    )


def _lacking(needs: tuple[SecretNeed, ...], secrets: ForgeSecrets) -> tuple[SecretNeed, ...]:
    return tuple(need for need in needs if not need.met(secrets))


def _elsewhere(seen: Seen) -> Finding:
    return Finding(
        check="tag-is-free",
        phase=Phase.RELEASE,
        subject=seen.tag or "",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=f"{seen.tag} exists already at {(seen.at or '')[:9]}, not at {(seen.commit or '')[:9]}",
        evidence=(Evidence(source="github", excerpt=f"refs/tags/{seen.tag} -> {seen.at}"),),
        remedy=Remedy(
            summary="A released version never changes: raise the version in Cargo.toml and commit",
            commands=(
                f"git log --oneline {(seen.at or '')[:9]}..{(seen.commit or '')[:9]}",
                "git commit --all",
            ),
            minutes=5,
        ),
    )


def _not_green(seen: Seen, first_run: FirstRun) -> Finding:
    return Finding(
        check="first-run-green",
        phase=Phase.RELEASE,
        subject=seen.tag or "",
        verdict=Verdict.BROKEN if first_run.settled else Verdict.UNKNOWN,
        weight=Weight.BLOCKER,
        message=f"the runs at {(seen.commit or '')[:9]} are not green: {first_run}",
        evidence=tuple(
            Evidence(source="github", file=path, url=watched.run.url)
            for path, watched in first_run.runs.items()
            if not watched.green
        ),
        remedy=Remedy(summary="Put right what the first run names, then run this again", minutes=15),
    )

"""Every run that the push has to start is there and green."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tasks.domain.change import Change
from tasks.domain.evidence import Evidence
from tasks.domain.expected_runs import ExpectedRuns, expected_runs
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.domain.workflow import Workflows
from tasks.steps.step import Clock, Step
from tasks.steps.unseen_jobs import together
from tasks.steps.watched_runs import WatchedRun, Watcher, findings, latest
from tasks.systems.git import Git
from tasks.systems.github import GitHub, GithubFailure

NAME = "runs-green"
APPEAR_SECONDS = 60.0  # runs come late; GitHub states no bound
POSSIBLE_SECONDS = 5.0  # how long to wait, when all certain runs are there, for those that only may come
PATIENCE = 3600.0


@dataclass(frozen=True, kw_only=True)
class FirstRun:
    """The runs at the pushed commit; ``overdue`` when missing ones have had their time to appear."""

    commit: str
    repository: str
    expected: ExpectedRuns
    runs: Mapping[str, WatchedRun]
    overdue: bool = False
    patient: bool = False  # runs that only may come are still waited for
    absent: Mapping[str, str] = field(default_factory=dict)  # missing workflow -> why GitHub does not run it

    @property
    def missing(self) -> tuple[str, ...]:
        """The workflow files whose run is not there."""
        return tuple(path for path in self.expected.certain if path not in self.runs)

    @property
    def settled(self) -> bool:
        """Tell whether waiting changes nothing any more (a run that waits for a person does not move)."""
        there = all(
            watched.run.completed or watched.run.status == "waiting" for watched in self.runs.values()
        )
        return there and (not self.missing or self.overdue) and not self.patient

    @property
    def green(self) -> bool:
        """Tell whether all expected runs are there and ended well."""
        return not self.missing and all(watched.green for watched in self.runs.values())

    def __str__(self) -> str:
        """Say how far it is."""
        parts = [watched.view.progress for watched in self.runs.values() if not watched.run.completed]
        if self.missing:
            parts.append(f"no run yet of {', '.join(path.rpartition('/')[2] for path in self.missing)}")
        done = sum(watched.run.completed for watched in self.runs.values())
        total = len(self.runs) + len(self.missing)
        return f"{done}/{total} runs done" + (f"; {'; '.join(parts)}" if parts else "")


def decide(seen: FirstRun) -> Decision:
    """Name what is red, missing or waiting; a failure of the network gets one more attempt."""
    if not seen.runs and not seen.expected.certain:
        return Decision(skipped=True, why="no workflow is started by this push")
    again = [watched for watched in seen.runs.values() if watched.may_pass]
    if again:
        return Decision(changes=tuple(watched.again for watched in again))
    red = [
        finding
        for watched in seen.runs.values()
        for finding in findings(watched, seen.repository, Phase.FIRST_RUN)
    ]
    blocked = (*together(red), *(_missing(path, seen) for path in seen.missing))
    waiting = [watched.run for watched in seen.runs.values() if watched.run.status == "waiting"]
    return Decision(
        blocked=blocked,
        waiting=f"{waiting[0].name} waits for a reviewer: {waiting[0].url}" if waiting else None,
        why=str(seen) if not blocked else "",
    )


def step(
    settings: Settings,
    workflows: Workflows,
    *,
    git: Git,
    github: GitHub,
    clock: Clock,
    watcher: Watcher | None = None,
    appear_seconds: float = APPEAR_SECONDS,
    before: Callable[[], str | None] = lambda: None,
) -> Step[FirstRun]:
    """Bind the step; ``before`` gives the commit the branch was at before the push, when that is known."""
    watcher = watcher or Watcher(github, workflows)
    started: list[float] = []

    def look() -> FirstRun:
        if not started:
            started.append(clock.monotonic())
        return look_at(
            settings,
            workflows,
            git=git,
            github=github,
            watcher=watcher,
            waited=clock.monotonic() - started[0],
            appear_seconds=appear_seconds,
            before=before(),
        )

    def act(change: Change, _: FirstRun) -> None:
        github.runs.rerun_failed(int(change.detail["run"]))

    return Step(
        name=NAME,
        phase=Phase.FIRST_RUN,
        title="Runs of the push",
        look=look,
        decide=decide,
        act=act,
        settled=lambda seen: seen.settled,
        after=("workflows-pushed",),
        patience=PATIENCE,
        poll=0.5,
        poll_limit=github.poll_limit,
        timeout=PATIENCE + 60,
    )


def look_at(
    settings: Settings,
    workflows: Workflows,
    *,
    git: Git,
    github: GitHub,
    watcher: Watcher,
    waited: float = APPEAR_SECONDS,
    appear_seconds: float = APPEAR_SECONDS,
    before: str | None = None,
) -> FirstRun:
    """Look once at the runs of the branch's commit; by default missing runs count as overdue."""
    commit = settings.commit or git.head() or ""
    changed = git.changed(before, commit) if before and git.has(before) else None
    message = git.message(commit) if commit else ""
    expected = expected_runs(workflows, branch=settings.branch, message=message, changed=changed)
    found = latest(github.runs.of_commit(commit), event="push", ref=settings.branch) if commit else {}
    seen = FirstRun(
        commit=commit,
        repository=settings.full_name,
        expected=expected,
        runs={path: watcher.watch(run) for path, run in found.items()},
        overdue=waited >= appear_seconds,
        patient=waited < POSSIBLE_SECONDS and any(path not in found for path in expected.possible),
    )
    if not (seen.missing and seen.overdue):
        return seen
    return FirstRun(**{**seen.__dict__, "absent": _why_absent(github, seen.missing)})


def _why_absent(github: GitHub, missing: tuple[str, ...]) -> Mapping[str, str]:
    """Ask GitHub why it may not have started a workflow."""
    try:
        if not github.repository.actions().enabled:
            return dict.fromkeys(missing, "Actions are switched off for this repository")
    except GithubFailure:  # needs admin rights: without them the workflows' states still say something
        pass
    known = github.repository.workflows()
    reasons: dict[str, str] = {}
    for path in missing:
        workflow = known.at(path)
        if workflow is None:
            reasons[path] = "GitHub does not know this workflow"
        elif workflow.state != "active":
            reasons[path] = f"the workflow is {workflow.state}"
    return reasons


def _missing(path: str, seen: FirstRun) -> Finding:
    file = path.rpartition("/")[2]
    why = seen.absent.get(path)
    enable = (f"gh workflow enable {file} --repo {seen.repository}",) if why and "disabled" in why else ()
    return Finding(
        check="run-started",
        phase=Phase.FIRST_RUN,
        subject=file,
        verdict=Verdict.BROKEN if why else Verdict.UNKNOWN,
        weight=Weight.BLOCKER,
        message=f"{file} has no run at {seen.commit[:9]}: {why or 'GitHub states no reason'}",
        evidence=(Evidence(source="github", file=path),),
        remedy=Remedy(
            summary="Switch the workflow on, or look at the repository's Actions page and GitHub's status",
            commands=enable,
            url="https://www.githubstatus.com",
            owner="github-admin",
            minutes=10,
        ),
    )

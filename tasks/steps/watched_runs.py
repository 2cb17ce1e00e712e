"""Runs as they are watched to their end: which are there, how far they are, why they failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tasks.domain.change import Change
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.run import Job, Run, RunAnnotation, RunView
from tasks.domain.run_log import LogExcerpt, excerpt, may_pass_next_time, rank, runner_lost
from tasks.domain.step_place import line_of
from tasks.domain.workflow import Workflows
from tasks.steps.unseen_jobs import together, unseen
from tasks.systems.github import GitHub, GithubFailure

CHECK = "run-green"
FAILED = frozenset({"failure", "timed_out", "cancelled"})
LOST_ATTEMPTS = 4  # a machine that goes away that often has a reason
NOISE = "Process completed with exit code"


@dataclass(frozen=True, kw_only=True)
class FailedJob:
    """A job that failed, with what log and annotations say; ``unread`` is why the log could not be."""

    job: Job
    shown: LogExcerpt | None = None
    annotations: tuple[RunAnnotation, ...] = ()
    may_pass: bool = False
    unread: str | None = None
    line: int | None = None  # of the step that failed, in the workflow file

    @property
    def lost(self) -> bool:
        """Tell whether the job only ended because its machine went away."""
        return any(runner_lost(note.message) for note in self.annotations)

    @property
    def limits(self) -> tuple[RunAnnotation, ...]:
        """What was missing where the job was tried; with any, the job says nothing about the repository."""
        return tuple(note for note in self.annotations if note.is_limit)


@dataclass(frozen=True, kw_only=True)
class WatchedRun:
    """A run, its jobs, and the failed ones among them."""

    view: RunView
    failed: tuple[FailedJob, ...] = ()
    stale: bool = False

    @property
    def run(self) -> Run:
        """The run itself."""
        return self.view.run

    @property
    def green(self) -> bool:
        """Tell whether it ended well and every job of it could be run."""
        return self.run.green and not self.failed

    @property
    def may_pass(self) -> bool:
        """Tell whether it is worth another attempt: after a failure of the network or a lost machine.

        Also when it was cancelled before anybody watched: who activates again wants it to run.
        """
        if self.cut_off:
            return True
        if not self.failed:
            return False
        if any(failed.limits for failed in self.failed):
            return self.stale and self._obtainable
        if all(failed.lost for failed in self.failed):
            return self.run.attempt <= LOST_ATTEMPTS
        return self.run.attempt == 1 and all(failed.may_pass or failed.lost for failed in self.failed)

    @property
    def cut_off(self) -> bool:
        """Tell whether it was cancelled before this activation began, as an interrupted one does it."""
        return self.stale and self.run.conclusion == "cancelled"

    @property
    def _obtainable(self) -> bool:
        """Tell whether something was missing that a person can install."""
        return any(limit.details for failed in self.failed for limit in failed.limits)

    @property
    def again(self) -> Change:
        """The change that starts its failed jobs again."""
        number = f", attempt {self.run.attempt}" if self.run.attempt > 1 else ""
        if self.cut_off:
            why = "it was cancelled before"
        elif self._obtainable:
            why = "what this machine lacked may be there now"
        elif all(failed.lost for failed in self.failed):
            why = "the machine it ran on went away"
        else:
            why = "the log speaks of the network, not of the code"
        return Change(
            verb="rerun",
            target=f"failed jobs of {self.run.name} (run {self.run.id}{number})",
            why=why,
            detail={"run": str(self.run.id)},
        )


class Watcher:
    """Looks at runs again and again, asking only for what may have changed."""

    def __init__(
        self, github: GitHub, workflows: Workflows | None = None, began: datetime | None = None
    ) -> None:
        self._github = github
        self._workflows = workflows or Workflows()
        self._began = (began or datetime.now(UTC)).replace(microsecond=0)  # GitHub tells whole seconds
        self._met: set[int] = set()
        self._ended: dict[tuple[int, int], WatchedRun] = {}

    def watch(self, run: Run) -> WatchedRun:
        """Look at a run; one that has ended is read once, with the logs of its failed jobs."""
        known = self._ended.get((run.id, run.attempt))
        if known is not None and run.completed:
            return known
        jobs = self._github.runs.jobs(run.id)
        watched = WatchedRun(
            view=RunView(run=run, jobs=jobs), failed=self._failed(run, jobs), stale=self._stale(run)
        )
        if run.completed:
            self._ended[run.id, run.attempt] = watched
        return watched

    def _stale(self, run: Run) -> bool:
        """Tell whether a run had ended before anybody watched: what its machine lacked may be there now."""
        if run.id in self._met:
            return False
        self._met.add(run.id)
        return (
            run.completed
            and run.updated_at is not None
            and datetime.fromisoformat(run.updated_at) < self._began
        )

    def _failed(self, run: Run, jobs: Sequence[Job]) -> tuple[FailedJob, ...]:
        if not run.completed or run.conclusion == "success":
            return ()
        left_out = [self._left_out(job) for job in jobs if job.conclusion == "skipped"]
        unseen = tuple(one for one in left_out if one.limits)
        if run.green:
            return unseen
        red = [job for job in jobs if job.conclusion in FAILED]
        # When something failed, what was cancelled for it is no cause.
        causes = [job for job in red if job.conclusion != "cancelled"] or red
        return (*(self._placed(run, self._read(job)) for job in causes), *unseen)

    def _placed(self, run: Run, failed: FailedJob) -> FailedJob:
        workflow = self._workflows.at(run.workflow)
        if workflow is None:
            return failed
        step = failed.job.failed_step
        return replace(failed, line=line_of(workflow, failed.job.name, step.name if step else None))

    def _left_out(self, job: Job) -> FailedJob:
        """Look why a job was skipped: because of its condition, or because it could not be run at all."""
        try:
            return FailedJob(job=job, annotations=self._github.runs.annotations(job.check_run or job.id))
        except GithubFailure as error:
            return FailedJob(job=job, unread=str(error))

    def _read(self, job: Job) -> FailedJob:
        annotations: tuple[RunAnnotation, ...] = ()
        try:
            annotations = self._github.runs.annotations(job.check_run or job.id)
            log = self._github.runs.log(job.id)
        except GithubFailure as error:
            return FailedJob(job=job, annotations=annotations, unread=str(error))
        return FailedJob(
            job=job, shown=excerpt(log), annotations=annotations, may_pass=may_pass_next_time(log)
        )


def latest(runs: Sequence[Run], *, event: str, ref: str | None) -> dict[str, Run]:
    """Return the newest run of each workflow file for an event and a ref."""
    newest: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: run.id):
        if run.event == event and (ref is None or run.ref == ref):
            newest[run.workflow] = run
    return newest


def findings(watched: WatchedRun, repository: str, phase: Phase) -> tuple[Finding, ...]:
    """Say why a run is red: one finding a failed job; one for the run when it has no failed job."""
    run = watched.run
    if watched.green or not run.completed:
        return ()
    if watched.failed:
        return together(
            [
                unseen(run, failed.job, failed.limits, phase)
                if failed.limits
                else _job_finding(run, failed, repository, phase)
                for failed in watched.failed
            ]
        )
    how = {
        "startup_failure": "could not start: GitHub refuses the workflow file",
        "cancelled": "was cancelled before a job failed",
        "action_required": "waits for somebody's consent to run at all",
    }.get(run.conclusion or "", f"ended with {run.conclusion}")
    return (
        Finding(
            check=CHECK,
            phase=phase,
            subject=run.workflow.rpartition("/")[2],
            verdict=Verdict.BROKEN,
            weight=Weight.BLOCKER,
            message=f"{run.name} {how}",
            evidence=(Evidence(source="github", file=run.workflow, excerpt=run.title or None, url=run.url),),
            remedy=Remedy(
                summary="Open the run; correct the workflow file or start the run again",
                commands=(f"gh run view {run.id} --repo {repository}",),
                url=run.url,
                minutes=15,
            ),
        ),
    )


def _job_finding(run: Run, failed: FailedJob, repository: str, phase: Phase) -> Finding:
    step = failed.job.failed_step
    place = f"{failed.job.name}" + (f", step {step.name}" if step else "")
    reason = _reason(failed)
    return Finding(
        check=CHECK,
        phase=phase,
        subject=f"{run.workflow.rpartition('/')[2]}: {failed.job.name}",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message=f"{run.name} is red at {place}" + (f": {reason}" if reason else ""),
        evidence=_evidence(run, failed),
        remedy=_remedy(run, failed, repository, phase),
    )


def _reason(failed: FailedJob) -> str:
    """Return the line that says most: of the annotations, else of the log; its last one when none does."""
    lines = list(failed.shown.lines) if failed.shown else []
    notes = [note.message.splitlines()[0] for note in failed.annotations if note.message]
    said = [line for line in notes if NOISE not in line] + lines
    telling = [line for line in said if rank(line) < rank("")]
    chosen = min(telling, key=rank) if telling else next(iter([*lines[-1:], *said]), failed.unread or "")
    return chosen[:300]


def _evidence(run: Run, failed: FailedJob) -> tuple[Evidence, ...]:
    evidence = [Evidence(source="github", file=run.workflow, line=failed.line, url=failed.job.url or run.url)]
    if failed.shown:
        evidence.append(
            Evidence(
                source="log", line=failed.shown.line, excerpt=str(failed.shown), url=failed.job.url or run.url
            )
        )
        evidence += [
            Evidence(
                source="log", file=place.file, line=place.line, excerpt=place.text, url=failed.job.url or None
            )
            for place in failed.shown.places
        ]
    if failed.unread:
        evidence.append(Evidence(source="log", excerpt=f"could not be read: {failed.unread}"))
    for note in failed.annotations:
        if NOISE in note.message:
            continue
        own = note.path if note.path and note.path != ".github" else None
        evidence.append(
            Evidence(source="annotation", file=own, line=note.line if own else None, excerpt=note.message)
        )
    return tuple(evidence)


def _remedy(run: Run, failed: FailedJob, repository: str, phase: Phase) -> Remedy:
    command = failed.shown.command if failed.shown else None
    if failed.job.conclusion == "cancelled" or failed.may_pass or failed.lost:
        return Remedy(
            summary="Start the failed jobs again: the failure is not the code's",
            commands=(f"gh run rerun {run.id} --failed --repo {repository}",),
            url=run.url,
            minutes=5,
        )
    if phase is not Phase.FIRST_RUN:
        return Remedy(
            summary="Correct what the log names, raise the version (a released one never changes), commit, "
            "and run this again",
            commands=(_log(failed, repository), "git commit --all"),
            url=failed.job.url or run.url,
            minutes=30,
        )
    here = (command,) if command is not None and _repeatable(command) else ()
    return Remedy(
        summary="Repeat the failing command here, correct the cause, commit, and run this again"
        if here
        else "Correct what the log names, commit, and run this again",
        commands=(_log(failed, repository), *here, "git commit --all"),
        url=failed.job.url or run.url,
        minutes=30,
    )


def _log(failed: FailedJob, repository: str) -> str:
    return f"gh run view --job {failed.job.id} --log-failed --repo {repository}"


def _repeatable(command: str) -> bool:
    """Tell whether a person can run it: no action, nothing that only the job's environment gives."""
    return (
        command.split(maxsplit=1)[0] != "set"
        and "@" not in command.split(maxsplit=1)[0]
        and not command.startswith("./.github")
        and "$" not in command
    )

"""Workflow runs and what they are made of, as GitHub shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tasks.domain.limit import TITLE

GREEN = frozenset({"success", "skipped", "neutral"})


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one workflow at one commit; times are ISO 8601, None where GitHub states none."""

    id: int
    workflow: str  # the file's path, .github/workflows/build.yml
    name: str
    event: str
    sha: str
    ref: str | None  # the branch or tag by its short name
    status: str
    conclusion: str | None
    attempt: int
    title: str
    url: str
    created_at: str
    started_at: str | None = None
    updated_at: str | None = None

    @property
    def completed(self) -> bool:
        """Tell whether nothing of this attempt is left to run."""
        return self.status == "completed"

    @property
    def green(self) -> bool:
        """Tell whether it ended without a failure."""
        return self.completed and self.conclusion in GREEN

    @property
    def seconds(self) -> float | None:
        """Return the wall time of the attempt, None while it is not known."""
        return seconds_between(self.started_at, self.updated_at) if self.completed else None


@dataclass(frozen=True, kw_only=True)
class JobStep:
    """One step of a job."""

    number: int
    name: str
    status: str
    conclusion: str | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job of a run; ``run_attempt`` tells which attempt it belongs to."""

    id: int
    run_id: int
    run_attempt: int
    name: str
    status: str
    conclusion: str | None
    url: str
    started_at: str | None = None
    completed_at: str | None = None
    labels: tuple[str, ...] = ()
    steps: tuple[JobStep, ...] = ()
    check_run: int | None = None

    @property
    def completed(self) -> bool:
        """Tell whether the job is over."""
        return self.status == "completed"

    @property
    def failed_step(self) -> JobStep | None:
        """Return the first step that failed, if one did."""
        return next((step for step in self.steps if step.conclusion in {"failure", "timed_out"}), None)

    @property
    def seconds(self) -> float | None:
        """Return the wall time, None while it is not known."""
        return seconds_between(self.started_at, self.completed_at)


@dataclass(frozen=True, kw_only=True)
class RunAnnotation:
    """A remark on a check run, the only place where billing refusals and lost runners show."""

    level: str
    message: str
    title: str | None = None
    path: str | None = None
    line: int | None = None
    details: str | None = None

    @property
    def is_limit(self) -> bool:
        """Tell whether it marks a job that could not be run where it was tried."""
        return self.title == TITLE


@dataclass(frozen=True, kw_only=True)
class RunArtifact:
    """What a run uploaded; ``digest`` is ``sha256:HEX`` or None when GitHub states none."""

    id: int
    name: str
    size: int
    digest: str | None
    expired: bool


@dataclass(frozen=True, kw_only=True)
class CacheUse:
    """One stored cache and its size in bytes."""

    id: int
    key: str
    ref: str
    size: int


@dataclass(frozen=True, kw_only=True)
class PendingDeployment:
    """A run waits before this environment for one of ``reviewers`` (logins and team names)."""

    environment: str
    environment_id: int
    reviewers: tuple[str, ...]
    may_approve: bool


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run with its jobs and, for failed jobs, the tail of the log and the annotations."""

    run: Run
    jobs: tuple[Job, ...] = ()

    @property
    def progress(self) -> str:
        """Say how far it is: jobs done of all, and what is running."""
        done = sum(job.completed for job in self.jobs)
        running = [job.name for job in self.jobs if job.status == "in_progress"]
        now = f", running {', '.join(running[:3])}" if running else ""
        more = f" and {len(running) - 3} more" if len(running) > 3 else ""
        return f"{self.run.name}: {done}/{len(self.jobs)} jobs{now}{more}"


def seconds_between(start: str | None, end: str | None) -> float | None:
    """Return the seconds from one ISO time to another, None when either is missing or the order is wrong."""
    if not start or not end:
        return None
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    return seconds if seconds >= 0 else None

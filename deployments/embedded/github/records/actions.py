"""Workflows, runs, jobs, and what runs leave behind."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from deployments.embedded.runner.interface import JobRecord

Status = Literal["queued", "pending", "waiting", "in_progress", "completed"]
WorkflowState = Literal["active", "deleted", "disabled_manually", "disabled_inactivity"]


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A workflow file that has been seen; `runs` counts its runs."""

    id: int
    repository_id: int
    path: str
    name: str
    state: WorkflowState
    runs: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt of a run."""

    number: int
    status: Status
    conclusion: str | None
    started_at: datetime
    updated_at: datetime
    actor: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """A workflow run. `visible_at` is later than `created_at` when the fault `late runs` is on.

    `failure` is why a file could not start; like GitHub, no endpoint returns it.
    """

    id: int
    repository_id: int
    workflow_id: int
    workflow_name: str
    path: str
    event: str
    ref: str
    sha: str
    actor: str
    payload: dict[str, Any]
    inputs: dict[str, Any]
    number: int
    title: str
    created_at: datetime
    visible_at: datetime
    attempts: tuple[Attempt, ...]
    suite_id: int
    failure: str | None = None

    @property
    def latest(self) -> Attempt:
        """The attempt that the run speaks for."""
        return self.attempts[-1]

    @property
    def ref_name(self) -> str:
        """The ref without `refs/heads/` or `refs/tags/`."""
        return self.ref.split("/", 2)[2]


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job of one attempt; its id is also the id of its check run.

    `record` is the executor's last word on it. `created_at` is when the attempt first named it.
    """

    id: int
    run_id: int
    repository_id: int
    attempt: int
    created_at: datetime
    record: JobRecord
    permissions: dict[str, str] = field(default_factory=dict)
    deployment_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A zip that a run uploaded; its bytes are the file of the same id."""

    id: int
    repository_id: int
    run_id: int
    name: str
    size: int
    digest: str
    created_at: datetime
    expires_at: datetime
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A cache entry, visible to its own ref and, from the default branch, to every ref."""

    id: int
    repository_id: int
    ref: str
    key: str
    version: str
    size: int
    created_at: datetime
    last_accessed_at: datetime

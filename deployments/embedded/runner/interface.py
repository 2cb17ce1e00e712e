"""What the host executor is given, what it asks of the embedded GitHub, and what it gives back.

The embedded GitHub calls `deployments.embedded.runner.run.header(request, variables)` to name a run, then
`run.execute(request, host, cancel)` in a thread of its own. One `Host` serves one run, so no method names
the run. Every method may be called from several job threads at once. The runner never talks to the embedded
GitHub's REST API for its own bookkeeping: what it knows goes through `Host`.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

Status = Literal["queued", "waiting", "in_progress", "completed"]
# `neutral` is a run in which nothing failed, but some job could not be run on this machine at all.
Conclusion = Literal["success", "failure", "cancelled", "skipped", "timed_out", "neutral", "startup_failure"]
Level = Literal["notice", "warning", "failure"]
Access = Literal["read", "write", "none"]


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """One remark on a check run, as a workflow command or the runner made it."""

    level: Level
    message: str
    title: str = ""
    details: str = ""
    path: str = ".github"
    start_line: int = 1
    end_line: int = 1
    start_column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """One step of a job as GitHub's jobs API shows it; times are ISO 8601 in UTC with a trailing Z."""

    number: int
    name: str
    status: Status
    conclusion: Conclusion | None = None
    started_at: str | None = None
    completed_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobRecord:
    """A snapshot of one job; each change sends a new one with the same `id`.

    A job appears when its needs are met (or when it is skipped), as on GitHub. `key` is the job's place in
    the workflow file (`caller/callee` inside a reusable workflow), `name` what people see, matrix values
    included. `outputs` is filled when the job completes. `log` exists from the moment the job is in
    progress and is complete once the job is.
    """

    id: int
    key: str
    name: str
    status: Status
    conclusion: Conclusion | None = None
    created_at: str
    started_at: str | None = None
    completed_at: str | None = None
    labels: tuple[str, ...] = ()
    runner_name: str = ""
    steps: tuple[StepRecord, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    log: Path | None = None
    environment: str | None = None
    environment_url: str | None = None
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """Everything one attempt of one run is made from.

    `clone_url` is what `actions/checkout` fetches (the job's token is sent when it is http);
    `git_directory` is the bare repository on this machine, from which the runner reads workflow files and
    local actions at `sha`. `environment` is added to every job's environment (the AWS endpoint and
    credentials come in here). `default_permissions` is the repository's setting for a workflow without
    `permissions:`. For a rerun of failed jobs, `earlier` holds the records of the previous attempt that are
    to be carried over unchanged; every other job runs.
    """

    run_id: int
    run_number: int
    attempt: int = 1
    workflow_path: str
    workflow_text: str
    event_name: str
    event: Mapping[str, Any]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    repository: str
    repository_id: int
    repository_owner_id: int
    actor: str
    actor_id: int
    sha: str
    ref: str
    head_ref: str = ""
    base_ref: str = ""
    git_directory: Path
    clone_url: str
    server_url: str
    api_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    default_permissions: Literal["read", "write"] = "read"
    work_directory: Path
    log_directory: Path
    world_id: str
    standins: Path | None = None
    parallel: int | None = None
    earlier: tuple[JobRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunHeader:
    """What a workflow file says about itself; `problem` is why it cannot start at all."""

    name: str
    run_name: str
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How one attempt ended; `problem` is set only with the conclusion `startup_failure`."""

    conclusion: Conclusion
    jobs: tuple[JobRecord, ...]
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Whether a job (or the run) may go on, and the reason when it may not."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class OidcEndpoint:
    """Where a job with `id-token: write` asks for its identity token, and the bearer token to show there."""

    url: str
    token: str


@dataclass(frozen=True, kw_only=True)
class CacheEntry:
    """A stored cache: `archive` is a file of the host's that the runner only reads."""

    key: str
    archive: Path


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A stored artifact: `archive` is a zip file of the host's that the runner only reads."""

    id: int
    name: str
    size: int
    sha256: str
    archive: Path


class ArtifactExistsError(Exception):
    """An artifact of that name is already stored for this run and was not to be overwritten."""


class Host(Protocol):
    """What the embedded GitHub does for one run; blocking calls return soon after their `cancel` is set."""

    def new_job_id(self) -> int:
        """Give the id under which the next job will be known."""

    def job_changed(self, job: JobRecord) -> None:
        """Take note of a job's new state; returns quickly and never raises for an ordinary state."""

    def token_for(self, job: JobRecord, permissions: Mapping[str, Access]) -> str:
        """Issue the job's GITHUB_TOKEN with exactly these permissions; it ends when the job completes."""

    def secrets_for(self, job: JobRecord) -> Mapping[str, str]:
        """Give the secrets this job may read: the repository's, overlaid by those of `job.environment`."""

    def variables_for(self, job: JobRecord | None) -> Mapping[str, str]:
        """Give the variables, overlaid by those of `job.environment`; with None, the repository's alone."""

    def enter_environment(self, job: JobRecord, cancel: threading.Event) -> Admission:
        """Wait until `job.environment` lets the job in or refuses it.

        Creates the environment when it is unknown, and the deployment, as GitHub does.
        """

    def leave_environment(self, job: JobRecord) -> None:
        """Close the deployment, once after each entry: `job` carries conclusion and `environment_url`."""

    def enter_concurrency(
        self, holder: str, group: str, *, cancel_in_progress: bool, cancel: threading.Event
    ) -> Admission:
        """Wait for the group. The host sets `cancel` of whoever must give way, waiting or in progress.

        `holder` is `run` or `job:ID`; refused means a newer holder took the place in the queue.
        """

    def leave_concurrency(self, holder: str, group: str) -> None:
        """Give the group back. Called once after each allowed entry."""

    def oidc_endpoint(self, job: JobRecord) -> OidcEndpoint:
        """Give the job's token endpoint; asked only when the job has `id-token: write`."""

    def find_cache(self, keys: Sequence[str], version: str) -> CacheEntry | None:
        """Find a cache visible to this ref.

        `keys[0]` exactly first, else the newest whose key starts with one of `keys`, tried in order.
        """

    def save_cache(self, key: str, version: str, archive: Path) -> bool:
        """Store a copy of `archive` under the key for this ref; False when the key is already taken."""

    def save_artifact(
        self, name: str, archive: Path, *, overwrite: bool, retention_days: int | None
    ) -> Artifact:
        """Store a copy of the zip file; ArtifactExistsError when the name is taken and not `overwrite`."""

    def artifacts(self) -> Sequence[Artifact]:
        """List the artifacts of this run, of all attempts, oldest first."""


class Execute(Protocol):
    """The shape of `deployments.embedded.runner.run.execute`."""

    def __call__(self, request: RunRequest, host: Host, cancel: threading.Event) -> RunResult:
        """Run one attempt to its end; setting `cancel` is GitHub's "cancel run".

        A workflow's own failure is a result, never an exception.
        """

"""Workflow runs: what ran at a commit, how far it is, what it said, and the few things one can ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from tasks.domain.run import (
    CacheUse,
    Job,
    JobStep,
    PendingDeployment,
    Run,
    RunAnnotation,
    RunArtifact,
)
from tasks.systems.github.api import Api
from tasks.systems.github.errors import Denied


class Runs:
    """The Actions side of one repository."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = f"{path}/actions"
        self._checks = f"{path}/check-runs"

    def of_commit(self, sha: str) -> tuple[Run, ...]:
        """List the runs at a commit, newest first, asking only whether the list changed."""
        body = self._api.fresh(f"{self._path}/runs", head_sha=sha, per_page=100)
        return tuple(run_of(row) for row in body["workflow_runs"])

    def of_workflow(
        self,
        workflow: str,
        *,
        event: str | None = None,
        branch: str | None = None,
        created: str | None = None,
    ) -> tuple[Run, ...]:
        """List the newest hundred runs of a workflow file; ``created`` is a filter as in ``>=2026-11-22``."""
        name = quote(workflow.rpartition("/")[2], safe="")
        parameters = {"event": event, "branch": branch, "created": created, "per_page": 100}
        body = self._api.find(f"{self._path}/workflows/{name}/runs", **parameters)
        return tuple(run_of(row) for row in body["workflow_runs"]) if body else ()

    def get(self, run: int) -> Run:
        """Read one run."""
        return run_of(self._api.fresh(f"{self._path}/runs/{run}"))

    def jobs(self, run: int) -> tuple[Job, ...]:
        """List the jobs of a run's latest attempt."""
        return tuple(
            job_of(row) for row in self._api.pages(f"{self._path}/runs/{run}/jobs", "jobs", filter="latest")
        )

    def attempt_jobs(self, run: int, attempt: int) -> tuple[Job, ...]:
        """List the jobs of one attempt."""
        return tuple(
            job_of(row) for row in self._api.pages(f"{self._path}/runs/{run}/attempts/{attempt}/jobs", "jobs")
        )

    def log(self, job: int) -> str:
        """Return the log of a job that has ended; NotFound when there is none (skipped, expired)."""
        raw = self._api.download(f"{self._path}/jobs/{job}/logs", accept="application/vnd.github+json")
        return raw.decode("utf-8-sig", errors="replace")

    def annotations(self, check_run: int) -> tuple[RunAnnotation, ...]:
        """List what was remarked on a job; a job's check run has the job's id."""
        return tuple(
            RunAnnotation(
                level=row["annotation_level"],
                message=row.get("message") or "",
                title=row.get("title"),
                path=row.get("path"),
                line=row.get("start_line"),
                details=row.get("raw_details") or None,
            )
            for row in self._api.pages(f"{self._checks}/{check_run}/annotations")
        )

    def artifacts(self, run: int) -> tuple[RunArtifact, ...]:
        """List what a run uploaded."""
        return tuple(
            RunArtifact(
                id=row["id"],
                name=row["name"],
                size=row["size_in_bytes"],
                digest=row.get("digest"),
                expired=bool(row["expired"]),
            )
            for row in self._api.pages(f"{self._path}/runs/{run}/artifacts", "artifacts")
        )

    def caches(self) -> tuple[CacheUse, ...]:
        """List the stored caches."""
        return tuple(
            CacheUse(id=row["id"], key=row["key"], ref=row["ref"], size=row["size_in_bytes"])
            for row in self._api.pages(f"{self._path}/caches", "actions_caches")
        )

    def rerun_failed(self, run: int) -> None:
        """Start the failed jobs again: same run, next attempt; all of a run that never came to a job."""
        try:
            self._api.write("POST", f"{self._path}/runs/{run}/rerun-failed-jobs")
        except Denied:
            if self.jobs(run):
                raise
            self._api.write("POST", f"{self._path}/runs/{run}/rerun")

    def cancel(self, run: int) -> None:
        """Ask a run to stop."""
        self._api.write("POST", f"{self._path}/runs/{run}/cancel")

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> int | None:
        """Start a workflow by hand; returns the run's id, None from a GitHub that does not state it.

        Sent exactly once. After Unreachable the run may exist: look for it before asking again.
        """
        name = quote(workflow.rpartition("/")[2], safe="")
        body = {"ref": ref, "inputs": dict(inputs), "return_run_details": True}
        answer = self._api.write("POST", f"{self._path}/workflows/{name}/dispatches", body)
        number = (answer or {}).get("workflow_run_id")
        return int(number) if number is not None else None

    def pending(self, run: int) -> tuple[PendingDeployment, ...]:
        """List the environments a run waits before."""
        rows = self._api.find(f"{self._path}/runs/{run}/pending_deployments") or []
        return tuple(
            PendingDeployment(
                environment=row["environment"]["name"],
                environment_id=row["environment"]["id"],
                reviewers=tuple(_reviewers(row.get("reviewers") or ())),
                may_approve=bool(row.get("current_user_can_approve")),
            )
            for row in rows
        )

    def review(self, run: int, environments: Iterable[int], *, approve: bool, comment: str) -> None:
        """Approve or reject the environments a run waits before."""
        body = {
            "environment_ids": list(environments),
            "state": "approved" if approve else "rejected",
            "comment": comment,
        }
        self._api.write("POST", f"{self._path}/runs/{run}/pending_deployments", body)


def run_of(row: Mapping[str, Any]) -> Run:
    """Read a run from GitHub's JSON."""
    return Run(
        id=row["id"],
        workflow=str(row["path"]).split("@", 1)[0],
        name=row.get("name") or str(row["path"]).rpartition("/")[2],
        event=row["event"],
        sha=row["head_sha"],
        ref=row.get("head_branch"),
        status=row["status"],
        conclusion=row.get("conclusion"),
        attempt=row.get("run_attempt") or 1,
        title=row.get("display_title") or "",
        url=row["html_url"],
        created_at=row["created_at"],
        started_at=row.get("run_started_at"),
        updated_at=row.get("updated_at"),
    )


def job_of(row: Mapping[str, Any]) -> Job:
    """Read a job from GitHub's JSON."""
    check_run = str(row.get("check_run_url") or "").rpartition("/")[2]
    return Job(
        id=row["id"],
        run_id=row["run_id"],
        run_attempt=row.get("run_attempt") or 1,
        name=row["name"],
        status=row["status"],
        conclusion=row.get("conclusion"),
        url=row.get("html_url") or "",
        started_at=row.get("started_at"),
        completed_at=row.get("completed_at"),
        labels=tuple(row.get("labels") or ()),
        steps=tuple(
            JobStep(
                number=step["number"],
                name=step["name"],
                status=step["status"],
                conclusion=step.get("conclusion"),
            )
            for step in row.get("steps") or ()
        ),
        check_run=int(check_run) if check_run.isdigit() else None,
    )


def _reviewers(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for row in rows:
        who = row.get("reviewer") or {}
        yield who.get("login") or who.get("slug") or who.get("name") or "somebody"

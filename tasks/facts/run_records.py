"""Reads the logs and artifacts of finished runs, several at a time."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tasks.domain.run import Job, Run, RunArtifact
from tasks.domain.run_metrics import RunRecord
from tasks.systems.github import GitHub, GithubFailure

AT_ONCE = 6


def run_records(github: GitHub, runs: Iterable[tuple[Run, tuple[Job, ...]]]) -> tuple[RunRecord, ...]:
    """Read every job's log and every run's artifacts; what cannot be read is None."""
    listed = [(run, jobs) for run, jobs in runs if run.completed]

    def log(job: Job) -> str | None:
        try:
            return github.runs.log(job.id)
        except GithubFailure:
            return None

    def artifacts(run: Run) -> tuple[RunArtifact, ...] | None:
        try:
            return github.runs.artifacts(run.id)
        except GithubFailure:
            return None

    ran = {job.id: job for _, jobs in listed for job in jobs if job.conclusion != "skipped"}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        logs = dict(zip(ran, pool.map(log, ran.values()), strict=True))
        stored = list(pool.map(artifacts, (run for run, _ in listed)))
    return tuple(
        RunRecord(
            run=run,
            logs=tuple(logs[job.id] for job in jobs if job.id in logs),
            artifacts=found,
        )
        for (run, jobs), found in zip(listed, stored, strict=True)
    )

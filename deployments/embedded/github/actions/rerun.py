"""Which jobs a rerun takes over from the attempt before."""

from collections.abc import Iterable, Mapping
from typing import Any

from deployments.embedded.github.records.actions import Job


def carried_over(document: Mapping[str, Any], before: Iterable[Job], again: set[str]) -> list[Job]:
    """Return the jobs that need not run again: not `again`, and not downstream of one of these.

    `again` holds keys of jobs of the workflow file; a job of a reusable workflow counts with its caller.
    """
    jobs = document.get("jobs") or {}
    repeated = {key.split("/", 1)[0] for key in again}
    growing = True
    while growing:
        downstream = {
            str(key)
            for key, job in jobs.items()
            if isinstance(job, dict) and repeated.intersection(_needs(job)) and str(key) not in repeated
        }
        repeated |= downstream
        growing = bool(downstream)
    return [
        job
        for job in before
        if job.record.key.split("/", 1)[0] not in repeated and job.record.status == "completed"
    ]


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs") or []
    return [needs] if isinstance(needs, str) else [str(need) for need in needs]

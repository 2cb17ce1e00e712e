"""What jobs hand on to others, and who reads it."""

from __future__ import annotations

from tasks.domain.use import Read, Use
from tasks.domain.workflow import Job, Workflow


def unread_outputs(workflow: Workflow, job: Job) -> tuple[str, ...]:
    """Return the outputs of a job that no job of its workflow reads, and no caller is given."""
    reads = [read for read in workflow.reads if read.context in ("needs", "jobs")]
    names = [str(name) for name in job.outputs] if job.action is None else []
    return tuple(name for name in names if not any(may_read(one, str(job.id), name) for one in reads))


def is_handed_to_nobody(workflow: Workflow, use: Use) -> bool:
    """Tell whether an expression stands in an output that nobody reads: what it is empty of harms nobody."""
    job = workflow.jobs.get(use.job or "")
    return job is not None and use.way[2:3] == ("outputs",) and use.key in unread_outputs(workflow, job)


def may_read(read: Read, id_: str, name: str) -> bool:
    """Tell whether an expression reads an output, or may: ``toJSON(needs)`` reads all of them."""
    wanted = (id_.lower(), "outputs", name.lower())
    return all(part is None or part.lower() == want for part, want in zip(read.path, wanted, strict=False))

"""Where in a workflow file a job or a step stands that a run names."""

from __future__ import annotations

from tasks.domain.lane import lanes, values
from tasks.domain.workflow import Job, Step, Workflow


def line_of(workflow: Workflow, job_name: str, step_name: str | None) -> int | None:
    """Return the line of the step, or of the job without one; None unless exactly one place is meant."""
    jobs = [job for job in workflow.jobs.values() if _is_called(workflow, job, job_name)]
    if step_name is None:
        return jobs[0].line if len(jobs) == 1 else None
    lines = {
        step.line
        for job in jobs or workflow.jobs.values()
        for step in job.steps
        if _shows(workflow, job, step, step_name)
    }
    return lines.pop() if len(lines) == 1 else None


def _is_called(workflow: Workflow, job: Job, name: str) -> bool:
    """Tell whether a run may show a job under a name: GitHub adds the values of a matrix in brackets."""
    written = str(job.name or job.id)
    shown = values(written, lanes(workflow, job))
    if shown is not None and name in shown:
        return True
    own = written if "${{" not in written else None
    return own is not None and (name == own or (job.matrix is not None and name.startswith(f"{own} (")))


def _shows(workflow: Workflow, job: Job, step: Step, name: str) -> bool:
    label = step.label
    if label == name:
        return True
    shown = values(label, lanes(workflow, job)) if "${{" in label else None
    return shown is not None and name in shown

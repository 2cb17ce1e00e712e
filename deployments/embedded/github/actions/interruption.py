"""What becomes of the jobs of a process that is gone."""

from collections.abc import Iterable
from dataclasses import replace

from deployments.embedded.github.actions.gates import Gates
from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.actions import Job, Run
from deployments.embedded.github.shapes import moment
from deployments.embedded.runner.interface import Annotation

# The second half is GitHub's own line for a machine that is gone: clients know it as no fault of the code.
_ENDED = (
    "The embedded world ended while this job was in progress:"
    " the hosted runner lost communication with the server."
)


_STOPPED = (
    "The runner has received a shutdown signal."
    " This can happen when the runner service is stopped, or a manually started runner is canceled."
)


def explain_stop(forge: Forge, run: Run) -> None:
    """Say of the cancelled jobs of a run that they were cancelled because the world was asked to end."""
    remark = Annotation(level="failure", message=_STOPPED)
    for job in forge.store.jobs.all(lambda item: item.run_id == run.id and item.attempt == run.latest.number):
        if job.record.conclusion == "cancelled":
            record = replace(job.record, annotations=(*job.record.annotations, remark))
            forge.store.jobs.put(replace(job, record=record))


def goes_on(jobs: Iterable[Job]) -> bool:
    """Tell whether an attempt with these jobs lost nothing: none had begun that had not ended well."""
    return all(
        job.record.conclusion in ("success", "skipped")
        if job.record.status == "completed"
        else job.record.status == "queued" and job.deployment_id is None
        for job in jobs
    )


def cancel_jobs(forge: Forge, gates: Gates, run: Run) -> None:
    """End the unfinished jobs of a run as cancelled, with an annotation that says why."""
    for job in forge.store.jobs.all(lambda item: item.run_id == run.id and item.record.status != "completed"):
        record = replace(
            job.record,
            status="completed",
            conclusion="cancelled",
            completed_at=moment(forge.now()),
            annotations=(*job.record.annotations, Annotation(level="failure", message=_ENDED)),
            steps=tuple(
                step
                if step.status == "completed"
                else replace(step, status="completed", conclusion="cancelled")
                for step in job.record.steps
            ),
        )
        forge.store.jobs.put(replace(job, record=record))
        if job.deployment_id is not None:
            gates.note(job.deployment_id, "inactive", description=_ENDED)

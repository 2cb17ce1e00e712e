"""What becomes of the jobs of a process that is gone."""

from dataclasses import replace

from deployments.embedded.github.actions.gates import Gates
from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.actions import Run
from deployments.embedded.github.shapes import moment
from deployments.embedded.runner.interface import Annotation

_ENDED = "The embedded world ended while this job was in progress."


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

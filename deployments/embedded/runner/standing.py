"""How a job stands while it runs: its record, kept up to date with the host."""

import threading
from dataclasses import replace
from typing import Any

from deployments.embedded.runner.interface import Annotation, Conclusion, Host, JobRecord, StepRecord
from deployments.embedded.runner.moments import now

MOST_ANNOTATIONS = 50


class Standing:
    """The live record of one job; every change is told to the host."""

    def __init__(self, host: Host, record: JobRecord) -> None:
        self._host = host
        self._lock = threading.Lock()
        self.record = record
        host.job_changed(record)

    def change(self, **fields: Any) -> JobRecord:
        """Change fields of the record and tell the host."""
        with self._lock:
            self.record = replace(self.record, **fields)
            self._host.job_changed(self.record)
            return self.record

    def annotate(self, annotation: Annotation) -> None:
        """Add a remark, up to as many as GitHub keeps for a job."""
        if len(self.record.annotations) < MOST_ANNOTATIONS:
            self.change(annotations=(*self.record.annotations, annotation))

    def add_step(self, name: str) -> int:
        """Put a step at the end of the list; give its number."""
        number = len(self.record.steps) + 1
        self.change(steps=(*self.record.steps, StepRecord(number=number, name=name, status="queued")))
        return number

    def step_started(self, number: int, name: str | None = None) -> None:
        """Mark a step as in progress, under the name it has now that it can be evaluated."""
        self._step(number, status="in_progress", started_at=now(), **({"name": name} if name else {}))

    def step_ended(self, number: int, conclusion: Conclusion, name: str | None = None) -> None:
        """Mark a step as completed."""
        moment = now()
        started = self.record.steps[number - 1].started_at or moment
        fields: dict[str, Any] = {"started_at": started, **({"name": name} if name else {})}
        self._step(number, status="completed", conclusion=conclusion, completed_at=moment, **fields)

    def _step(self, number: int, **fields: Any) -> None:
        steps = list(self.record.steps)
        steps[number - 1] = replace(steps[number - 1], **fields)
        self.change(steps=tuple(steps))

    def complete(self, conclusion: Conclusion, **fields: Any) -> JobRecord:
        """End the job; steps that never ran are skipped (or cancelled with the job)."""
        unrun: Conclusion = "cancelled" if conclusion == "cancelled" else "skipped"
        moment = now()
        steps = tuple(
            step
            if step.status == "completed"
            else replace(
                step,
                status="completed",
                conclusion=unrun,
                completed_at=moment,
                started_at=step.started_at or moment,
            )
            for step in self.record.steps
        )
        started = self.record.started_at or moment
        return self.change(
            status="completed",
            conclusion=conclusion,
            completed_at=moment,
            started_at=started,
            steps=steps,
            **fields,
        )

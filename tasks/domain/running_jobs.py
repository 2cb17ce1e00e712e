"""In which of the ways that a workflow begins each of its jobs can run."""

from __future__ import annotations

from tasks.domain.expression import calls
from tasks.domain.run_start import RunStart, run_starts
from tasks.domain.workflow import Job, Workflow

_AFTER_A_SKIP = frozenset({"always", "cancelled", "failure"})
"""Functions with which a job runs although one that it needs was left out."""


class RunningJobs:
    """In which ways of beginning each job of a workflow can run, by what it and those it needs ask for."""

    def __init__(self, workflow: Workflow) -> None:
        self.starts = run_starts(workflow)
        self._workflow = workflow
        self._conditions = {use.way for use in workflow.uses if use.condition}
        self._nodes = {use.way: use.node for use in workflow.uses if use.condition and use.node is not None}
        self._found: dict[str, tuple[RunStart, ...]] = {}

    def asked(self, *way: str | int) -> tuple[RunStart, ...]:
        """Return the ways in which the condition at a place may hold by itself."""
        node = self._nodes.get((*way, "if"))
        return (
            self.starts if node is None else tuple(one for one in self.starts if one.holds(node) is not False)
        )

    def surely(self, start: RunStart, *way: str | int) -> bool:
        """Tell whether the condition at a place is there for nothing else, and holds."""
        node = self._nodes.get((*way, "if"))
        return (*way, "if") not in self._conditions or (node is not None and start.holds(node) is True)

    def of(self, job: Job) -> tuple[RunStart, ...]:
        """Return the ways in which a job can run: none of what it needs is left out then."""
        id_ = str(job.id)
        if id_ not in self._found:
            self._found[id_] = self.starts  # what turns in a circle is for ``workflow-needs-exist``
            self._found[id_] = tuple(one for one in self.asked("jobs", id_) if self._with_needs(job, one))
        return self._found[id_]

    def _with_needs(self, job: Job, start: RunStart) -> bool:
        return self.runs_after_a_skip(job) or all(start in self.of(one) for one in self.needed(job))

    def needed(self, job: Job) -> list[Job]:
        """Return the jobs that a job waits for itself."""
        return [self._workflow.jobs[need] for need in map(str, job.needs) if need in self._workflow.jobs]

    def runs_after_a_skip(self, job: Job) -> bool:
        """Tell whether a job's condition asks how others ended: it may then run without them."""
        node = self._nodes.get(("jobs", str(job.id), "if"))
        return node is not None and any(call.name in _AFTER_A_SKIP for call in calls(node))

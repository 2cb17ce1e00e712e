"""The jobs of one workflow file, each started as soon as its needs are met."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deployments.embedded.runner.cancelling import Cancellations, Slots
from deployments.embedded.runner.interface import Access, Host, JobRecord, RunRequest
from deployments.embedded.runner.results import Result
from deployments.embedded.runner.source import WorkflowFile
from tasks.domain.expression import ExpressionError, Scope, holds
from tasks.domain.workflow_syntax import needs_of

if TYPE_CHECKING:
    from deployments.embedded.runner.group import Group

log = logging.getLogger(__name__)

SecretsOf = Callable[[JobRecord], Mapping[str, str]]


@dataclass(kw_only=True)
class Engine:
    """What all jobs of one run share, those of called workflows included."""

    request: RunRequest
    host: Host
    machine: Mapping[str, str]
    slots: Slots
    cancellations: Cancellations
    records: dict[int, JobRecord] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def cancelled(self) -> bool:
        """Whether the whole run is cancelled."""
        return self.cancellations.run_cancel.is_set()

    def keep(self, record: JobRecord) -> None:
        """Remember the last state of a job for the run's result."""
        with self.lock:
            self.records[record.id] = record

    def earlier(self, key: str, name: str) -> JobRecord | None:
        """Give the job's record of the attempt before, when it is carried over."""
        return next((job for job in self.request.earlier if (job.key, job.name) == (key, name)), None)


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The jobs of a workflow file in their place: at the top of a run, or called by a job."""

    engine: Engine
    file: WorkflowFile
    contexts: Mapping[str, Any]
    secrets_of: SecretsOf
    limit: Mapping[str, Access] | None = None
    key_prefix: str = ""
    name_prefix: str = ""
    # The jobs that called this workflow, and the event that cancels the innermost of them (fail-fast does).
    callers: "tuple[Group, ...]" = ()
    cancel: threading.Event | None = None

    @property
    def jobs(self) -> Mapping[str, Any]:
        """The jobs as the file has them."""
        jobs: Mapping[str, Any] = self.file.document["jobs"]
        return jobs

    def run(self) -> dict[str, Result]:
        """Run every job to its end; give the results by key."""
        results: dict[str, Result] = {}
        ended = {key: threading.Event() for key in self.jobs}

        def work(key: str) -> None:
            try:
                for need in needs_of(self.jobs[key]):
                    ended[need].wait()
                results[key] = self._one(key, dict(results))
            except Exception:
                # The runner's own failure must show as a failed job, and the jobs behind it must not wait
                # for ever.
                log.exception("the embedded runner failed in job %s", key)
                results[key] = Result(conclusion="failure")
            finally:
                ended[key].set()

        threads = [
            threading.Thread(target=work, args=(key,), name=f"job-{key}", daemon=True) for key in self.jobs
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {key: results[key] for key in self.jobs}

    def _one(self, key: str, results: Mapping[str, Result]) -> Result:
        # Imported here because a job may call a workflow, which is again a graph.
        from deployments.embedded.runner.group import Group  # noqa: PLC0415

        return Group(graph=self, key=key, needs=self._needs(key, results), results=results).run()

    def _needs(self, key: str, results: Mapping[str, Result]) -> dict[str, Any]:
        return {
            need: {"result": results[need].conclusion, "outputs": dict(results[need].outputs)}
            for need in needs_of(self.jobs[key])
        }

    def ancestors(self, key: str) -> set[str]:
        """Give every job that must end before this one, directly or not."""
        found: set[str] = set()
        open_keys = list(needs_of(self.jobs[key]))
        while open_keys:
            need = open_keys.pop()
            if need not in found:
                found.add(need)
                open_keys.extend(needs_of(self.jobs[need]))
        return found

    def wanted(self, key: str, needs: Mapping[str, Any], results: Mapping[str, Result]) -> bool:
        """Evaluate a job's `if:` as things stand now. Raises ExpressionError."""
        before = [results[name].conclusion for name in self.ancestors(key)]
        stopped = self.engine.cancelled or (self.cancel is not None and self.cancel.is_set())
        functions = {
            # GitHub looks at all jobs before this one, not only at those it names.
            "success": lambda *_: not stopped and all(conclusion == "success" for conclusion in before),
            "failure": lambda *_: not stopped and "failure" in before,
            "cancelled": lambda: stopped,
            "always": lambda: True,
        }
        return holds(
            self.jobs[key].get("if"), Scope(contexts={**self.contexts, "needs": needs}, functions=functions)
        )

    def survives(self, key: str, needs: Mapping[str, Any], results: Mapping[str, Result]) -> bool:
        """Say whether a job goes on although the run is cancelled: its `if:` still holds."""
        try:
            return self.wanted(key, needs, results)
        except ExpressionError:
            return False

"""One key of `jobs:`: its condition, its matrix, and the jobs that come of it."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from deployments.embedded.runner.callee import call_workflow
from deployments.embedded.runner.graph import Graph
from deployments.embedded.runner.interface import Annotation, Conclusion, JobRecord
from deployments.embedded.runner.moments import now
from deployments.embedded.runner.place import Place
from deployments.embedded.runner.results import Result, combined
from deployments.embedded.runner.standing import Standing
from tasks.domain.expression import ExpressionError, Scope, interpolate, is_truthy, text_of, to_number
from tasks.domain.matrix import MatrixError, combinations, label


@dataclass(frozen=True, kw_only=True)
class Group:
    """All combinations of one job of a workflow."""

    graph: Graph
    key: str
    needs: Mapping[str, Any]
    results: Mapping[str, Result]
    stopped: threading.Event = field(default_factory=threading.Event)
    cancels: list[threading.Event] = field(default_factory=list)

    @property
    def spec(self) -> Mapping[str, Any]:
        """The job as the file has it."""
        spec: Mapping[str, Any] = self.graph.jobs[self.key]
        return spec

    @property
    def contexts(self) -> dict[str, Any]:
        """The contexts that all combinations share."""
        return {**self.graph.contexts, "needs": self.needs}

    def run(self) -> Result:
        """Run what the condition and the matrix want; give how it ended together."""
        try:
            if not self.graph.wanted(self.key, self.needs, self.results):
                return self._unwanted()
            strategy = interpolate(self.spec.get("strategy") or {}, Scope(contexts=self.contexts))
            rows = combinations(strategy.get("matrix"))
        except (ExpressionError, MatrixError) as error:
            return self._broken(str(error))
        return self._all(strategy, rows)

    def _all(self, strategy: Mapping[str, Any], rows: tuple[Mapping[str, Any], ...]) -> Result:
        fail_fast = is_truthy(strategy.get("fail-fast", True))
        limit = int(to_number(strategy.get("max-parallel") or 0)) or len(rows)
        places: list[Place] = []
        for index, row in enumerate(rows):
            about = {
                "job-index": index,
                "job-total": len(rows),
                "fail-fast": fail_fast,
                "max-parallel": limit,
            }
            contexts = {**self.contexts, "matrix": dict(row), "strategy": about}
            try:
                name = self._name(row, contexts)
            except ExpressionError as error:
                return self._broken(str(error))
            places.append(Place(group=self, contexts=contexts, name=name))
        callee = self.graph.file.called.get(self.key)
        if callee is None:
            for place in places:
                place.announce()

        def work(place: Place) -> Result:
            result = call_workflow(place, callee) if callee is not None else place.run()
            # What could not be run here would not have failed on GitHub, so the others still run.
            if fail_fast and result.conclusion == "failure" and not result.unrunnable:
                self.stop()
            return result

        with ThreadPoolExecutor(max_workers=limit, thread_name_prefix=f"job-{self.key}") as pool:
            return combined(list(pool.map(work, places)))

    def watch(self, cancel: threading.Event) -> None:
        """Let a combination that starts be cancelled with the others, at once if they already are."""
        self.cancels.append(cancel)
        if self.stopped.is_set():
            cancel.set()

    def stop(self) -> None:
        """Cancel every combination that is not over: one of them failed and the matrix is fail-fast."""
        self.stopped.set()
        for cancel in list(self.cancels):
            cancel.set()

    def _name(self, row: Mapping[str, Any], contexts: Mapping[str, Any]) -> str:
        given = self.spec.get("name")
        own = text_of(given, Scope(contexts=contexts)) if given else self.key
        if row and (not given or "matrix" not in str(given)):
            # GitHub adds the values when the name does not tell the combinations apart itself.
            own = f"{own} ({label(row)})"
        return f"{self.graph.name_prefix}{own}"

    def record(self, name: str, **fields: Any) -> JobRecord:
        """Make the first record of a job of this group."""
        engine = self.graph.engine
        return JobRecord(
            id=engine.host.new_job_id(),
            key=f"{self.graph.key_prefix}{self.key}",
            name=name,
            created_at=now(),
            attempt=engine.request.attempt,
            **{"status": "queued", **fields},
        )

    def _plain_name(self) -> str:
        return f"{self.graph.name_prefix}{self.spec.get('name') or self.key}"

    def _unwanted(self) -> Result:
        engine = self.graph.engine
        name = self._plain_name()
        carried = engine.earlier(f"{self.graph.key_prefix}{self.key}", name)
        if carried is not None:
            engine.keep(carried)
            return Result(conclusion=carried.conclusion or "skipped", outputs=carried.outputs)
        before = [result["result"] for result in self.needs.values()]
        ready = all(conclusion == "success" for conclusion in before)
        conclusion: Conclusion = "cancelled" if engine.cancelled and ready else "skipped"
        standing = Standing(engine.host, self.record(name))
        engine.keep(standing.complete(conclusion))
        return Result(conclusion=conclusion)

    def _broken(self, reason: str) -> Result:
        """End a job whose own definition cannot be evaluated."""
        engine = self.graph.engine
        standing = Standing(engine.host, self.record(self._plain_name()))
        standing.annotate(Annotation(level="failure", message=reason, path=self.graph.file.path))
        engine.keep(standing.complete("failure"))
        return Result(conclusion="failure")

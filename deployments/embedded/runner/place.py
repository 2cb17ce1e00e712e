"""One job between being wanted and being over: its queue, its gates, its run."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from deployments.embedded.runner.document import JobLines
from deployments.embedded.runner.interface import Annotation, Conclusion, JobRecord
from deployments.embedded.runner.job import JobPlan, JobRun, limit_annotation
from deployments.embedded.runner.labels import cannot_run, labels_of
from deployments.embedded.runner.permissions import capped, granted
from deployments.embedded.runner.results import Result
from deployments.embedded.runner.standing import Standing
from tasks.domain.expression import ExpressionError, Scope, interpolate, is_truthy, text_of
from tasks.domain.limit import TITLE, Limit

if TYPE_CHECKING:
    from deployments.embedded.runner.group import Group


class RefusedError(Exception):
    """A job that does not get in.

    By its environment, by its concurrency group, or because it is cancelled.
    """

    def __init__(self, conclusion: Conclusion, reason: str) -> None:
        super().__init__(reason)
        self.conclusion = conclusion


class Place:
    """One combination of a job on its way."""

    def __init__(self, *, group: "Group", contexts: Mapping[str, Any], name: str) -> None:
        self.group = group
        self.contexts = contexts
        self.name = name
        self._engine = group.graph.engine
        self._carried = self._engine.earlier(f"{group.graph.key_prefix}{group.key}", name)
        self._standing: Standing | None = None

    def announce(self) -> None:
        """Let the job appear as queued, unless an earlier attempt already did its work."""
        if self._carried is None:
            self._standing = Standing(self._engine.host, self.group.record(self.name))

    @property
    def scope(self) -> Scope:
        """What the expressions of the job itself may use."""
        return Scope(contexts=self.contexts)

    def run(self) -> Result:
        """Take the job to its end."""
        if self._carried is not None:
            self._engine.keep(self._carried)
            return Result(conclusion=self._carried.conclusion or "success", outputs=self._carried.outputs)
        assert self._standing is not None
        graph, group = self.group.graph, self.group
        with self._engine.cancellations.job(
            lambda: graph.survives(group.key, group.needs, group.results)
        ) as cancel:
            for watching in (*graph.callers, group):
                watching.watch(cancel)
            try:
                return self._checked(self._standing, cancel)
            finally:
                self._engine.keep(self._standing.record)

    def _checked(self, standing: Standing, cancel: threading.Event) -> Result:
        try:
            labels = labels_of(interpolate(self.group.spec.get("runs-on"), self.scope))
            standing.change(labels=labels)
            reason = cannot_run(labels, self.group.spec)
            if reason is not None:
                return self._unrunnable(standing, reason)
            with self._admitted(standing, cancel):
                conclusion = self._execute(standing, cancel)
        except RefusedError as refused:
            standing.annotate(Annotation(level="failure", message=str(refused)))
            conclusion = refused.conclusion
            standing.complete(conclusion)
        except ExpressionError as error:
            standing.annotate(
                Annotation(level="failure", message=str(error), path=self.group.graph.file.path)
            )
            conclusion = "failure"
            standing.complete(conclusion)
        except Exception as error:
            standing.annotate(
                Annotation(level="failure", message=f"The embedded runner itself failed: {error!r}")
            )
            standing.complete("failure")
            raise
        if conclusion == "failure" and self._may_fail():
            conclusion = "success"
        limited = any(remark.title == TITLE for remark in standing.record.annotations)
        return Result(
            conclusion=conclusion,
            outputs=standing.record.outputs,
            unrunnable=limited and conclusion == "failure",
        )

    @property
    def _lines(self) -> JobLines:
        return self.group.graph.file.lines.get(self.group.key) or JobLines()

    def _may_fail(self) -> bool:
        return is_truthy(interpolate(self.group.spec.get("continue-on-error", False), self.scope))

    def _unrunnable(self, standing: Standing, reason: str) -> Result:
        file = self.group.graph.file
        standing.annotate(limit_annotation(Limit(what=reason), file.path, self._lines.job))
        standing.complete("skipped")
        return Result(conclusion="skipped", unrunnable=True)

    @contextmanager
    def _admitted(self, standing: Standing, cancel: threading.Event) -> Iterator[None]:
        """Pass the job's concurrency group and its environment, and give both back at the end."""
        host = self._engine.host
        with ExitStack() as stack:
            wanted = concurrency(self.group.spec.get("concurrency"), self.scope)
            if wanted is not None:
                name, in_progress = wanted
                holder = f"job:{standing.record.id}"
                answer = host.enter_concurrency(holder, name, cancel_in_progress=in_progress, cancel=cancel)
                if not answer.allowed:
                    raise RefusedError("cancelled", answer.reason or f"A newer job took the place in {name}.")
                stack.callback(host.leave_concurrency, holder, name)
            environment = self._environment_name()
            if environment:
                record = standing.change(status="waiting", environment=environment)
                answer = host.enter_environment(record, cancel)
                if not answer.allowed:
                    conclusion: Conclusion = "cancelled" if cancel.is_set() else "failure"
                    raise RefusedError(conclusion, answer.reason or f"{environment} did not let the job in.")
                stack.callback(lambda: host.leave_environment(standing.record))
                standing.change(status="queued")
            if cancel.is_set():
                raise RefusedError("cancelled", "The operation was canceled.")
            if not stack.enter_context(self._engine.slots.one(cancel)):
                raise RefusedError("cancelled", "The operation was canceled.")
            yield

    def _environment_name(self) -> str:
        given = self.group.spec.get("environment")
        name = given.get("name") if isinstance(given, Mapping) else given
        return text_of(name, self.scope)

    def _execute(self, standing: Standing, cancel: threading.Event) -> Conclusion:
        graph, request = self.group.graph, self._engine.request
        record: JobRecord = standing.record
        permissions = granted(
            graph.file.document.get("permissions"),
            self.group.spec.get("permissions"),
            request.default_permissions,
        )
        if graph.limit is not None:
            permissions = capped(permissions, graph.limit)
        host = self._engine.host
        token = host.token_for(record, permissions)
        secrets = {**graph.secrets_of(record), "GITHUB_TOKEN": token}
        contexts = {**self.contexts, "vars": dict(host.variables_for(record))}
        plan = JobPlan(
            spec=self.group.spec,
            workflow=graph.file.document,
            contexts=contexts,
            secrets=secrets,
            permissions=permissions,
            token=token,
            path=graph.file.path,
            lines=self._lines,
        )
        return JobRun(
            request=request,
            host=host,
            standing=standing,
            plan=plan,
            cancel=cancel,
            machine=self._engine.machine,
        ).run()


def concurrency(given: Any, scope: Scope) -> tuple[str, bool] | None:
    """Evaluate a `concurrency:` in either form.

    The group's name, and whether it cancels what is in progress.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        return text_of(given, scope), False
    return text_of(given.get("group"), scope), is_truthy(
        interpolate(given.get("cancel-in-progress", False), scope)
    )

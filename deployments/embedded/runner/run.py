"""One attempt of one run, from the workflow's text to its conclusion."""

import os
import threading
from collections.abc import Mapping
from typing import Any

from deployments.embedded.runner.cancelling import Cancellations, Slots
from deployments.embedded.runner.contexts import github_context
from deployments.embedded.runner.document import DocumentError, load
from deployments.embedded.runner.graph import Engine, Graph
from deployments.embedded.runner.interface import Host, RunHeader, RunRequest, RunResult
from deployments.embedded.runner.place import concurrency
from deployments.embedded.runner.results import run_conclusion
from deployments.embedded.runner.source import StartupError, WorkflowFile, read_workflow
from tasks.domain.expression import ExpressionError, Scope, text_of


def header(request: RunRequest, variables: Mapping[str, str]) -> RunHeader:
    """Give a run's names, and why it cannot start when it cannot."""
    try:
        document = load(request.workflow_text)
    except DocumentError:
        document = None
    name = str((document.get("name") if isinstance(document, Mapping) else None) or request.workflow_path)
    try:
        file = read_workflow(request)
        scope = Scope(contexts=_contexts(request, file, variables))
        given = file.document.get("run-name")
        return RunHeader(name=name, run_name=text_of(given, scope) if given else "")
    except (StartupError, ExpressionError) as error:
        return RunHeader(name=name, run_name="", problem=str(error))


def _contexts(request: RunRequest, file: WorkflowFile, variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "github": github_context(request, file.name),
        "inputs": dict(request.inputs),
        "vars": dict(variables),
    }


def execute(request: RunRequest, host: Host, cancel: threading.Event) -> RunResult:
    """Run one attempt to its end; setting `cancel` is GitHub's "cancel run".

    A workflow's own failure is a result, never an exception.
    """
    try:
        file = read_workflow(request)
        contexts = _contexts(request, file, host.variables_for(None))
        wanted = concurrency(file.document.get("concurrency"), Scope(contexts=contexts))
    except (StartupError, ExpressionError) as error:
        return RunResult(conclusion="startup_failure", jobs=(), problem=str(error))
    if wanted is None:
        return _run(request, host, cancel, file, contexts)
    name, in_progress = wanted
    answer = host.enter_concurrency("run", name, cancel_in_progress=in_progress, cancel=cancel)
    if not answer.allowed:
        return RunResult(conclusion="cancelled", jobs=())
    try:
        return _run(request, host, cancel, file, contexts)
    finally:
        host.leave_concurrency("run", name)


def _run(
    request: RunRequest, host: Host, cancel: threading.Event, file: WorkflowFile, contexts: Mapping[str, Any]
) -> RunResult:
    cancellations = Cancellations(cancel)
    engine = Engine(
        request=request,
        host=host,
        machine=dict(os.environ),
        slots=Slots(request.parallel or os.cpu_count() or 1),
        cancellations=cancellations,
    )
    try:
        results = Graph(engine=engine, file=file, contexts=contexts, secrets_of=host.secrets_for).run()
    finally:
        cancellations.close()
    return RunResult(
        conclusion=run_conclusion(results.values(), cancelled=cancel.is_set()),
        jobs=tuple(engine.records.values()),
    )

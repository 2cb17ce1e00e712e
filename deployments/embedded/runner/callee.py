"""A job that calls a workflow of the same repository."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deployments.embedded.runner.graph import Graph
from deployments.embedded.runner.interface import Annotation, JobRecord
from deployments.embedded.runner.permissions import capped, granted
from deployments.embedded.runner.results import Result, combined
from deployments.embedded.runner.source import WorkflowFile
from deployments.embedded.runner.standing import Standing
from tasks.domain.expression import ExpressionError, Scope, interpolate, text_of
from tasks.domain.trigger import dispatch_inputs, events, resolve_inputs

if TYPE_CHECKING:
    from deployments.embedded.runner.place import Place


def call_workflow(place: "Place", file: WorkflowFile) -> Result:
    """Run the called workflow's jobs under the caller's name; its outputs become those of the calling job."""
    group, caller = place.group, place.group.graph
    spec = group.spec
    try:
        given = interpolate(spec.get("with") or {}, place.scope)
        declared = dispatch_inputs(file.document.get("on"), "workflow_call") or ()
        inputs = resolve_inputs(declared, given)
        mistakes = [*inputs.mistakes, *_missing_secrets(file, spec)]
        if mistakes:
            return _refuse(place, "\n".join(mistakes))
        defaults = {
            name: interpolate(value, Scope(contexts=caller.contexts))
            if isinstance(value, str) and name not in given
            else value
            for name, value in inputs.values.items()
        }
    except ExpressionError as error:
        return _refuse(place, str(error))
    permissions = granted(
        caller.file.document.get("permissions"),
        spec.get("permissions"),
        caller.engine.request.default_permissions,
    )
    if caller.limit is not None:
        permissions = capped(permissions, caller.limit)
    contexts = {**caller.contexts, "inputs": defaults}
    with caller.engine.cancellations.job(
        lambda: caller.survives(group.key, group.needs, group.results)
    ) as cancel:
        group.watch(cancel)
        graph = Graph(
            engine=caller.engine,
            file=file,
            contexts=contexts,
            secrets_of=lambda record: _secrets(place, record),
            limit=permissions,
            key_prefix=f"{caller.key_prefix}{group.key}/",
            name_prefix=f"{place.name} / ",
            callers=(*caller.callers, group),
            cancel=cancel,
        )
        results = graph.run()
    together = combined(results.values())
    return Result(
        conclusion=together.conclusion,
        outputs=_outputs(file, contexts, results),
        unrunnable=together.unrunnable,
    )


def _refuse(place: "Place", reason: str) -> Result:
    group = place.group
    engine = group.graph.engine
    standing = Standing(engine.host, group.record(place.name))
    standing.annotate(Annotation(level="failure", message=reason, path=group.graph.file.path))
    engine.keep(standing.complete("failure"))
    return Result(conclusion="failure")


def _trigger(file: WorkflowFile) -> Mapping[str, Any]:
    about = events(file.document.get("on")).get("workflow_call")
    return about if isinstance(about, Mapping) else {}


def _missing_secrets(file: WorkflowFile, spec: Mapping[str, Any]) -> list[str]:
    given = spec.get("secrets")
    if given == "inherit":
        return []
    names = {str(name) for name in given} if isinstance(given, Mapping) else set()
    return [
        f"Secret {name} is required, but not provided while calling."
        for name, about in (_trigger(file).get("secrets") or {}).items()
        if isinstance(about, Mapping) and about.get("required") is True and name not in names
    ]


def _secrets(place: "Place", record: JobRecord) -> Mapping[str, str]:
    """Give what the caller hands on: everything, or what it names."""
    graph = place.group.graph
    given = place.group.spec.get("secrets")
    if given is None:
        return {}
    own = graph.secrets_of(record)
    if given == "inherit":
        return own
    scope = place.scope.having(secrets=dict(own))
    return {str(name): text_of(value, scope) for name, value in given.items()}


def _outputs(
    file: WorkflowFile, contexts: Mapping[str, Any], results: Mapping[str, Result]
) -> dict[str, str]:
    jobs = {
        key: {"result": result.conclusion, "outputs": dict(result.outputs)} for key, result in results.items()
    }
    scope = Scope(contexts={**contexts, "jobs": jobs})
    return {
        str(name): text_of(about.get("value"), scope)
        for name, about in (_trigger(file).get("outputs") or {}).items()
        if isinstance(about, Mapping)
    }

"""Workflow files: listed, switched on and off, dispatched."""

from dataclasses import replace
from typing import Literal

from deployments.embedded.github.actions.registry import parsed, synchronise
from deployments.embedded.github.records.actions import Workflow
from deployments.embedded.github.shapes.actions import workflow
from deployments.embedded.github.web.answers import Answer, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, read, write
from tasks.domain.trigger import dispatch_inputs, resolve_inputs


def list_workflows(call: Call) -> Answer:
    """List the workflows."""
    synchronise(call.forge, call.repository)
    known = call.forge.store.workflows.all(lambda item: item.repository_id == call.repository.id)
    return call.page(known, lambda item: workflow(call.forge, call.repository, item), key="workflows")


def get_workflow(call: Call) -> Answer:
    """Return a workflow by its number or its file's name."""
    return Answer(body=workflow(call.forge, call.repository, named(call)))


def enable(call: Call) -> Answer:
    """Let a workflow start again."""
    return _switch(call, "active")


def disable(call: Call) -> Answer:
    """Let a workflow start no more."""
    return _switch(call, "disabled_manually")


def dispatch(call: Call) -> Answer:
    """Start a workflow by hand; with `return_run_details` the answer names the run."""
    found, body = named(call), call.json()
    git = call.forge.git(call.repository)
    wanted = call.wanted("ref", str)
    candidates = [wanted] if wanted.startswith("refs/") else [f"refs/heads/{wanted}", f"refs/tags/{wanted}"]
    ref = next((name for name in candidates if git.ref(name)), None)
    if ref is None:
        raise invalid(f"No ref found for: {wanted}")
    sha = git.resolve(ref)
    files = git.workflow_files(sha) if sha else {}
    if sha is None or found.path not in files:
        raise not_found()
    if found.state != "active":
        raise invalid("Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    document = parsed(git.blob(files[found.path]).decode(errors="replace")) or {}
    declared = dispatch_inputs(document.get("on"))
    if declared is None:
        raise invalid("Workflow does not have 'workflow_dispatch' trigger")
    inputs = resolve_inputs(declared, body.get("inputs") or {})
    if inputs.mistakes:
        raise invalid("; ".join(inputs.mistakes))
    run = call.engine.dispatch(call.repository, found, ref=ref, sha=sha, user=call.user, inputs=inputs.values)
    if not body.get("return_run_details"):
        return Answer(status=204)
    return Answer(
        body={
            "workflow_run_id": run.id,
            "run_url": call.forge.urls.repository(call.repository, "actions/runs", run.id),
            "html_url": call.forge.urls.page(call.repository, "actions/runs", run.id),
        }
    )


def named(call: Call) -> Workflow:
    """Return the workflow that the path names by number or by file name."""
    synchronise(call.forge, call.repository)
    wanted = call.values["workflow"]
    for item in call.forge.store.workflows.all(lambda item: item.repository_id == call.repository.id):
        if wanted in (str(item.id), item.path, item.path.rsplit("/", 1)[-1]):
            return item
    raise not_found()


def _switch(call: Call, state: Literal["active", "disabled_manually"]) -> Answer:
    found = named(call)
    call.forge.store.workflows.change(
        found.id, lambda item: replace(item, state=state, updated_at=call.forge.now())
    )
    return Answer(status=204)


_W = "/repos/{owner}/{repo}/actions/workflows"
_READ, _WRITE = read("actions"), write("actions")

ROUTES = (
    Route(method="GET", template=_W, handler=list_workflows, needs=_READ),
    Route(method="GET", template=f"{_W}/{{workflow}}", handler=get_workflow, needs=_READ),
    Route(method="PUT", template=f"{_W}/{{workflow}}/enable", handler=enable, needs=_WRITE),
    Route(method="PUT", template=f"{_W}/{{workflow}}/disable", handler=disable, needs=_WRITE),
    Route(method="POST", template=f"{_W}/{{workflow}}/dispatches", handler=dispatch, needs=_WRITE),
)

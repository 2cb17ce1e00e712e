"""Deployments and their statuses."""

from deployments.embedded.github.records.deployments import Deployment
from deployments.embedded.github.shapes.deployments import deployment, status
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, read, write

_STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def list_deployments(call: Call) -> Answer:
    """List the deployments, newest first."""
    wanted = call.query
    found = call.forge.store.deployments.all(
        lambda item: (
            item.repository_id == call.repository.id
            and wanted("sha") in (None, item.sha)
            and wanted("ref") in (None, item.ref)
            and wanted("task") in (None, item.task)
            and wanted("environment") in (None, item.environment)
        )
    )
    newest = sorted(found, key=lambda item: item.id, reverse=True)
    return call.page(newest, lambda item: deployment(call.forge, call.repository, item))


def get_deployment(call: Call) -> Answer:
    """Return a deployment."""
    return Answer(body=deployment(call.forge, call.repository, _deployment(call)))


def create_deployment(call: Call) -> Answer:
    """Make a deployment by hand."""
    body, ref, now = call.json(), call.wanted("ref", str), call.forge.now()
    sha = call.forge.git(call.repository).resolve(ref)
    if sha is None:
        raise invalid(f"No ref found for: {ref}")
    name = str(body.get("environment") or "production")
    made = call.forge.store.deployments.put(
        Deployment(
            id=call.forge.store.next_id(),
            repository_id=call.repository.id,
            sha=sha,
            ref=ref,
            task=str(body.get("task") or "deploy"),
            payload=body.get("payload") or {},
            environment=call.engine.gates.environment(call.repository, name).name,
            description=body.get("description"),
            creator=call.user.login,
            created_at=now,
            updated_at=now,
            production=bool(body.get("production_environment", name == "production")),
            transient=bool(body.get("transient_environment")),
        )
    )
    return Answer(status=201, body=deployment(call.forge, call.repository, made))


def delete_deployment(call: Call) -> Answer:
    """Remove a deployment that is not active."""
    found = _deployment(call)
    if found.statuses and found.statuses[-1].state == "success":
        raise invalid("We cannot delete an active deployment unless it is the only deployment.")
    call.forge.store.deployments.remove(found.id)
    return Answer(status=204)


def list_statuses(call: Call) -> Answer:
    """List the states of a deployment, newest first."""
    found = _deployment(call)
    newest = list(reversed(found.statuses))
    return call.page(newest, lambda item: status(call.forge, call.repository, found, item))


def get_status(call: Call) -> Answer:
    """Return one state of a deployment."""
    found, number = _deployment(call), call.number("status")
    for item in found.statuses:
        if item.id == number:
            return Answer(body=status(call.forge, call.repository, found, item))
    raise not_found()


def create_status(call: Call) -> Answer:
    """Say how a deployment stands."""
    found, body = _deployment(call), call.json()
    state = call.wanted("state", str)
    if state not in _STATES:
        raise RefusedError(422, f"state is not included in the list: {', '.join(_STATES)}")
    changed = call.engine.gates.note(
        found.id,
        state,
        creator=call.user.login,
        description=str(body.get("description") or ""),
        url=str(body.get("environment_url") or ""),
        log_url=str(body.get("log_url") or body.get("target_url") or ""),
        auto_inactive=bool(body.get("auto_inactive", True)),
    )
    return Answer(status=201, body=status(call.forge, call.repository, changed, changed.statuses[-1]))


def _deployment(call: Call) -> Deployment:
    found = call.forge.store.deployments.get(call.number("deployment"))
    if found is None or found.repository_id != call.repository.id:
        raise not_found()
    return found


_D = "/repos/{owner}/{repo}/deployments"
_ONE = f"{_D}/{{deployment}}"
_READ, _WRITE = read("deployments"), write("deployments")

ROUTES = (
    Route(method="GET", template=_D, handler=list_deployments, needs=_READ),
    Route(method="POST", template=_D, handler=create_deployment, needs=_WRITE),
    Route(method="GET", template=_ONE, handler=get_deployment, needs=_READ),
    Route(method="DELETE", template=_ONE, handler=delete_deployment, needs=_WRITE),
    Route(method="GET", template=f"{_ONE}/statuses", handler=list_statuses, needs=_READ),
    Route(method="POST", template=f"{_ONE}/statuses", handler=create_status, needs=_WRITE),
    Route(method="GET", template=f"{_ONE}/statuses/{{status}}", handler=get_status, needs=_READ),
)

"""Artifacts and caches."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deployments.embedded.github.records.actions import Artifact, Cache, Run
from deployments.embedded.github.routes.runs import found_run
from deployments.embedded.github.shapes import Json
from deployments.embedded.github.shapes.actions import artifact, cache
from deployments.embedded.github.web.answers import Answer, RefusedError, invalid, not_found, redirect
from deployments.embedded.github.web.call import Call
from deployments.embedded.github.web.router import Route, administer, read, write

_LINK_SECONDS = 600
_SORTS: dict[str, Callable[[Cache], Any]] = {
    "created_at": lambda item: item.created_at,
    "last_accessed_at": lambda item: item.last_accessed_at,
    "size_in_bytes": lambda item: item.size,
}


def list_artifacts(call: Call) -> Answer:
    """List the artifacts of a repository, newest first."""
    name = call.query("name")
    found = call.forge.store.artifacts.all(
        lambda item: item.repository_id == call.repository.id and name in (None, item.name)
    )
    return call.page(list(reversed(found)), lambda item: _shape(call, item), key="artifacts")


def list_run_artifacts(call: Call) -> Answer:
    """List the artifacts of one run."""
    of, name = found_run(call), call.query("name")
    found = call.forge.store.artifacts.all(lambda item: item.run_id == of.id and name in (None, item.name))
    return call.page(found, lambda item: _shape(call, item), key="artifacts")


def get_artifact(call: Call) -> Answer:
    """Return an artifact."""
    return Answer(body=_shape(call, _artifact(call)))


def download_artifact(call: Call) -> Answer:
    """Redirect to the zip of an artifact."""
    found = _artifact(call)
    if found.expires_at <= call.forge.now():
        raise RefusedError(410, "Artifact has expired")
    if call.values["format"] != "zip":
        raise not_found()
    return redirect(call.forge.link(f"/artifacts/{found.id}/{found.name}.zip", seconds=_LINK_SECONDS))


def delete_artifact(call: Call) -> Answer:
    """Remove an artifact."""
    found = _artifact(call)
    call.forge.store.artifacts.remove(found.id)
    call.forge.file("artifacts", found.id).unlink(missing_ok=True)
    return Answer(status=204)


def list_caches(call: Call) -> Answer:
    """List the caches, sorted as asked, as `key` (a prefix) and `ref` narrow them."""
    key, ref = call.query("key") or "", call.query("ref")
    found = call.forge.store.caches.all(
        lambda item: (
            item.repository_id == call.repository.id and item.key.startswith(key) and ref in (None, item.ref)
        )
    )
    by = _SORTS.get(call.query("sort") or "last_accessed_at")
    if by is None:
        raise invalid(f"sort must be one of {', '.join(_SORTS)}")
    found.sort(key=by, reverse=call.query("direction") != "asc")
    return call.page(found, cache, key="actions_caches")


def cache_usage(call: Call) -> Answer:
    """Say how much the caches take."""
    found = call.forge.store.caches.all(lambda item: item.repository_id == call.repository.id)
    return Answer(
        body={
            "full_name": call.repository.full_name,
            "active_caches_size_in_bytes": sum(item.size for item in found),
            "active_caches_count": len(found),
        }
    )


def get_cache_limit(call: Call) -> Answer:
    """Say how much the caches may take before the oldest go."""
    return Answer(body={"max_cache_size_gb": call.repository.cache_limit_gb})


def put_cache_limit(call: Call) -> Answer:
    """Change how much the caches may take; what is above the included 10 GB is paid for."""
    limit = call.wanted("max_cache_size_gb", int)
    call.forge.store.repositories.change(call.repository.id, lambda item: replace(item, cache_limit_gb=limit))
    return Answer(status=204)


def delete_caches_by_key(call: Call) -> Answer:
    """Remove the caches of one full key."""
    key, ref = call.query("key"), call.query("ref")
    found = call.forge.store.caches.all(
        lambda item: item.repository_id == call.repository.id and item.key == key and ref in (None, item.ref)
    )
    if not found:
        raise not_found()
    for item in found:
        _remove_cache(call, item.id)
    return Answer(body={"total_count": len(found), "actions_caches": [cache(item) for item in found]})


def delete_cache(call: Call) -> Answer:
    """Remove one cache."""
    found = call.forge.store.caches.get(call.number("cache"))
    if found is None or found.repository_id != call.repository.id:
        raise not_found()
    _remove_cache(call, found.id)
    return Answer(status=204)


def _remove_cache(call: Call, number: int) -> None:
    call.forge.store.caches.remove(number)
    call.forge.file("caches", number).unlink(missing_ok=True)


def _artifact(call: Call) -> Artifact:
    found = call.forge.store.artifacts.get(call.number("artifact"))
    if found is None or found.repository_id != call.repository.id:
        raise not_found()
    return found


def _shape(call: Call, item: Artifact) -> Json:
    of: Run | None = call.forge.store.runs.get(item.run_id)
    if of is None:
        raise not_found()
    return artifact(call.forge, call.repository, item, of)


_A = "/repos/{owner}/{repo}/actions"
_READ, _WRITE = read("actions"), write("actions")

ROUTES = (
    Route(method="GET", template=f"{_A}/artifacts", handler=list_artifacts, needs=_READ),
    Route(method="GET", template=f"{_A}/runs/{{run}}/artifacts", handler=list_run_artifacts, needs=_READ),
    Route(method="GET", template=f"{_A}/artifacts/{{artifact}}", handler=get_artifact, needs=_READ),
    Route(
        method="GET",
        template=f"{_A}/artifacts/{{artifact}}/{{format}}",
        handler=download_artifact,
        needs=read("actions", anonymous=False),
    ),
    Route(method="DELETE", template=f"{_A}/artifacts/{{artifact}}", handler=delete_artifact, needs=_WRITE),
    Route(method="GET", template=f"{_A}/caches", handler=list_caches, needs=_READ),
    Route(method="DELETE", template=f"{_A}/caches", handler=delete_caches_by_key, needs=_WRITE),
    Route(method="DELETE", template=f"{_A}/caches/{{cache}}", handler=delete_cache, needs=_WRITE),
    Route(method="GET", template=f"{_A}/cache/usage", handler=cache_usage, needs=_READ),
    Route(
        method="GET",
        template=f"{_A}/cache/storage-limit",
        handler=get_cache_limit,
        needs=administer(level="read"),
    ),
    Route(method="PUT", template=f"{_A}/cache/storage-limit", handler=put_cache_limit, needs=administer()),
)

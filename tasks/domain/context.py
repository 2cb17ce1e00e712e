"""Which contexts and functions GitHub offers to an expression, by the place where it stands.

The rows are those of GitHub's table of context availability; a place that is not in it has none here, and
nobody is accused there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.domain.use import Way

ALL = frozenset(
    {"github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs"}
    | {"inputs"}
)
STATUS = frozenset({"success", "failure", "always", "cancelled"})
HASH = frozenset({"hashfiles"})

_RUN = frozenset({"github", "inputs", "vars"})
_WAITED = _RUN | {"needs"}
_PLANNED = _WAITED | {"strategy", "matrix"}
_RUNNING = _PLANNED | {"job", "runner", "env", "steps"}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The contexts of a place, and the functions beyond those that are everywhere."""

    contexts: frozenset[str]
    functions: frozenset[str] = frozenset()


_JOB: Mapping[str, Offer] = {
    "concurrency": Offer(contexts=_PLANNED),
    "continue-on-error": Offer(contexts=_PLANNED),
    "defaults": Offer(contexts=_PLANNED | {"env"}),
    "env": Offer(contexts=_PLANNED | {"secrets"}),
    "environment": Offer(contexts=_PLANNED),
    "if": Offer(contexts=_WAITED, functions=STATUS),
    "name": Offer(contexts=_PLANNED),
    "outputs": Offer(contexts=_RUNNING | {"secrets"}, functions=HASH),
    "runs-on": Offer(contexts=_PLANNED),
    "secrets": Offer(contexts=_PLANNED | {"secrets"}),
    "strategy": Offer(contexts=_WAITED),
    "timeout-minutes": Offer(contexts=_PLANNED),
    "with": Offer(contexts=_PLANNED),
}
_URL = Offer(contexts=_RUNNING)
_IMAGE = Offer(contexts=_PLANNED)
_CREDENTIALS = Offer(contexts=_PLANNED | {"env", "secrets"})
_CONTAINER_ENV = Offer(contexts=_PLANNED | {"job", "runner", "env", "secrets"})
_STEP = Offer(contexts=_RUNNING | {"secrets"}, functions=HASH)
_STEP_IF = Offer(contexts=_RUNNING, functions=STATUS | HASH)
_STEP_KEYS = frozenset(
    {"continue-on-error", "env", "name", "run", "timeout-minutes", "with", "working-directory"}
)
_COMPOSITE = frozenset({"github", "inputs", "strategy", "matrix", "steps", "job", "runner", "env"})


def offered(way: Way) -> Offer | None:
    """Return what an expression of a workflow file may use; None where GitHub says nothing."""
    match way:
        case ("run-name",) | ("concurrency", *_):
            return Offer(contexts=_RUN)
        case ("env", _):
            return Offer(contexts=_RUN | {"secrets"})
        case ("on", "workflow_call", "inputs", _, "default"):
            return Offer(contexts=_RUN)
        case ("on", "workflow_call", "outputs", _, "value"):
            return Offer(contexts=_RUN | {"jobs"})
        case ("jobs", _, "steps", int(), str(key), *_):
            return _STEP_IF if key == "if" else _STEP if key in _STEP_KEYS else None
        case ("jobs", _, "environment", "url"):
            return _URL
        case ("jobs", _, "container" | "services", *rest):
            if "credentials" in rest:
                return _CREDENTIALS
            return _CONTAINER_ENV if "env" in rest else _IMAGE
        case ("jobs", _, str(key), *_):
            return _JOB.get(key)
    return None


def offered_in_action(way: Way) -> Offer | None:
    """Return what an expression of a composite action's steps may use; None elsewhere in its file."""
    match way:
        case ("runs", "steps", int(), str(key), *_):
            return Offer(contexts=_COMPOSITE, functions=STATUS | HASH if key == "if" else HASH)
    return None


PROPERTIES: Mapping[str, frozenset[str]] = {
    "github": frozenset(
        {"action", "action_path", "action_ref", "action_repository", "action_status", "actor", "actor_id"}
        | {"api_url", "artifact_cache_size_limit", "base_ref", "env", "event", "event_name", "event_path"}
        | {"graphql_url", "head_ref", "job", "job_workflow_sha", "output", "path", "ref", "ref_name"}
        | {"ref_protected", "ref_type", "repository", "repository_id", "repository_owner", "run_attempt"}
        | {"repository_owner_id", "repository_visibility", "repositoryurl", "retention_days", "run_id"}
        | {"run_number", "secret_source", "server_url", "sha", "state", "step_summary", "token"}
        | {"triggering_actor", "workflow", "workflow_ref", "workflow_sha", "workspace"}
    ),
    "runner": frozenset(
        {"arch", "debug", "environment", "name", "os", "temp", "tool_cache", "workspace", "tracking_id"}
    ),
    "strategy": frozenset({"fail-fast", "job-index", "job-total", "max-parallel"}),
    "job": frozenset(
        {"check_run_id", "container", "services", "status", "workflow_ref", "workflow_sha"}
        | {"workflow_repository", "workflow_file_path"}
    ),
}
"""Context -> its properties in lower case, for the contexts that GitHub fills itself."""

"""The contexts a job's expressions read: `github`, `runner`, and the environment variables made of them."""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deployments.embedded.runner.interface import RunRequest

RUNNER_NAME = "embedded-host"
_ARCHITECTURES = {"x86_64": "X64", "amd64": "X64", "aarch64": "ARM64", "arm64": "ARM64"}
# Parts of the github context that no variable carries.
_NOT_EXPORTED = {"event", "token", "secret_source", "repositoryUrl", "action_status"}


def github_context(request: RunRequest, workflow_name: str) -> dict[str, Any]:
    """Give what `github` is for every job of a run; jobs add their own part."""
    owner = request.repository.partition("/")[0]
    is_tag = request.ref.startswith("refs/tags/")
    short = request.ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/")
    return {
        "actor": request.actor,
        "actor_id": str(request.actor_id),
        "api_url": request.api_url,
        "base_ref": request.base_ref,
        "event": dict(request.event),
        "event_name": request.event_name,
        "graphql_url": f"{request.api_url}/graphql",
        "head_ref": request.head_ref,
        "ref": request.ref,
        "ref_name": short,
        "ref_protected": False,
        "ref_type": "tag" if is_tag else "branch",
        "repository": request.repository,
        "repository_id": str(request.repository_id),
        "repository_owner": owner,
        "repository_owner_id": str(request.repository_owner_id),
        "repositoryUrl": f"git://github.com/{request.repository}.git",
        "retention_days": "90",
        "run_attempt": str(request.attempt),
        "run_id": str(request.run_id),
        "run_number": str(request.run_number),
        "secret_source": "Actions",
        "server_url": request.server_url,
        "sha": request.sha,
        "triggering_actor": request.actor,
        "workflow": workflow_name,
        "workflow_ref": f"{request.repository}/{request.workflow_path}@{request.ref}",
        "workflow_sha": request.sha,
    }


def runner_context(temp: Path, tools: Path) -> dict[str, Any]:
    """Give what `runner` is on this machine."""
    return {
        "name": RUNNER_NAME,
        "os": "Linux",
        "arch": _ARCHITECTURES.get(platform.machine().lower(), platform.machine()),
        "temp": str(temp),
        "tool_cache": str(tools),
        "environment": "self-hosted",
        "debug": "",
    }


def exported(github: Mapping[str, Any], runner: Mapping[str, Any]) -> dict[str, str]:
    """Give the GITHUB_ and RUNNER_ variables of a step's process."""
    variables = {"GITHUB_ACTIONS": "true"}
    for name, value in github.items():
        if name not in _NOT_EXPORTED and isinstance(value, str | bool):
            variables[f"GITHUB_{name.upper()}"] = str(value).lower() if isinstance(value, bool) else value
    for name, value in runner.items():
        if value:
            variables[f"RUNNER_{name.upper()}"] = str(value)
    return variables

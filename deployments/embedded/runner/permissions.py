"""What a job's GITHUB_TOKEN may do, from the file's `permissions:` and the repository's setting."""

from collections.abc import Mapping
from typing import Any, Literal

from deployments.embedded.runner.interface import Access

SCOPES = (
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
)
_RESTRICTED: dict[str, Access] = {"contents": "read", "packages": "read", "metadata": "read"}
_RANK: dict[str, int] = {"none": 0, "read": 1, "write": 2}


def granted(workflow: Any, job: Any, default: Literal["read", "write"]) -> dict[str, Access]:
    """Give the permissions of a job.

    Its own `permissions:`, else the workflow's, else the repository's setting.
    """
    declared = job if job is not None else workflow
    if declared is None:
        return dict(_RESTRICTED) if default == "read" else {**_all("write"), "id-token": "none"}
    if isinstance(declared, str):
        return _all("write" if declared == "write-all" else "read")
    if not isinstance(declared, Mapping):
        return {"metadata": "read"}
    # Naming one scope takes away all that are not named.
    return {"metadata": "read", **{str(scope): _access(access) for scope, access in declared.items()}}


def _all(access: Access) -> dict[str, Access]:
    return {"metadata": "read", **dict.fromkeys(SCOPES, access)}


def _access(word: Any) -> Access:
    return "write" if word == "write" else "read" if word == "read" else "none"


def capped(wanted: Mapping[str, Access], limit: Mapping[str, Access]) -> dict[str, Access]:
    """Give what a called workflow gets: never more than its caller has."""
    return {
        scope: access if _RANK[access] <= _RANK[limit.get(scope, "none")] else limit.get(scope, "none")
        for scope, access in wanted.items()
    }

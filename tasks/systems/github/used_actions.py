"""Whether actions of other repositories are there: one request for one that is, three for one that is not."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tasks.domain.forge_used_action import Found
from tasks.systems.github.api import Api
from tasks.systems.github.errors import GithubFailure, NotFound, Rejected

_MANIFESTS = frozenset({"action.yml", "action.yaml", "Dockerfile"})


class UsedActions:
    """Looks at repositories that a workflow's ``uses:`` names."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def look(self, owner: str, repository: str, path: str, ref: str) -> Found:
        """Tell what GitHub has of an action or a called workflow; UNKNOWN when it will not say."""
        base = f"/repos/{quote(owner)}/{quote(repository)}"
        try:
            try:
                return _kind(self._api.get(f"{base}/contents/{quote(path)}".rstrip("/"), ref=ref))
            except NotFound:
                pass
            if self._api.find(base) is None:
                return Found.NO_REPOSITORY
            try:
                self._api.get(f"{base}/commits/{quote(ref, safe='')}")
            except (NotFound, Rejected):  # 422 is GitHub's answer to a ref that is not there
                return Found.NO_REF
        except GithubFailure:
            return Found.UNKNOWN
        return Found.NO_ACTION


def _kind(body: Any) -> Found:
    """Judge the contents of a path: a file is a called workflow, a directory has to hold an action."""
    if not isinstance(body, list):
        return Found.THERE
    names = {str(row["name"]) for row in body}
    return Found.THERE if names & _MANIFESTS else Found.NO_ACTION

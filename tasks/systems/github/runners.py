"""The self-hosted runners of one repository, with those that its organisation shares."""

from __future__ import annotations

from typing import Any

from tasks.domain.forge_runner import ForgeRunner, ForgeRunners
from tasks.systems.github.api import Api
from tasks.systems.github.errors import Denied, NotFound


class Runners:
    """Reads which runners are registered; it takes the right to administer the repository."""

    def __init__(self, api: Api, path: str, owner: str) -> None:
        self._api = api
        self._path = f"{path}/actions/runners"
        self._shared = f"/orgs/{owner}/actions/runners"

    def all(self, owner_kind: str | None) -> ForgeRunners:
        """Return the registered runners; ``owner_kind`` as GitHub states it (User, Organization)."""
        own = tuple(_runner(row) for row in self._api.pages(self._path, "runners"))
        if owner_kind == "User":
            return ForgeRunners(runners=own)
        try:
            shared = tuple(_runner(row) for row in self._api.pages(self._shared, "runners"))
        except (Denied, NotFound):
            return ForgeRunners(runners=own, shared_seen=False)
        return ForgeRunners(runners=(*own, *shared))


def _runner(row: Any) -> ForgeRunner:
    return ForgeRunner(
        name=str(row["name"]),
        labels=frozenset(str(label["name"]).lower() for label in row["labels"]),
        online=row["status"] == "online",
    )

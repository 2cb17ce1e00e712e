"""The caches that workflows of one repository keep on GitHub."""

from __future__ import annotations

from tasks.domain.forge_cache import GB, INCLUDED_GB, ForgeCache, ForgeCaches
from tasks.systems.github.api import Api
from tasks.systems.github.errors import Denied, NotFound, Rejected

LARGEST = 5
_LOOK_CLOSER = 0.8 * INCLUDED_GB * GB


class Caches:
    """Reads how much the caches take; which ones and up to what limit only when they take much."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = f"{path}/actions"

    def all(self) -> ForgeCaches:
        """Read the sum of the caches."""
        usage = self._api.get(f"{self._path}/cache/usage")
        size, count = int(usage["active_caches_size_in_bytes"]), int(usage["active_caches_count"])
        if size < _LOOK_CLOSER:
            return ForgeCaches(size=size, count=count)
        listed = self._api.get(
            f"{self._path}/caches", sort="size_in_bytes", direction="desc", per_page=LARGEST
        )
        return ForgeCaches(
            size=size,
            count=count,
            largest=tuple(
                ForgeCache(key=str(row["key"]), ref=str(row["ref"]), size=int(row["size_in_bytes"]))
                for row in listed["actions_caches"]
            ),
            limit_gb=self._limit(),
        )

    def _limit(self) -> int | None:
        """Return the limit in GB; None when the token may not see it (it takes admin rights)."""
        try:
            found = self._api.find(f"{self._path}/cache/storage-limit")
        except (Denied, NotFound, Rejected):
            return None
        return int(found["max_cache_size_gb"]) if found else None

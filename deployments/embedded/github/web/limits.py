"""The primary rate limit: so many requests an hour for each token."""

import threading
import time
from dataclasses import dataclass

from deployments.embedded.github.records.accounts import Token

HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What one caller has left in the hour that ends at `reset` (seconds since 1970)."""

    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """Requests left; never below zero."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """Return GitHub's rate-limit headers."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Resource": "core",
        }


def limit_of(token: Token | None) -> int:
    """Return GitHub's hourly limits: 60 for nobody, 1,000 for a workflow's token, 5,000 for the rest."""
    if token is None:
        return 60
    return 1000 if token.kind == "actions" else 5000


class Limits:
    """The budgets of all callers, kept in memory: a restart begins a new hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[str, Budget] = {}

    def of(self, token: Token | None) -> Budget:
        """Return a caller's budget without using it."""
        with self._lock:
            return self._current(token)

    def use(self, token: Token | None) -> Budget:
        """Count one request and return what is left."""
        with self._lock:
            now = self._current(token)
            used = Budget(limit=now.limit, used=now.used + 1, reset=now.reset)
            self._budgets[token.digest if token else ""] = used
            return used

    def spend(self, token: Token | None, requests: int) -> None:
        """Use up many requests at once, for tests of a client's patience."""
        with self._lock:
            now = self._current(token)
            self._budgets[token.digest if token else ""] = Budget(
                limit=now.limit, used=now.used + requests, reset=now.reset
            )

    def _current(self, token: Token | None) -> Budget:
        found = self._budgets.get(token.digest if token else "")
        if found is None or found.reset <= time.time():
            return Budget(limit=limit_of(token), used=0, reset=int(time.time()) + HOUR)
        return found

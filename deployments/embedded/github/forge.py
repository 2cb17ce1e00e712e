"""The services that every route and the engine use, put together once for a state directory."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from deployments.embedded.github.git.bare import BareRepository, Commit
from deployments.embedded.github.records.accounts import User
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.store import Store
from deployments.embedded.github.urls import Urls
from deployments.embedded.github.vault import Vault
from deployments.embedded.github.web.faults import Faults
from deployments.embedded.github.web.limits import Limits

BOT = "github-actions[bot]"


@dataclass(kw_only=True)
class Forge:
    """What a route can reach. `urls` is set when the sockets are bound, before the first request."""

    store: Store
    vault: Vault
    faults: Faults
    limits: Limits
    urls: Urls
    _commits: dict[tuple[int, str], Commit] = field(default_factory=dict)
    _pushing: dict[int, threading.Lock] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the time in whole seconds, as GitHub tells it."""
        return datetime.now(UTC).replace(microsecond=0)

    def git(self, repository: Repository) -> BareRepository:
        """Return where a repository's objects lie."""
        return BareRepository(self.store.folder("repositories") / f"{repository.id}.git")

    def commit(self, repository: Repository, sha: str) -> Commit:
        """Return a commit; it never changes, so git is asked once, and lists of runs stay cheap."""
        key = (repository.id, sha)
        if key not in self._commits:
            self._commits[key] = self.git(repository).commit(sha)
        return self._commits[key]

    def pushing(self, repository: Repository) -> threading.Lock:
        """Return what is held while refs move, so that each move starts its runs once."""
        with self.store.lock:
            return self._pushing.setdefault(repository.id, threading.Lock())

    def file(self, kind: str, number: int) -> Path:
        """Return where the bytes of an asset, an artifact or a cache lie."""
        return self.store.folder(kind) / str(number)

    def user(self, login: str) -> User:
        """Return a user; one that is no longer known is GitHub's ghost."""
        found = self.store.users.get(login)
        return found or User(id=10137, login="ghost", created_at=datetime(2008, 1, 1, tzinfo=UTC))

    def link(self, path: str, *, seconds: int) -> str:
        """Return a link to the blob host that is good for so many seconds; fewer than none is expired."""
        expires = int(self.now().timestamp()) + seconds
        return f"{self.urls.blob}{path}?se={expires}&sig={self.vault.link_signature(path, expires)}"

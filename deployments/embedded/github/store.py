"""Everything the embedded GitHub remembers, in memory and in one SQLite file, changed together."""

import json
import sqlite3
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from deployments.embedded.github.records.accounts import Token, User
from deployments.embedded.github.records.actions import Artifact, Cache, Job, Run, Workflow
from deployments.embedded.github.records.deployments import Deployment, Environment, Gate
from deployments.embedded.github.records.releases import Release
from deployments.embedded.github.records.repositories import (
    BranchProtection,
    Push,
    Repository,
    Ruleset,
    Secret,
    Variable,
)

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Documents:
    """One SQLite table of JSON documents; each change is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # WAL without a sync per commit: a killed process loses nothing, only a power cut could.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )

    def read(self, kind: str) -> list[str]:
        """Return the bodies of one kind."""
        with self.lock:
            rows = self._database.execute("SELECT body FROM documents WHERE kind = ?", (kind,))
            return [body for (body,) in rows]

    def write(self, kind: str, key: str, body: str) -> None:
        """Keep one document."""
        with self.lock:
            self._database.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, body))

    def delete(self, kind: str, key: str) -> None:
        """Forget one document."""
        with self.lock:
            self._database.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    def close(self) -> None:
        """Close the file; nothing can be written afterwards."""
        with self.lock:
            self._database.close()


class Collection(Generic[K, T]):
    """The records of one kind by their key, in the order in which they were first kept."""

    def __init__(self, documents: Documents, record: type[T], key: Callable[[T], K]) -> None:
        self._documents = documents
        self._kind = record.__name__
        self._key = key
        self._adapter: TypeAdapter[T] = TypeAdapter(record)
        loaded = (self._adapter.validate_json(body) for body in documents.read(self._kind))
        by_age = sorted(loaded, key=lambda item: (str(getattr(item, "created_at", "")), str(key(item))))
        self._items: dict[K, T] = {key(item): item for item in by_age}

    def get(self, key: K) -> T | None:
        """Return one record, or None."""
        return self._items.get(key)

    def all(self, where: Callable[[T], bool] = lambda _: True) -> list[T]:
        """Return the records that answer `where`, oldest first."""
        with self._documents.lock:
            return [item for item in self._items.values() if where(item)]

    def put(self, item: T) -> T:
        """Keep one record under its key."""
        with self._documents.lock:
            key = self._key(item)
            self._items[key] = item
            self._documents.write(self._kind, json.dumps(key), self._adapter.dump_json(item).decode())
            return item

    def change(self, key: K, how: Callable[[T], T]) -> T:
        """Replace one record by what `how` makes of it; nobody changes it in between."""
        with self._documents.lock:
            return self.put(how(self._items[key]))

    def remove(self, key: K) -> None:
        """Forget one record, if it is there."""
        with self._documents.lock:
            if self._items.pop(key, None) is not None:
                self._documents.delete(self._kind, json.dumps(key))


class Store:
    """All collections of one state directory and the counter from which ids come."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.directory = directory
        self._documents = documents = Documents(directory / "github.sqlite")
        self.lock = documents.lock
        self.users = Collection(documents, User, lambda user: user.login)
        self.tokens = Collection(documents, Token, lambda token: token.digest)
        self.repositories = Collection(documents, Repository, lambda repository: repository.id)
        self.pushes = Collection(documents, Push, lambda push: push.id)
        self.rulesets = Collection(documents, Ruleset, lambda ruleset: ruleset.id)
        self.protections = Collection(
            documents, BranchProtection, lambda protection: (protection.repository_id, protection.branch)
        )
        self.variables = Collection(
            documents, Variable, lambda item: (item.repository_id, item.environment, item.name)
        )
        self.secrets = Collection(
            documents, Secret, lambda item: (item.repository_id, item.environment, item.name)
        )
        self.workflows = Collection(documents, Workflow, lambda workflow: workflow.id)
        self.runs = Collection(documents, Run, lambda run: run.id)
        self.jobs = Collection(documents, Job, lambda job: job.id)
        self.artifacts = Collection(documents, Artifact, lambda artifact: artifact.id)
        self.caches = Collection(documents, Cache, lambda cache: cache.id)
        self.environments = Collection(documents, Environment, lambda environment: environment.id)
        self.gates = Collection(documents, Gate, lambda gate: gate.id)
        self.deployments = Collection(documents, Deployment, lambda deployment: deployment.id)
        self.releases = Collection(documents, Release, lambda release: release.id)
        counters = documents.read("counter")
        self._last_id = int(counters[0]) if counters else 1000

    def next_id(self) -> int:
        """Return a number that no record of this state directory has had."""
        with self.lock:
            self._last_id += 1
            self._documents.write("counter", "last-id", str(self._last_id))
            return self._last_id

    def folder(self, *parts: str) -> Path:
        """Return a folder below the state directory, made if it is missing."""
        path = self.directory.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def repository(self, owner: str, name: str) -> Repository | None:
        """Return a repository by its names; case does not matter, as on GitHub."""
        wanted = f"{owner}/{name}".lower()
        found: list[Any] = self.repositories.all(lambda item: item.full_name.lower() == wanted)
        return found[0] if found else None

    def close(self) -> None:
        """Close the file."""
        self._documents.close()

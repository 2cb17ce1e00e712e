"""A host in memory and a repository on disk, to run workflows against."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployments.embedded.runner.interface import (
    Access,
    Admission,
    Artifact,
    ArtifactExistsError,
    CacheEntry,
    Host,
    JobRecord,
    OidcEndpoint,
    RunRequest,
    RunResult,
)
from deployments.embedded.runner.run import execute

GIT = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "PATH": os.environ["PATH"],
}


class PlainHost:
    """A `Host` that keeps everything in memory and lets everybody in, unless a test says otherwise."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.store.mkdir(parents=True, exist_ok=True)
        self.secrets: dict[str, str] = {}
        self.environment_secrets: dict[str, dict[str, str]] = {}
        self.variables: dict[str, str] = {}
        self.history: list[JobRecord] = []
        self.refuse_environment: str | None = None
        self.entered: list[str] = []
        self.left: list[JobRecord] = []
        self.groups: list[tuple[str, str, bool]] = []
        self.tokens: dict[str, Mapping[str, Access]] = {}
        self.caches: dict[tuple[str, str], CacheEntry] = {}
        self.stored: list[Artifact] = []
        self.oidc = OidcEndpoint(url="http://127.0.0.1:9/token?x=1", token="bearer-of-the-job")
        self.changed = threading.Condition()
        self._next = 100

    def new_job_id(self) -> int:
        with self.changed:
            self._next += 1
            return self._next

    def job_changed(self, job: JobRecord) -> None:
        with self.changed:
            self.history.append(job)
            self.changed.notify_all()

    def wait_until(self, holds: Callable[[JobRecord], bool], seconds: float = 20) -> JobRecord:
        with self.changed:
            assert self.changed.wait_for(lambda: any(map(holds, self.history)), seconds), (
                "it never came to that"
            )
            return next(job for job in self.history if holds(job))

    def token_for(self, job: JobRecord, permissions: Mapping[str, Access]) -> str:
        token = f"ghs_token_of_{job.id}"
        self.tokens[job.name] = permissions
        return token

    def secrets_for(self, job: JobRecord) -> Mapping[str, str]:
        return {**self.secrets, **self.environment_secrets.get(job.environment or "", {})}

    def variables_for(self, job: JobRecord | None) -> Mapping[str, str]:
        return self.variables

    def enter_environment(self, job: JobRecord, cancel: threading.Event) -> Admission:
        self.entered.append(job.environment or "")
        if self.refuse_environment is not None:
            return Admission(allowed=False, reason=self.refuse_environment)
        return Admission(allowed=True)

    def leave_environment(self, job: JobRecord) -> None:
        self.left.append(job)

    def enter_concurrency(
        self, holder: str, group: str, *, cancel_in_progress: bool, cancel: threading.Event
    ) -> Admission:
        self.groups.append((holder.partition(":")[0], group, cancel_in_progress))
        return Admission(allowed=True)

    def leave_concurrency(self, holder: str, group: str) -> None:
        self.groups.append(("left", group, False))

    def oidc_endpoint(self, job: JobRecord) -> OidcEndpoint:
        return self.oidc

    def find_cache(self, keys: Sequence[str], version: str) -> CacheEntry | None:
        exact = self.caches.get((keys[0], version))
        if exact:
            return exact
        for key in keys:
            hits = [
                entry for (name, of), entry in self.caches.items() if name.startswith(key) and of == version
            ]
            if hits:
                return hits[-1]
        return None

    def save_cache(self, key: str, version: str, archive: Path) -> bool:
        if (key, version) in self.caches:
            return False
        copy = self.store / f"cache-{len(self.caches)}"
        shutil.copyfile(archive, copy)
        self.caches[key, version] = CacheEntry(key=key, archive=copy)
        return True

    def save_artifact(
        self, name: str, archive: Path, *, overwrite: bool, retention_days: int | None
    ) -> Artifact:
        if any(artifact.name == name for artifact in self.stored):
            if not overwrite:
                raise ArtifactExistsError(name)
            self.stored = [artifact for artifact in self.stored if artifact.name != name]
        copy = self.store / f"artifact-{len(self.stored)}-{name}.zip"
        shutil.copyfile(archive, copy)
        artifact = Artifact(
            id=len(self.stored) + 1, name=name, size=copy.stat().st_size, sha256="0" * 64, archive=copy
        )
        self.stored.append(artifact)
        return artifact

    def artifacts(self) -> Sequence[Artifact]:
        return self.stored


@dataclass(kw_only=True)
class Bench:
    """Everything to run one workflow text with."""

    root: Path
    host: PlainHost
    files: dict[str, str] = field(default_factory=dict)
    cancel: threading.Event = field(default_factory=threading.Event)
    seen: list[RunRequest] = field(default_factory=list)

    def repository(self) -> tuple[Path, str]:
        tree = self.root / "tree"
        bare = self.root / "bare.git"
        if not bare.exists():
            tree.mkdir(parents=True)
            self._git(tree, "init", "-q", "-b", "main")
            for name, text in {"README.md": "hello\n", **self.files}.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).write_text(text)
            self._git(tree, "add", "-A")
            self._git(tree, "commit", "-q", "-m", "first")
            self._git(self.root, "clone", "-q", "--bare", str(tree), str(bare))
            self._git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        return bare, self._git(bare, "rev-parse", "main")

    def _git(self, where: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=where, env=GIT, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def request(self, text: str, **fields: Any) -> RunRequest:
        bare, sha = self.repository()
        values: dict[str, Any] = {
            "run_id": 7,
            "run_number": 3,
            "workflow_path": ".github/workflows/w.yml",
            "workflow_text": text,
            "event_name": "push",
            "event": {"ref": "refs/heads/main"},
            "repository": "acme/thing",
            "repository_id": 11,
            "repository_owner_id": 12,
            "actor": "ada",
            "actor_id": 13,
            "sha": sha,
            "ref": "refs/heads/main",
            "git_directory": bare,
            "clone_url": bare.as_uri(),
            "server_url": "http://127.0.0.1:9",
            "api_url": "http://127.0.0.1:9",
            "work_directory": self.root / "work",
            "log_directory": self.root / "logs",
            "world_id": f"test-{self.root.name}-{id(self)}",
            "parallel": 4,
        }
        return RunRequest(**{**values, **fields})

    def run(self, text: str, **fields: Any) -> RunResult:
        request = self.request(text, **fields)
        self.seen.append(request)
        host: Host = self.host
        return execute(request, host, self.cancel)

    def job(self, result: RunResult, name: str) -> JobRecord:
        return next(job for job in result.jobs if job.name == name)

    def log(self, job: JobRecord) -> str:
        assert job.log is not None
        return job.log.read_text()

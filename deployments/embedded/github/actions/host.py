"""What the host executor asks of the embedded GitHub while it works on one attempt of a run."""

import hashlib
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from deployments.embedded.github.actions.concurrency import Concurrency
from deployments.embedded.github.actions.gates import Gates
from deployments.embedded.github.credentials import digest, mint
from deployments.embedded.github.forge import BOT, Forge
from deployments.embedded.github.records import actions as records
from deployments.embedded.github.records.accounts import Token
from deployments.embedded.github.records.actions import Job, Run
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.runner.interface import (
    Access,
    Admission,
    Artifact,
    ArtifactExistsError,
    CacheEntry,
    JobRecord,
    OidcEndpoint,
)

_ARTIFACT_DAYS = 90
_DEPLOYED = {"success": "success", "failure": "failure", "timed_out": "failure"}


@dataclass(frozen=True, kw_only=True)
class RunHost:
    """Serves one attempt. `changed` is called with the run's id after each change of a job."""

    forge: Forge
    gates: Gates
    concurrency: Concurrency
    repository: Repository
    run: Run
    cancel: threading.Event
    changed: Callable[[int], None]
    pending: threading.Event = field(default_factory=threading.Event)

    def new_job_id(self) -> int:
        """Give the id under which the next job will be known."""
        return self.forge.store.next_id()

    def job_changed(self, job: JobRecord) -> None:
        """Keep a job's new state; a completed job's token ends."""
        store = self.forge.store
        with store.lock:
            known = store.jobs.get(job.id)
            if known is None:
                known = Job(
                    id=job.id,
                    run_id=self.run.id,
                    repository_id=self.repository.id,
                    attempt=self.run.latest.number,
                    created_at=self.forge.now(),
                    record=job,
                )
            store.jobs.put(replace(known, record=job))
            if job.status == "completed":
                for token in store.tokens.all(lambda item: item.job_id == job.id):
                    store.tokens.remove(token.digest)
        self.changed(self.run.id)

    def token_for(self, job: JobRecord, permissions: Mapping[str, Access]) -> str:
        """Issue the job's GITHUB_TOKEN."""
        token = mint("actions")
        held = {name.replace("-", "_"): str(level) for name, level in permissions.items() if level != "none"}
        store = self.forge.store
        store.tokens.put(
            Token(
                digest=digest(token),
                kind="actions",
                login=BOT,
                permissions=held,
                repositories=(self.repository.full_name,),
                expires=self.forge.now() + timedelta(hours=24),
                job_id=job.id,
            )
        )
        if store.jobs.get(job.id) is not None:
            store.jobs.change(job.id, lambda item: replace(item, permissions=held))
        return token

    def secrets_for(self, job: JobRecord) -> Mapping[str, str]:
        """Open the sealed secrets of the owner, of the repository and of the job's environment."""
        opened: dict[str, str] = {}
        for layer in self._layers(job):
            for secret in self.forge.store.secrets.all(
                lambda item, layer=layer: (item.repository_id, item.environment) == layer  # type: ignore[misc]
            ):
                value = self.forge.vault.open(secret.sealed)
                if value is not None:
                    opened[secret.name] = value
        return opened

    def variables_for(self, job: JobRecord | None) -> Mapping[str, str]:
        """Give the variables of the owner, of the repository and of the job's environment."""
        given: dict[str, str] = {}
        for layer in self._layers(job):
            for variable in self.forge.store.variables.all(
                lambda item, layer=layer: (item.repository_id, item.environment) == layer  # type: ignore[misc]
            ):
                given[variable.name] = variable.value
        return given

    def enter_environment(self, job: JobRecord, cancel: threading.Event) -> Admission:
        """Make the deployment and wait until the environment lets the job in or refuses it."""
        assert job.environment is not None
        environment = self.gates.environment(self.repository, job.environment)
        log_url = self.forge.urls.page(self.repository, "actions/runs", self.run.id, "job", job.id)
        deployment = self.gates.deploy(self.repository, self.run, environment, log_url)
        if self.forge.store.jobs.get(job.id) is None:
            self.job_changed(job)
        self.forge.store.jobs.change(job.id, lambda item: replace(item, deployment_id=deployment.id))
        admission = self.gates.pass_through(
            self.repository,
            self.run,
            environment,
            cancel=cancel,
            waiting=lambda: self.changed(self.run.id),
        )
        if admission.allowed:
            self.gates.note(deployment.id, "in_progress", log_url=log_url)
        else:
            self.gates.note(
                deployment.id,
                "inactive" if cancel.is_set() else "failure",
                description=admission.reason,
                log_url=log_url,
            )
        self.changed(self.run.id)
        return admission

    def leave_environment(self, job: JobRecord) -> None:
        """Close the deployment with what the job came to and where it can be seen."""
        known = self.forge.store.jobs.get(job.id)
        if known is None or known.deployment_id is None:
            return
        self.gates.note(
            known.deployment_id,
            _DEPLOYED.get(job.conclusion or "", "inactive"),
            url=job.environment_url or "",
            log_url=self.forge.urls.page(self.repository, "actions/runs", self.run.id, "job", job.id),
        )

    def enter_concurrency(
        self, holder: str, group: str, *, cancel_in_progress: bool, cancel: threading.Event
    ) -> Admission:
        """Wait for a concurrency group of this repository."""
        if holder == "run":
            self.pending.set()
            self.changed(self.run.id)
        admission = self.concurrency.enter(
            self.repository.id,
            group,
            self._holder(holder),
            cancel_in_progress=cancel_in_progress,
            cancel=cancel,
        )
        if holder == "run":
            self.pending.clear()
            self.changed(self.run.id)
        return admission

    def leave_concurrency(self, holder: str, group: str) -> None:
        """Give the group back."""
        self.concurrency.leave(self.repository.id, group, self._holder(holder))

    def oidc_endpoint(self, job: JobRecord) -> OidcEndpoint:
        """Give the job's token endpoint, which takes a bearer token of its own."""
        token = mint("actions")
        self.forge.store.tokens.put(
            Token(
                digest=digest(token),
                kind="actions",
                login=BOT,
                permissions={"id_token": "write"},
                repositories=(self.repository.full_name,),
                job_id=job.id,
            )
        )
        return OidcEndpoint(url=f"{self.forge.urls.api}/_oidc/{job.id}?api-version=2.0", token=token)

    def find_cache(self, keys: Sequence[str], version: str) -> CacheEntry | None:
        """Find a cache that this ref sees: exact before prefix, own ref before default branch, new first."""
        default = f"refs/heads/{self.repository.default_branch}"
        with self.forge.store.lock:
            seen = self.forge.store.caches.all(
                lambda item: (
                    item.repository_id == self.repository.id
                    and item.version == version
                    and item.ref in (self.run.ref, default)
                )
            )
            seen.sort(key=lambda item: (item.ref == self.run.ref, item.id), reverse=True)
            exact = [item for item in seen if keys and item.key == keys[0]]
            prefixed = [item for key in keys for item in seen if item.key.startswith(key)]
            found = next(iter(exact + prefixed), None)
            if found is None:
                return None
            self.forge.store.caches.put(replace(found, last_accessed_at=self.forge.now()))
        return CacheEntry(key=found.key, archive=self.forge.file("caches", found.id))

    def save_cache(self, key: str, version: str, archive: Path) -> bool:
        """Store a cache for this ref, unless its key is taken there."""
        store = self.forge.store
        number = store.next_id()
        shutil.copyfile(archive, self.forge.file("caches", number))
        with store.lock:
            taken = store.caches.all(
                lambda item: (
                    item.repository_id == self.repository.id
                    and (item.ref, item.key, item.version) == (self.run.ref, key, version)
                )
            )
            if not taken:
                store.caches.put(
                    records.Cache(
                        id=number,
                        repository_id=self.repository.id,
                        ref=self.run.ref,
                        key=key,
                        version=version,
                        size=archive.stat().st_size,
                        created_at=self.forge.now(),
                        last_accessed_at=self.forge.now(),
                    )
                )
        if taken:
            self.forge.file("caches", number).unlink()
        return not taken

    def save_artifact(
        self, name: str, archive: Path, *, overwrite: bool, retention_days: int | None
    ) -> Artifact:
        """Store an artifact of this run; its name must be free in this attempt unless `overwrite`."""
        store, attempt = self.forge.store, self.run.latest.number
        with store.lock:
            taken = store.artifacts.all(
                lambda item: (item.run_id, item.attempt, item.name) == (self.run.id, attempt, name)
            )
            if taken and not overwrite:
                raise ArtifactExistsError(name)
            for old in taken:
                store.artifacts.remove(old.id)
                self.forge.file("artifacts", old.id).unlink(missing_ok=True)
            number = store.next_id()
            shutil.copyfile(archive, self.forge.file("artifacts", number))
            with archive.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            kept = store.artifacts.put(
                records.Artifact(
                    id=number,
                    repository_id=self.repository.id,
                    run_id=self.run.id,
                    attempt=attempt,
                    name=name,
                    size=archive.stat().st_size,
                    digest=f"sha256:{sha256}",
                    created_at=self.forge.now(),
                    expires_at=self.forge.now() + timedelta(days=retention_days or _ARTIFACT_DAYS),
                )
            )
        return self._artifact(kept)

    def artifacts(self) -> Sequence[Artifact]:
        """List the artifacts of this run, oldest first; of one name, that of the latest attempt."""
        kept = self.forge.store.artifacts.all(lambda item: item.run_id == self.run.id)
        latest = {item.name: item for item in sorted(kept, key=lambda item: item.id)}
        return [self._artifact(item) for item in sorted(latest.values(), key=lambda item: item.id)]

    def _artifact(self, item: records.Artifact) -> Artifact:
        return Artifact(
            id=item.id,
            name=item.name,
            size=item.size,
            sha256=item.digest.removeprefix("sha256:"),
            archive=self.forge.file("artifacts", item.id),
        )

    def _layers(self, job: JobRecord | None) -> list[tuple[int, str]]:
        """Return whose settings count, later over earlier: the owner's, the repository's, environment's."""
        own = [(-self.repository.owner_id, ""), (self.repository.id, "")]
        if job is None or job.environment is None:
            return own
        return [*own, (self.repository.id, self.gates.environment(self.repository, job.environment).name)]

    def _holder(self, holder: str) -> str:
        return f"{self.run.id}/{self.run.latest.number}/{holder}"

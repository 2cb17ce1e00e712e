"""What the executor is given for one attempt of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.actions import Run
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.runner.interface import JobRecord, RunRequest


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What jobs find around them. `environment` is added to every job's environment."""

    world_id: str
    environment: Mapping[str, str] = field(default_factory=dict)
    standins: Path | None = None
    parallel: int | None = None


def requested(
    forge: Forge,
    surroundings: Surroundings,
    repository: Repository,
    run: Run,
    *,
    text: str,
    earlier: tuple[JobRecord, ...],
) -> RunRequest:
    """Return the request for a run's latest attempt; `text` is its workflow file at its commit."""
    number = str(run.latest.number)
    return RunRequest(
        run_id=run.id,
        run_number=run.number,
        attempt=run.latest.number,
        workflow_path=run.path,
        workflow_text=text,
        event_name=run.event,
        event=run.payload,
        inputs=run.inputs,
        repository=repository.full_name,
        repository_id=repository.id,
        repository_owner_id=repository.owner_id,
        actor=run.actor,
        actor_id=forge.user(run.actor).id,
        sha=run.sha,
        ref=run.ref,
        git_directory=forge.git(repository).path,
        clone_url=forge.urls.clone(repository),
        server_url=forge.urls.api,
        api_url=forge.urls.api,
        environment=surroundings.environment,
        default_permissions=repository.workflow_permissions,
        work_directory=forge.store.folder("work", str(run.id), number),
        log_directory=forge.store.folder("logs", str(run.id), number),
        world_id=surroundings.world_id,
        standins=surroundings.standins,
        parallel=surroundings.parallel,
        earlier=earlier,
    )

"""Which workflows a repository has: those of its default branch, and those that have ever run."""

from dataclasses import replace
from typing import Any

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.actions import Workflow
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.runner.document import DocumentError, load


def parsed(text: str) -> dict[str, Any] | None:
    """Return a workflow file's document, or None when it is no YAML mapping."""
    try:
        document = load(text)
    except DocumentError:
        return None
    return document if isinstance(document, dict) else None


def name_of(document: dict[str, Any] | None, path: str) -> str:
    """Return how GitHub lists a workflow: by its name, else by its path."""
    name = (document or {}).get("name")
    return str(name) if name else path


def seen(forge: Forge, repository: Repository, path: str, text: str) -> Workflow:
    """Return the record of a workflow file, made or renamed as its text says."""
    name = name_of(parsed(text), path)
    with forge.store.lock:
        known = forge.store.workflows.all(
            lambda item: item.repository_id == repository.id and item.path == path
        )
        if known:
            if known[0].name == name and known[0].state != "deleted":
                return known[0]
            state = "active" if known[0].state == "deleted" else known[0].state
            return forge.store.workflows.put(
                replace(known[0], name=name, state=state, updated_at=forge.now())
            )
        return forge.store.workflows.put(
            Workflow(
                id=forge.store.next_id(),
                repository_id=repository.id,
                path=path,
                name=name,
                state="active",
                runs=0,
                created_at=forge.now(),
                updated_at=forge.now(),
            )
        )


def synchronise(forge: Forge, repository: Repository) -> None:
    """Note the workflow files of the default branch, and that others are gone from it."""
    git = forge.git(repository)
    head = git.ref(f"refs/heads/{repository.default_branch}")
    files = git.workflow_files(head) if head else {}
    for path, blob in files.items():
        seen(forge, repository, path, git.blob(blob).decode(errors="replace"))
    for gone in forge.store.workflows.all(
        lambda item: item.repository_id == repository.id and item.path not in files and item.runs == 0
    ):
        forge.store.workflows.remove(gone.id)

"""What an identity token says about a job."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from deployments.embedded.github.records.accounts import User
from deployments.embedded.github.records.actions import Job, Run
from deployments.embedded.github.records.repositories import Repository

# The same in both worlds: a role's trust policy names this provider, wherever its keys are served.
ISSUER = "https://token.actions.githubusercontent.com"
# Repositories created after this day carry ids in their subject.
IMMUTABLE_SINCE = datetime(2026, 7, 15, tzinfo=UTC)
_MINUTES = 5


def subject_prefix(repository: Repository) -> str:
    """Return the part of `sub` that names the repository."""
    if repository.created_at > IMMUTABLE_SINCE:
        return f"repo:{repository.owner}@{repository.owner_id}/{repository.name}@{repository.id}"
    return f"repo:{repository.full_name}"


def claims(repository: Repository, run: Run, job: Job, actor: User, audience: str | None) -> dict[str, Any]:
    """Return the claims of a job's identity token."""
    now = int(time.time())
    environment = job.record.environment
    workflow = f"{repository.full_name}/{run.path}@{run.ref}"
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": audience or f"https://github.com/{repository.owner}",
        "jti": secrets.token_hex(16),
        "iat": now,
        "nbf": now - 60,
        "exp": now + _MINUTES * 60,
        "ref": run.ref,
        "ref_type": "tag" if run.ref.startswith("refs/tags/") else "branch",
        "ref_protected": "false",
        "sha": run.sha,
        "repository": repository.full_name,
        "repository_id": str(repository.id),
        "repository_owner": repository.owner,
        "repository_owner_id": str(repository.owner_id),
        "repository_visibility": "private" if repository.private else "public",
        "run_id": str(run.id),
        "run_number": str(run.number),
        "run_attempt": str(job.attempt),
        "actor": actor.login,
        "actor_id": str(actor.id),
        "workflow": run.workflow_name,
        "workflow_ref": workflow,
        "workflow_sha": run.sha,
        "job_workflow_ref": workflow,
        "job_workflow_sha": run.sha,
        "event_name": run.event,
        "head_ref": "",
        "base_ref": "",
        "runner_environment": "github-hosted",
    }
    if environment:
        said["environment"] = environment
    context = f"environment:{environment.replace(':', '%3A')}" if environment else f"ref:{run.ref}"
    if repository.subject_use_default or not repository.subject_claims:
        said["sub"] = f"{subject_prefix(repository)}:{context}"
    else:
        parts = {"repo": subject_prefix(repository), "context": context}
        said["sub"] = ":".join(
            parts.get(name, f"{name}:{str(said.get(name, '')).replace(':', '%3A')}")
            for name in repository.subject_claims
        )
    return said

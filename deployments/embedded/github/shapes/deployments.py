"""Environments, deployments and what waits for a review, as JSON."""

from deployments.embedded.github.forge import Forge
from deployments.embedded.github.records.actions import Run
from deployments.embedded.github.records.deployments import (
    BranchPolicy,
    Deployment,
    DeploymentStatus,
    Environment,
    Gate,
)
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.shapes import Json, moment, node_id
from deployments.embedded.github.shapes.users import simple_user


def environment(forge: Forge, repository: Repository, item: Environment) -> Json:
    """Return an environment with its protection rules."""
    rules: list[Json] = []
    if item.wait_minutes:
        rules.append(
            {
                "id": item.id * 10 + 1,
                "node_id": node_id("GA", item.id * 10 + 1),
                "type": "wait_timer",
                "wait_timer": item.wait_minutes,
            }
        )
    if item.reviewers:
        rules.append(
            {
                "id": item.id * 10 + 2,
                "node_id": node_id("GA", item.id * 10 + 2),
                "type": "required_reviewers",
                "prevent_self_review": item.prevent_self_review,
                "reviewers": _reviewers(forge, item),
            }
        )
    policy = None
    if item.branch_policy:
        rules.append(
            {"id": item.id * 10 + 3, "node_id": node_id("GA", item.id * 10 + 3), "type": "branch_policy"}
        )
        policy = {
            "protected_branches": item.branch_policy == "protected",
            "custom_branch_policies": item.branch_policy == "custom",
        }
    return {
        "id": item.id,
        "node_id": node_id("EN", item.id),
        "name": item.name,
        "url": forge.urls.repository(repository, "environments", item.name),
        "html_url": forge.urls.page(repository, "deployments/activity_log")
        + f"?environments_filter={item.name}",
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
        "can_admins_bypass": True,
        "protection_rules": rules,
        "deployment_branch_policy": policy,
    }


def branch_policy(item: BranchPolicy) -> Json:
    """Return a name pattern that may deploy."""
    return {"id": item.id, "node_id": node_id("GPBP", item.id), "name": item.name, "type": item.type}


def pending_deployment(forge: Forge, repository: Repository, gate: Gate, login: str, run: Run) -> Json:
    """Return an environment that a run waits before, as `login` sees it."""
    item = forge.store.environments.get(gate.environment_id)
    reviewers = item.reviewers if item else ()
    own = item is not None and item.prevent_self_review and login == run.latest.actor
    return {
        "environment": _named(forge, repository, gate),
        "wait_timer": item.wait_minutes if item else 0,
        "wait_timer_started_at": moment(gate.opened_at) if item and item.wait_minutes else None,
        "current_user_can_approve": login in reviewers and not own,
        "reviewers": _reviewers(forge, item) if item else [],
    }


def approval(forge: Forge, repository: Repository, gate: Gate) -> Json:
    """Return a review that was given."""
    moments = {"created_at": moment(gate.opened_at), "updated_at": moment(gate.opened_at)}
    return {
        "environments": [{**_named(forge, repository, gate), **moments}],
        "state": gate.verdict or "pending",
        "user": simple_user(forge, gate.reviewer or "ghost"),
        "comment": gate.comment,
    }


def deployment(forge: Forge, repository: Repository, item: Deployment) -> Json:
    """Return a deployment."""
    url = forge.urls.repository(repository, "deployments", item.id)
    return {
        "url": url,
        "id": item.id,
        "node_id": node_id("DE", item.id),
        "sha": item.sha,
        "ref": item.ref,
        "task": item.task,
        "payload": item.payload,
        "original_environment": item.environment,
        "environment": item.environment,
        "description": item.description,
        "creator": simple_user(forge, item.creator),
        "created_at": moment(item.created_at),
        "updated_at": moment(item.updated_at),
        "statuses_url": f"{url}/statuses",
        "repository_url": forge.urls.repository(repository),
        "transient_environment": item.transient,
        "production_environment": item.production,
    }


def status(forge: Forge, repository: Repository, of: Deployment, item: DeploymentStatus) -> Json:
    """Return a state that a deployment went through."""
    url = forge.urls.repository(repository, "deployments", of.id)
    return {
        "url": f"{url}/statuses/{item.id}",
        "id": item.id,
        "node_id": node_id("DES", item.id),
        "state": item.state,
        "creator": simple_user(forge, item.creator),
        "description": item.description[:140],
        "environment": item.environment,
        "target_url": item.log_url,
        "log_url": item.log_url,
        "environment_url": item.environment_url,
        "created_at": moment(item.created_at),
        "updated_at": moment(item.created_at),
        "deployment_url": url,
        "repository_url": forge.urls.repository(repository),
    }


def _named(forge: Forge, repository: Repository, gate: Gate) -> Json:
    return {
        "id": gate.environment_id,
        "node_id": node_id("EN", gate.environment_id),
        "name": gate.environment,
        "url": forge.urls.repository(repository, "environments", gate.environment),
        "html_url": forge.urls.page(repository, "deployments/activity_log")
        + f"?environments_filter={gate.environment}",
    }


def _reviewers(forge: Forge, item: Environment) -> list[Json]:
    return [{"type": "User", "reviewer": simple_user(forge, login)} for login in item.reviewers]

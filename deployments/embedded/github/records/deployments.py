"""Environments, what holds a job before one, and what was deployed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Verdict = Literal["approved", "rejected"]


@dataclass(frozen=True, kw_only=True)
class BranchPolicy:
    """One name pattern that may deploy to an environment."""

    id: int
    name: str
    type: Literal["branch", "tag"] = "branch"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment and its protection; one that a run made has none."""

    id: int
    repository_id: int
    name: str
    created_at: datetime
    updated_at: datetime
    reviewers: tuple[str, ...] = ()
    prevent_self_review: bool = False
    wait_minutes: int = 0
    branch_policy: Literal["protected", "custom"] | None = None
    policies: tuple[BranchPolicy, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One environment that one attempt of a run stands before or has passed."""

    id: int
    run_id: int
    attempt: int
    environment_id: int
    environment: str
    opened_at: datetime
    verdict: Verdict | None = None
    reviewer: str | None = None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class DeploymentStatus:
    """One state that a deployment went through."""

    id: int
    state: str
    creator: str
    description: str
    environment: str
    environment_url: str
    log_url: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment of a commit to an environment."""

    id: int
    repository_id: int
    sha: str
    ref: str
    task: str
    payload: Any
    environment: str
    description: str | None
    creator: str
    created_at: datetime
    updated_at: datetime
    production: bool = False
    transient: bool = False
    statuses: tuple[DeploymentStatus, ...] = ()

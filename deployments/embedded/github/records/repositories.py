"""Repositories, what protects their refs, and the plain settings of Actions in them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Level = Literal["read", "write"]


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository; its objects and refs are in the bare repository of the same id."""

    id: int
    owner: str
    owner_id: int
    name: str
    private: bool
    default_branch: str
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime
    description: str | None = None
    actions_enabled: bool = True
    allowed_actions: Literal["all", "local_only", "selected"] = "all"
    sha_pinning_required: bool = False
    workflow_permissions: Level = "read"
    can_approve_pull_requests: bool = False
    cache_limit_gb: int = 10
    push_protection: bool = False
    immutable_releases: bool = False
    burnt_tags: tuple[str, ...] = ()
    roles: dict[str, str] = field(default_factory=dict)
    subject_use_default: bool = True
    subject_claims: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Owner and name as they are written in a URL."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """Rules on refs, kept in the words of the API (`conditions`, `rules`); `bypass` are logins."""

    id: int
    repository_id: int
    name: str
    target: Literal["branch", "tag", "push"] = "branch"
    enforcement: Literal["disabled", "active", "evaluate"] = "active"
    conditions: dict[str, Any] = field(default_factory=dict)
    rules: tuple[dict[str, Any], ...] = ()
    bypass: tuple[str, ...] = ()
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Push:
    """A push that is under way: the refs as they were, kept until its runs are there.

    `quiet` pushes start nothing.
    """

    id: int
    repository_id: int
    login: str
    refs: dict[str, str]
    quiet: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class BranchProtection:
    """Classic protection of one branch, as it was put."""

    repository_id: int
    branch: str
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A configuration variable of a repository or, with `environment`, of one environment.

    One that an organisation shares with its repositories has the negative of its id as `repository_id`.
    """

    repository_id: int
    environment: str
    name: str
    value: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret as it came over the wire: sealed for the public key of this world, opened only for a job.

    One that an organisation shares with its repositories has the negative of its id as `repository_id`.
    """

    repository_id: int
    environment: str
    name: str
    sealed: str
    created_at: datetime
    updated_at: datetime

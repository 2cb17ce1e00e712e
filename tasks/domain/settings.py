"""What was asked and configured, resolved and frozen; no secret is ever in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tasks.domain.finding import Waiver
from tasks.domain.phase import Phase


class WorldKind(StrEnum):
    """Which world a command looks at and acts on."""

    EMBEDDED = "embedded"
    LIVE = "live"
    OFFLINE = "offline"


class SecretSource(StrEnum):
    """Where the value of a GitHub repository secret comes from; ``env`` names a variable of the process."""

    ROLE_ARN = "role-arn"
    STATE_BUCKET = "state-bucket"
    ARTIFACT_BUCKET = "artifact-bucket"
    ENVIRONMENT = "env"


@dataclass(frozen=True, kw_only=True)
class RepositorySecret:
    """A GitHub secret (or variable) and where its value comes from."""

    name: str
    source: SecretSource
    variable: str | None = None  # the process's environment variable, for source ``env``


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment that the deployment phase rolls out to, in the order given."""

    name: str
    approval: bool = False
    health: str = "/healthz"
    version: str = "/version"


@dataclass(frozen=True, kw_only=True)
class AwsSettings:
    """Names of what provisioning creates; None means the repository does not ask for it."""

    region: str = "us-east-1"
    state_bucket: str | None = None
    lock_table: str | None = None
    artifact_bucket: str | None = None
    artifact_days: int = 7
    deploy_role: str | None = None
    secrets: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Tell whether the repository asks for anything in AWS."""
        return bool(
            self.state_bucket or self.lock_table or self.artifact_bucket or self.deploy_role or self.secrets
        )


@dataclass(frozen=True, kw_only=True)
class BudgetSettings:
    """The daily limit in US dollars, and the percentages of it that alert."""

    daily_usd: float | None = None
    alert_percent: tuple[int, ...] = (80, 100)
    name: str | None = None
    topic: str | None = None


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A metric's target and the value from which it alerts."""

    target: float
    alert: float


@dataclass(frozen=True, kw_only=True)
class Supervised:
    """A process of this machine that has to run, and a log that has to be written to.

    ``command`` is a text that stands in the command line of the process. ``log`` is a path, relative to the
    repository unless absolute.
    """

    name: str
    command: str | None = None
    log: str | None = None
    fresh_minutes: int = 60


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a setting's value came from: default, discovered, a file's line, environment or argument."""

    source: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a run needs to know that is not a credential.

    ``repository_path`` is the work tree that is looked at and pushed from (in a rehearsal: the private
    clone); ``origins`` says for each dotted name where its value came from.
    """

    world: WorldKind
    repository_path: Path
    owner: str
    name: str
    branch: str
    commit: str | None = None
    state_directory: Path
    until: Phase | None = None
    only: Phase | None = None
    plan_only: bool = False
    approve: str | None = None
    yes: bool = False
    scenario: str | None = None
    source_path: Path | None = None  # what the user named, when a private clone stands in for it
    tag: str | None = None
    release_workflow: str | None = None
    deploy_workflow: str | None = None
    assets: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = ()
    aws: AwsSettings = field(default_factory=AwsSettings)
    secrets: tuple[RepositorySecret, ...] = ()
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    supervised: tuple[Supervised, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"

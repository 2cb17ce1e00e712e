"""What GitHub says about the repository; each class is one kind of fact, so each can be unseen on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class TokenKind(StrEnum):
    """The kinds of GitHub tokens, which differ in what can be known about their rights."""

    CLASSIC = "classic"
    OAUTH = "oauth"
    FINE_GRAINED = "fine-grained"
    APP = "app"  # an installation token; GITHUB_TOKEN is one
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class ForgeToken:
    """What can be known of the token itself; never its value.

    ``scopes`` is None where GitHub states none (fine-grained and App tokens): then only an attempt tells
    what the token may do. ``expires`` is as GitHub states it, None when it does not; ``hours_left`` counts
    from GitHub's own clock to then. ``plan`` is that of the token's own account, None when it is not told.
    """

    kind: TokenKind
    login: str | None
    scopes: frozenset[str] | None
    expires: str | None = None
    hours_left: float | None = None
    plan: str | None = None
    rate_remaining: int | None = None

    def may(self, scope: str) -> bool | None:
        """Tell whether the token has a classic scope; None when that cannot be known."""
        if self.scopes is None:
            return None
        implied = {"public_repo": {"repo"}, "read:org": {"write:org", "admin:org"}}
        return bool(self.scopes & ({scope} | implied.get(scope, set())))


@dataclass(frozen=True, kw_only=True)
class ForgeRepository:
    """The repository as the token sees it."""

    id: int
    full_name: str
    private: bool
    default_branch: str
    permissions: frozenset[str]  # admin, maintain, push, triage, pull
    archived: bool
    url: str
    created_at: str | None = None
    owner_kind: str | None = None  # User, Organization
    push_protection: bool | None = None  # pushes with credentials are refused; None: only admins are told


@dataclass(frozen=True, kw_only=True)
class ForgeActions:
    """Whether Actions may run here, which actions, and what GITHUB_TOKEN may do by default.

    ``makes_requests``: whether a workflow may open and approve pull requests, whatever its permissions say.
    """

    enabled: bool
    allowed: str | None  # all, local_only, selected
    default_permissions: str | None  # read, write
    makes_requests: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ForgeWorkflow:
    """A workflow GitHub knows; ``state`` is ``active`` or why it does not run."""

    id: int
    path: str
    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ForgeWorkflows:
    """The workflows GitHub knows of."""

    workflows: tuple[ForgeWorkflow, ...]

    def at(self, path: str) -> ForgeWorkflow | None:
        """Return the workflow of a file, if GitHub knows it."""
        return next((one for one in self.workflows if one.path == path), None)


@dataclass(frozen=True, kw_only=True)
class ForgeEnvironment:
    """An environment and its protection."""

    id: int
    name: str
    reviewers: tuple[str, ...] = ()
    wait_minutes: int = 0
    prevent_self_review: bool = False
    branch_policy: str | None = None  # protected, custom


@dataclass(frozen=True, kw_only=True)
class ForgeEnvironments:
    """The environments that exist; a name that is not here would be created without protection by a run."""

    environments: tuple[ForgeEnvironment, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names, lower-cased: GitHub ignores their case."""
        return frozenset(one.name.lower() for one in self.environments)


@dataclass(frozen=True, kw_only=True)
class ForgeSecrets:
    """The names of secrets and variables a workflow can read; values are never in here.

    ``repository`` includes what the organisation shares with the repository, unless the token may not look
    there: then ``shared_seen`` is False and a name that is not here may still be set. The environments'
    maps hold only environments that exist, by their lower-cased names.
    """

    repository: frozenset[str]
    variables: frozenset[str] = frozenset()
    environments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    environment_variables: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shared_seen: bool = True

    def has(self, name: str, environment: str | None = None) -> bool:
        """Tell whether a job (of that environment) finds the secret; names are case-insensitive."""
        wanted = name.upper()
        return wanted in self.repository or (
            environment is not None and wanted in self.environments.get(environment.lower(), frozenset())
        )


@dataclass(frozen=True, kw_only=True)
class ForgeRule:
    """One rule that is in force for a branch or tag: its type and where it comes from.

    ``bypass`` says when the token's user may break it: always, exempt, pull_requests_only, never; None when
    that is not told.
    """

    type: str
    source: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    bypass: str | None = None

    @property
    def waived(self) -> bool:
        """Tell whether the token's user may push past it."""
        return self.bypass in ("always", "exempt")


@dataclass(frozen=True, kw_only=True)
class ForgeProtection:
    """The classic protection of a branch; with ``admins`` it also holds for administrators."""

    reviews: bool = False
    signatures: bool = False
    restricted: bool = False  # only some people and apps may push
    locked: bool = False
    linear: bool = False  # no merge commits
    checks: tuple[tuple[str, int | None], ...] = ()  # names that are required, and the id of their app
    admins: bool = False


@dataclass(frozen=True, kw_only=True)
class ForgeRules:
    """The rules in force for the branch that is pushed to, and whether classic protection covers it.

    ``protection`` is None also when the token may not see it. ``on_tag`` are the rules for the tag that is
    planned, ``on_files`` those for what any push brings. Without ``in_plan`` there are none: the repository
    is private, and its owner's plan the free one.
    """

    branch: str
    rules: tuple[ForgeRule, ...]
    protected: bool | None
    protection: ForgeProtection | None = None
    tag: str | None = None
    on_tag: tuple[ForgeRule, ...] = ()
    on_files: tuple[ForgeRule, ...] = ()
    in_plan: bool = True


@dataclass(frozen=True, kw_only=True)
class ForgeOidc:
    """How the subject of identity tokens begins here, as GitHub states it; None when it states nothing."""

    use_default: bool
    claims: tuple[str, ...] = ()
    prefix: str | None = None


@dataclass(frozen=True, kw_only=True)
class ForgeBranch:
    """Where the branch stands on GitHub; ``commit`` is None when it is not there yet.

    ``workflows`` maps the path of each file under .github/workflows of that commit to its blob id.
    """

    name: str
    commit: str | None
    workflows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReleaseAsset:
    """A file of a release; ``digest`` is ``sha256:HEX`` as GitHub computed it, or None."""

    id: int
    name: str
    size: int
    state: str  # uploaded, or starter for one that never finished
    digest: str | None
    url: str


@dataclass(frozen=True, kw_only=True)
class ForgeRelease:
    """A release, possibly still a draft."""

    id: int
    tag: str
    name: str
    draft: bool
    prerelease: bool
    immutable: bool
    target: str
    url: str
    created_at: str | None
    assets: tuple[ReleaseAsset, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ForgeTag:
    """The tag that is to be released, as GitHub has it; ``name`` is None when none is planned.

    ``commit`` is None when GitHub has no such tag; ``releases`` are those of its name, drafts among them.
    """

    name: str | None
    commit: str | None = None
    releases: tuple[ForgeRelease, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ForgeDeployment:
    """A deployment and its newest status; ``state`` is None while GitHub has no status for it."""

    id: int
    environment: str
    sha: str
    ref: str
    created_at: str
    state: str | None = None
    environment_url: str | None = None
    log_url: str | None = None

    @property
    def run_id(self) -> int | None:
        """Return the workflow run that made it, read from the status' log address."""
        parts = (self.log_url or "").split("/actions/runs/")
        number = parts[1].split("/")[0] if len(parts) == 2 else ""
        return int(number) if number.isdigit() else None

"""People, the bot of a workflow, and the tokens they show."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

TokenKind = Literal["classic", "oauth", "fine-grained", "app", "actions"]


@dataclass(frozen=True, kw_only=True)
class User:
    """An account that owns, pushes, reviews.

    `saml`: classic tokens see what the organisation owns only after a sign-in there, as its SSO demands.
    """

    id: int
    login: str
    type: Literal["User", "Organization", "Bot"] = "User"
    created_at: datetime
    plan: Literal["free", "pro", "team", "enterprise"] = "free"
    saml: bool = False


@dataclass(frozen=True, kw_only=True)
class Token:
    """A credential, kept by its SHA-256: the state directory holds no live token.

    `scopes` speak for classic and OAuth tokens, `permissions` for the three other kinds. `repositories`
    narrows a token to full names; empty means every repository its user can see. `sso` are the organisations
    that a classic token was let into by a sign-in.
    """

    digest: str
    kind: TokenKind
    login: str
    scopes: tuple[str, ...] = ()
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    sso: tuple[str, ...] = ()
    expires: datetime | None = None
    job_id: int | None = None

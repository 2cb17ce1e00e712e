"""Whether the token sees the repository at all, and what GitHub says when it does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sight(StrEnum):
    """What asking for the repository came to."""

    SEEN = "seen"
    SIGN_IN = "sign-in"  # the organisation wants the token signed in first (SAML)
    NOT_FOUND = "not-found"
    DENIED = "denied"


@dataclass(frozen=True, kw_only=True)
class ForgeAccess:
    """How the token found the repository; ``url`` is where a person signs it in."""

    owner: str
    name: str
    sight: Sight
    said: str = ""
    url: str | None = None

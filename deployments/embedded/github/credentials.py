"""How tokens look and what is kept of them."""

import hashlib
import secrets

from deployments.embedded.github.records.accounts import TokenKind

PREFIXES: dict[TokenKind, str] = {
    "classic": "ghp_",
    "oauth": "gho_",
    "fine-grained": "github_pat_",
    "app": "ghs_",
    "actions": "ghs_",
}


def mint(kind: TokenKind) -> str:
    """Return a new token with the prefix of its kind."""
    return PREFIXES[kind] + secrets.token_hex(20)


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()

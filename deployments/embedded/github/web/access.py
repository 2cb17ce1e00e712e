"""Who asks, and whether they may: GitHub's five kinds of token and what each can do."""

import base64
import binascii
from datetime import datetime

from deployments.embedded.github.credentials import digest
from deployments.embedded.github.records.accounts import Token, User
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.github.store import Store
from deployments.embedded.github.web.answers import RefusedError, not_found
from deployments.embedded.github.web.call import Caller
from deployments.embedded.github.web.router import Needs

BY_SCOPE = ("classic", "oauth")
# What only people with admin access to a repository can do, whatever their token says.
_ADMIN_ONLY = {"administration", "secrets", "environments"}


def shown_token(header: str) -> str | None:
    """Return the token of an Authorization header; for Basic it is the password (or a lone user name)."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() in ("token", "bearer"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, word = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return word if word and word != "x-oauth-basic" else user
    return None


def authenticate(store: Store, header: str, now: datetime) -> Caller:
    """Return who sends this header; 401 for a token that is unknown or has ended."""
    shown = shown_token(header)
    if shown is None:
        return Caller(user=None, token=None)
    token = store.tokens.get(digest(shown))
    user = store.users.get(token.login) if token else None
    if token is None or user is None or (token.expires is not None and token.expires <= now):
        raise RefusedError(401, "Bad credentials")
    return Caller(user=user, token=token)


def role(caller: Caller, repository: Repository) -> str:
    """Return `admin`, `write`, `read` or `none`; who is not named in `roles` is an administrator."""
    if caller.user is None:
        return "none" if repository.private else "read"
    given = repository.roles.get(caller.user.login, "admin")
    return "read" if given == "none" and not repository.private else given


def granted(token: Token, permission: str) -> str | None:
    """Return the level that a token has of a permission by its own list; metadata can always be read."""
    return token.permissions.get(permission, "read" if permission == "metadata" else None)


def sees(caller: Caller, repository: Repository) -> bool:
    """Say whether the repository exists at all for this caller."""
    token = caller.token
    if token is None or caller.user is None:
        return not repository.private
    if token.repositories and repository.full_name not in token.repositories:
        return not repository.private
    if role(caller, repository) == "none":
        return False
    return not (token.kind in BY_SCOPE and repository.private and "repo" not in token.scopes)


def writes(token: Token, repository: Repository, permission: str) -> bool:
    """Say whether a token may write, by its own scopes or permissions."""
    if token.repositories and repository.full_name not in token.repositories:
        return False
    if token.kind in BY_SCOPE:
        return "repo" in token.scopes or (not repository.private and "public_repo" in token.scopes)
    return granted(token, permission) in ("write", "admin")


def changes_workflows(token: Token) -> bool:
    """Say whether a token may push workflow files; a workflow's own token never may."""
    if token.kind in BY_SCOPE:
        return "workflow" in token.scopes
    return token.kind != "actions" and granted(token, "workflows") == "write"


def not_accessible(token: Token) -> RefusedError:
    """Return the refusal of a token without the permission."""
    whose = "personal access token" if token.kind == "fine-grained" else "integration"
    return RefusedError(403, f"Resource not accessible by {whose}")


def signed_in(caller: Caller, owner: User | None, api: str) -> None:
    """Refuse a classic token that was not let into an organisation with single sign-on."""
    token = caller.token
    if token is None or owner is None or not owner.saml or token.kind not in BY_SCOPE:
        return
    if owner.login in token.sso:
        return
    kind = "OAuth token" if token.kind == "oauth" else "Personal Access token"
    url = f"{api}/orgs/{owner.login}/sso?authorization_request={token.digest[:24]}"
    raise RefusedError(
        403,
        "Resource protected by organization SAML enforcement."
        f" You must grant your {kind} access to this organization.",
        headers={"X-GitHub-SSO": f"required; url={url}"},
    )


def paid(repository: Repository, owner: User | None) -> None:
    """Refuse what private repositories do not have on the free plan."""
    if repository.private and owner is not None and owner.plan == "free":
        told = "Upgrade to GitHub Pro or make this repository public to enable this feature."
        raise RefusedError(403, told)


def check(needs: Needs, caller: Caller, repository: Repository | None) -> None:
    """Refuse the request that its token does not cover."""
    token = caller.token
    if repository is None:
        if token is None and not needs.anonymous:
            raise RefusedError(401, "Requires authentication")
        return
    if not sees(caller, repository):
        raise not_found()
    if token is None:
        if needs.level == "read" and needs.anonymous:
            return
        raise RefusedError(401, "Requires authentication")
    if needs.level == "read" and not repository.private and needs.permission not in _ADMIN_ONLY:
        return
    if token.kind in BY_SCOPE:
        if needs.level != "read" and not writes(token, repository, needs.permission):
            raise not_found()
    else:
        have = granted(token, needs.permission)
        if have is None or (needs.level != "read" and have == "read"):
            raise not_accessible(token)
    has = role(caller, repository)
    if needs.permission in _ADMIN_ONLY and has != "admin" and token.kind != "actions":
        raise RefusedError(403, "Must have admin rights to Repository.")
    if needs.level != "read" and has == "read":
        raise RefusedError(403, "Must have write access to Repository.")


def headers(needs: Needs | None, caller: Caller) -> dict[str, str]:
    """Return what an answer tells about the caller's token and about what the route takes."""
    token = caller.token
    if token is None:
        return {}
    told = {}
    if token.kind in BY_SCOPE:
        told["X-OAuth-Scopes"] = ", ".join(token.scopes)
        told["X-Accepted-OAuth-Scopes"] = ", ".join(needs.scopes) if needs else ""
    elif needs:
        told["X-Accepted-GitHub-Permissions"] = f"{needs.permission}={needs.level}"
    if token.expires is not None:
        told["github-authentication-token-expiration"] = token.expires.strftime("%Y-%m-%d %H:%M:%S UTC")
    return told

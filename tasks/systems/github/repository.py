"""The repository itself: what it is, its branches and trees, what rules it has, and the token that looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from tasks.domain.forge import (
    ForgeActions,
    ForgeBranch,
    ForgeOidc,
    ForgeRepository,
    ForgeToken,
    ForgeWorkflow,
    ForgeWorkflows,
    TokenKind,
)
from tasks.domain.forge_plan import ForgePlan, plan_name
from tasks.systems.github.api import Api
from tasks.systems.github.errors import Denied, NotFound

_PREFIXES = {
    "ghp_": TokenKind.CLASSIC,
    "gho_": TokenKind.OAUTH,
    "ghu_": TokenKind.APP,
    "ghs_": TokenKind.APP,
    "github_pat_": TokenKind.FINE_GRAINED,
}
_OLD_CLASSIC = re.compile(r"[0-9a-f]{40}")


def token_kind(token: str) -> TokenKind:
    """Tell a token's kind by how it begins."""
    for prefix, kind in _PREFIXES.items():
        if token.startswith(prefix):
            return kind
    return TokenKind.CLASSIC if _OLD_CLASSIC.fullmatch(token) else TokenKind.UNKNOWN


def hours_until(expires: str | None, now: str | None) -> float | None:
    """Return the hours from a `Date` header to a token's end; None when one of them is not told.

    GitHub writes the end as ``2026-11-29 16:00:00 UTC`` or with an offset.
    """
    if expires is None or now is None:
        return None
    try:
        end = datetime.strptime(expires.replace(" UTC", " +0000"), "%Y-%m-%d %H:%M:%S %z")
        return (end - parsedate_to_datetime(now)).total_seconds() / 3600
    except ValueError:
        return None


class Repositories:
    """Reads about one repository."""

    def __init__(self, api: Api, path: str, kind: TokenKind) -> None:
        self._api = api
        self._path = path
        self._kind = kind

    def token(self) -> ForgeToken:
        """Ask who the token is and what GitHub states of its rights; Denied when it is no good at all."""
        path = self._path if self._kind is TokenKind.APP else "/user"  # an App's token is nobody
        headers, body = self._api.exchange("GET", path)
        stated = headers.get("x-oauth-scopes")
        scopes = (
            None
            if stated is None
            else frozenset(scope.strip() for scope in stated.split(",") if scope.strip())
        )
        remaining = headers.get("x-ratelimit-remaining", "")
        kind = self._kind
        if kind is TokenKind.UNKNOWN and scopes is not None:
            kind = TokenKind.CLASSIC
        expires = headers.get("github-authentication-token-expiration")
        plan = body.get("plan") if path == "/user" else None
        return ForgeToken(
            kind=kind,
            login=body.get("login") if path == "/user" else None,
            scopes=scopes,
            expires=expires,
            hours_left=hours_until(expires, headers.get("date")),
            plan=plan_name((plan or {}).get("name")),
            rate_remaining=int(remaining) if remaining.isdigit() else None,
        )

    def facts(self) -> ForgeRepository:
        """Read the repository; NotFound also when the token may not see it."""
        body = self._api.get(self._path)
        guard = (body.get("security_and_analysis") or {}).get("secret_scanning_push_protection")
        return ForgeRepository(
            id=body["id"],
            full_name=body["full_name"],
            private=body["private"],
            default_branch=body["default_branch"],
            permissions=frozenset(name for name, given in (body.get("permissions") or {}).items() if given),
            archived=bool(body.get("archived")),
            url=body["html_url"],
            created_at=body.get("created_at"),
            owner_kind=(body.get("owner") or {}).get("type"),
            push_protection=None if guard is None else guard.get("status") == "enabled",
        )

    def branch(self, name: str) -> ForgeBranch:
        """Read where a branch stands and which workflow files its tree holds."""
        commit = self.branch_commit(name)
        return ForgeBranch(name=name, commit=commit, workflows=self.workflow_files(commit) if commit else {})

    def branch_commit(self, name: str) -> str | None:
        """Return the commit of a branch, None when there is no such branch (or no commit at all)."""
        body = self._ref(f"heads/{name}")
        return None if body is None else str(body["object"]["sha"])

    def tag_commit(self, name: str) -> str | None:
        """Return the commit a tag points to, through an annotated tag's object; None without such a tag."""
        body = self._ref(f"tags/{name}")
        if body is None:
            return None
        target = body["object"]
        while target["type"] == "tag":
            target = self._api.get(f"{self._path}/git/tags/{target['sha']}")["object"]
        return str(target["sha"])

    def workflow_files(self, commit: str) -> Mapping[str, str]:
        """Return the blob id of each file under .github/workflows at a commit."""
        root = self._directory(commit)
        github = next(
            (row["sha"] for row in root if row["path"] == ".github" and row["type"] == "tree"), None
        )
        inner = self._directory(github) if github else []
        found = next(
            (row["sha"] for row in inner if row["path"] == "workflows" and row["type"] == "tree"), None
        )
        rows = self._directory(found) if found else []
        return {f".github/workflows/{row['path']}": row["sha"] for row in rows if row["type"] == "blob"}

    def workflows(self) -> ForgeWorkflows:
        """List the workflows GitHub knows of, with their states."""
        rows = self._api.pages(f"{self._path}/actions/workflows", "workflows")
        return ForgeWorkflows(
            workflows=tuple(
                ForgeWorkflow(id=row["id"], path=row["path"], name=row["name"], state=row["state"])
                for row in rows
            )
        )

    def actions(self) -> ForgeActions:
        """Read whether Actions may run and what GITHUB_TOKEN may do by default (needs admin rights)."""
        body = self._api.get(f"{self._path}/actions/permissions")
        try:
            default = self._api.get(f"{self._path}/actions/permissions/workflow")
        except (Denied, NotFound):
            default = {}
        return ForgeActions(
            enabled=bool(body["enabled"]),
            allowed=body.get("allowed_actions"),
            default_permissions=default.get("default_workflow_permissions"),
            makes_requests=default.get("can_approve_pull_request_reviews"),
        )

    def plan(self, token: ForgeToken, repository: ForgeRepository) -> ForgePlan:
        """Return the plan of the repository's owner, as far as GitHub tells this token."""
        owner = repository.full_name.partition("/")[0]
        if repository.owner_kind == "Organization":
            body = self._api.find(f"/orgs/{owner}") or {}
            return ForgePlan(owner=owner, name=plan_name((body.get("plan") or {}).get("name")))
        mine = (token.login or "").lower() == owner.lower()
        return ForgePlan(owner=owner, name=token.plan if mine else None)

    def oidc(self) -> ForgeOidc:
        """Read how the subject of identity tokens is made here."""
        body = self._api.get(f"{self._path}/actions/oidc/customization/sub")
        return ForgeOidc(
            use_default=bool(body.get("use_default", True)),
            claims=tuple(body.get("include_claim_keys") or ()),
            prefix=body.get("sub_claim_prefix"),
        )

    def _ref(self, ref: str) -> Any | None:
        try:
            return self._api.find(f"{self._path}/git/ref/{quote(ref)}")
        except Exception as error:
            if getattr(error, "status", None) == 409:  # GitHub's answer for a repository without any commit
                return None
            raise

    def _directory(self, tree: str) -> list[Any]:
        body = self._api.find(f"{self._path}/git/trees/{tree}")
        return list(body["tree"]) if body else []

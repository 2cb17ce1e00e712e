"""Environments, and the secrets and variables of the repository and of each of them."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from tasks.domain.forge import ForgeEnvironment, ForgeEnvironments, ForgeSecrets
from tasks.domain.forge_deployable import DeployRule, ForgeDeployable
from tasks.systems.github.api import Api
from tasks.systems.github.errors import Denied, NotFound, Rejected


class Environments:
    """The environments of one repository."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = f"{path}/environments"
        self._branches = f"{path}/branches"

    def all(self) -> ForgeEnvironments:
        """List the environments with their protection."""
        rows = self._api.pages(self._path, "environments")
        return ForgeEnvironments(environments=tuple(environment_of(row) for row in rows))

    def deployable(self, environments: ForgeEnvironments) -> ForgeDeployable:
        """Read which branches and tags may deploy to the environments that say so."""
        rules = [
            DeployRule(environment=one.name, patterns=self._patterns(one.name))
            for one in environments.environments
            if one.branch_policy == "custom"
        ]
        guarded = [one.name for one in environments.environments if one.branch_policy == "protected"]
        if guarded:
            rows = self._api.pages(self._branches, protected="true")
            protected = frozenset(str(row["name"]) for row in rows)
            rules += [DeployRule(environment=one, patterns=None, protected=protected) for one in guarded]
        return ForgeDeployable(rules=tuple(rules))

    def _patterns(self, name: str) -> tuple[tuple[str, str], ...]:
        path = f"{self._path}/{quote(name, safe='')}/deployment-branch-policies"
        return tuple(
            (str(row.get("type") or "branch"), str(row["name"]))
            for row in self._api.pages(path, "branch_policies")
        )

    def create(self, name: str, *, reviewed: bool = False) -> None:
        """Create an environment; ``reviewed``: the token's user approves what is deployed there.

        The request replaces all protection of an existing environment, so that is looked at first. Where
        the token is nobody's or the plan has no reviewers, the environment is created without.
        """
        path = f"{self._path}/{quote(name, safe='')}"
        if self._api.find(path) is not None:
            return
        user = self._user() if reviewed else None
        if user is not None:
            try:
                self._api.write("PUT", path, {"reviewers": [{"type": "User", "id": user}]})
            except Rejected:
                pass
            else:
                return
        self._api.write("PUT", path, {})

    def _user(self) -> int | None:
        """Return the id of the token's user; an App's token is nobody's."""
        try:
            return int(self._api.get("/user")["id"])
        except (Denied, NotFound):
            return None


class Secrets:
    """Names of secrets and variables, and the one way to set a secret: sealed for GitHub's key."""

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = path

    def names(self, environments: ForgeEnvironments | None = None) -> ForgeSecrets:
        """List the names a workflow can read, of the repository, its organisation and its environments."""
        scopes = {
            one.name.lower(): self._environment(one.name) for one in (environments or NONE).environments
        }
        with ThreadPoolExecutor(AT_ONCE) as pool:
            shared = {kind: pool.submit(self._shared, kind) for kind in KINDS}
            own = {kind: pool.submit(self._own, kind) for kind in KINDS}
            inner = {
                kind: {
                    name: pool.submit(self._names, f"{scope}/{kind}", kind) for name, scope in scopes.items()
                }
                for kind in KINDS
            }
        repository, variables = (own[kind].result() | (shared[kind].result() or NOBODYS) for kind in KINDS)
        secrets_of, variables_of = (
            {name: found.result() for name, found in inner[kind].items()} for kind in KINDS
        )
        return ForgeSecrets(
            repository=repository,
            variables=variables,
            environments=secrets_of,
            environment_variables=variables_of,
            shared_seen=all(one.result() is not None for one in shared.values()),
        )

    def put(self, name: str, value: str, environment: str | None = None) -> None:
        """Set a secret; the value leaves this process only sealed."""
        scope = f"{self._path}/actions" if environment is None else self._environment(environment)
        key = self._api.get(f"{scope}/secrets/public-key")
        body = {"encrypted_value": seal(key["key"], value), "key_id": key["key_id"]}
        self._api.write("PUT", f"{scope}/secrets/{name}", body)

    def _environment(self, name: str) -> str:
        return f"{self._path}/environments/{quote(name, safe='')}"

    def _shared(self, key: str) -> frozenset[str] | None:
        """Return what the organisation shares with the repository; None when the token may not look."""
        try:
            return self._names(f"{self._path}/actions/organization-{key}", key)
        except NotFound:  # a repository that belongs to a person has nothing shared with it
            return frozenset()
        except Denied:
            return None

    def _own(self, key: str) -> frozenset[str]:
        return self._names(f"{self._path}/actions/{key}", key)

    def _names(self, path: str, key: str) -> frozenset[str]:
        return frozenset(str(row["name"]).upper() for row in self._api.pages(path, key))


KINDS = ("secrets", "variables")
AT_ONCE = 4  # questions; a repository with many environments has two for each
NOBODYS: frozenset[str] = frozenset()
NONE = ForgeEnvironments(environments=())


def seal(public_key: str, value: str) -> str:
    """Encrypt a value so that only the owner of the key can read it (a libsodium sealed box), as base64."""
    from nacl.public import PublicKey, SealedBox  # noqa: PLC0415 - loaded only when something is sealed

    box = SealedBox(PublicKey(base64.b64decode(public_key)))
    return base64.b64encode(box.encrypt(value.encode())).decode()


def environment_of(row: dict[str, Any]) -> ForgeEnvironment:
    """Read an environment from GitHub's JSON."""
    reviewers: list[str] = []
    wait, own = 0, False
    for rule in row.get("protection_rules") or ():
        if rule["type"] == "wait_timer":
            wait = int(rule.get("wait_timer") or 0)
        if rule["type"] == "required_reviewers":
            own = bool(rule.get("prevent_self_review"))
            people = [entry.get("reviewer") or {} for entry in rule.get("reviewers") or ()]
            reviewers = [who.get("login") or who.get("slug") or "somebody" for who in people]
    policy = row.get("deployment_branch_policy")
    return ForgeEnvironment(
        id=row["id"],
        name=row["name"],
        reviewers=tuple(reviewers),
        wait_minutes=wait,
        prevent_self_review=own,
        branch_policy=None if not policy else "protected" if policy.get("protected_branches") else "custom",
    )

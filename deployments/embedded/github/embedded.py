"""The embedded GitHub as one thing: made on a state directory, started, filled, stopped."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from deployments.embedded.github.actions.engine import Engine, Header
from deployments.embedded.github.actions.identity import ISSUER
from deployments.embedded.github.actions.request import Surroundings
from deployments.embedded.github.blobs import BlobHost
from deployments.embedded.github.control import Control, ControlHandler
from deployments.embedded.github.credentials import digest, mint
from deployments.embedded.github.forge import BOT, Forge
from deployments.embedded.github.git.endpoint import GitEndpoint
from deployments.embedded.github.git.smart_http import install_hook
from deployments.embedded.github.oidc import Issuer
from deployments.embedded.github.pages import Pages
from deployments.embedded.github.records.accounts import Token, TokenKind, User
from deployments.embedded.github.records.repositories import Repository, Ruleset, Secret, Variable
from deployments.embedded.github.routes import table
from deployments.embedded.github.store import Store
from deployments.embedded.github.urls import Urls
from deployments.embedded.github.vault import Vault
from deployments.embedded.github.web.application import Application
from deployments.embedded.github.web.faults import Faults
from deployments.embedded.github.web.limits import Limits
from deployments.embedded.github.web.router import Router
from deployments.embedded.github.web.server import Listener
from deployments.embedded.runner.interface import Execute


class EmbeddedGitHub:
    """A GitHub on two loopback ports, with its state in one directory.

    `aws_endpoint` reaches jobs as AWS_ENDPOINT_URL; `job_environment` is added to every job's environment
    besides. `execute` and `header` are the host executor, the real one unless a test brings its own.
    Ports stay the same from start to start as long as they are free.
    """

    def __init__(
        self,
        state: Path,
        *,
        world_id: str,
        aws_endpoint: str | None = None,
        parallel: int | None = None,
        standins: Path | None = None,
        job_environment: Mapping[str, str] | None = None,
        execute: Execute | None = None,
        header: Header | None = None,
    ) -> None:
        if execute is None or header is None:
            # Late, so that a test with its own executor needs no other.
            from deployments.embedded.runner import run  # noqa: PLC0415

            execute, header = execute or run.execute, header or run.header
        store = Store(state)
        self.forge = Forge(
            store=store,
            vault=Vault(state / "keys"),
            faults=Faults(),
            limits=Limits(),
            urls=Urls(api="", blob=""),
        )
        environment = dict(job_environment or {})
        if aws_endpoint is not None:
            environment |= {"AWS_ENDPOINT_URL": aws_endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
        self.engine = Engine(
            self.forge,
            Surroundings(world_id=world_id, environment=environment, standins=standins, parallel=parallel),
            execute,
            header,
        )
        self.control_token = secrets.token_hex(20)
        self._control = Control(self.control_token, self.forge.faults)
        install_hook(store.folder("hooks"))
        self._ports = state / "ports.json"
        kept: dict[str, int] = json.loads(self._ports.read_text()) if self._ports.exists() else {}
        self.pages = Pages(self.forge)
        self._application = Application(
            self.forge,
            self.engine,
            Router(table.ROUTES),
            (self._control, GitEndpoint(self.forge, self.engine), Issuer(self.forge), self.pages),
        )
        self._api = Listener(self._application, preferred_port=kept.get("api", 0))
        self._blob = Listener(BlobHost(self.forge), preferred_port=kept.get("blob", 0))
        self.forge.urls = Urls(api=self._api.url, blob=self._blob.url)
        if store.users.get(BOT) is None:
            bot_id = 41898282  # The bot's number on GitHub.
            store.users.put(User(id=bot_id, login=BOT, type="Bot", created_at=self.forge.now()))

    def start(self) -> None:
        """End what an earlier process left unfinished, then answer requests."""
        self.engine.recover()
        self._ports.write_text(json.dumps({"api": self._api.port, "blob": self._blob.port}))
        self._api.start()
        self._blob.start()

    def stop(self) -> None:
        """Cancel the runs, wait for them, and close ports and files."""
        ended = self.engine.stop()
        self._api.stop()
        self._blob.stop()
        if ended:
            self.forge.store.close()

    @property
    def api_url(self) -> str:
        """The base URL of the REST API, of git and of pages."""
        return self._api.url

    @property
    def blob_url(self) -> str:
        """The origin of logs and other blobs."""
        return self._blob.url

    @property
    def issuer_url(self) -> str:
        """Where the issuer's `/.well-known/openid-configuration` is; tokens name `issuer` instead."""
        return self._api.url

    @property
    def issuer(self) -> str:
        """The `iss` of identity tokens."""
        return ISSUER

    @property
    def faults(self) -> Faults:
        """The faults, to be switched on and off."""
        return self.forge.faults

    @property
    def busy(self) -> int:
        """How many runs have not ended."""
        return self.engine.busy

    def register_control(self, path: str, handler: ControlHandler) -> None:
        """Serve `/_embedded/PATH` to whoever shows the control token; the handler's result becomes JSON."""
        self._control.register(path, handler)

    def add_user(self, login: str, *, kind: Literal["User", "Organization"] = "User", **more: Any) -> User:
        """Make an account, or return the one there is; `more` are its further fields, as `plan`."""
        store = self.forge.store
        known = store.users.get(login)
        return known or store.users.put(
            User(id=store.next_id(), login=login, type=kind, created_at=self.forge.now(), **more)
        )

    def add_token(
        self,
        *,
        kind: TokenKind,
        login: str,
        scopes: Iterable[str] = (),
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[str] = (),
        sso: Iterable[str] = (),
        expires: datetime | None = None,
        value: str | None = None,
    ) -> str:
        """Issue a token and return it; only its digest is kept. `value` brings one that exists already."""
        token = value or mint(kind)
        self.forge.store.tokens.put(
            Token(
                digest=digest(token),
                kind=kind,
                login=self.add_user(login).login,
                scopes=tuple(scopes),
                permissions=dict(permissions or {}),
                repositories=tuple(repositories),
                sso=tuple(sso),
                expires=expires,
            )
        )
        return token

    def change_token(
        self, token: str, *, scopes: Iterable[str] | None = None, permissions: Mapping[str, str] | None = None
    ) -> None:
        """Give a token other scopes or permissions, as its owner can in the settings."""
        self.forge.store.tokens.change(
            digest(token),
            lambda item: replace(
                item,
                scopes=item.scopes if scopes is None else tuple(scopes),
                permissions=item.permissions if permissions is None else dict(permissions),
            ),
        )

    def add_repository(
        self,
        owner: str,
        name: str,
        *,
        private: bool = False,
        default_branch: str = "main",
        created_at: datetime | None = None,
        roles: Mapping[str, str] | None = None,
        workflow_permissions: Literal["read", "write"] = "read",
    ) -> Repository:
        """Make an empty repository, or return the one there is.

        Users that `roles` does not name are administrators of it.
        """
        store, now = self.forge.store, self.forge.now()
        known = store.repository(owner, name)
        if known is not None:
            return known
        account = self.add_user(owner)
        made = Repository(
            id=store.next_id(),
            owner=account.login,
            owner_id=account.id,
            name=name,
            private=private,
            default_branch=default_branch,
            created_at=created_at or now,
            updated_at=now,
            pushed_at=now,
            roles=dict(roles or {}),
            workflow_permissions=workflow_permissions,
        )
        self.forge.git(made).create(default_branch)
        return store.repositories.put(made)

    def repository(self, owner: str, name: str) -> Repository | None:
        """Return a repository, or None."""
        return self.forge.store.repository(owner, name)

    def git_directory(self, repository: Repository) -> Path:
        """Return the bare repository on disk; a push into it directly starts no run."""
        return self.forge.git(repository).path

    def share_secret(self, owner: User, name: str, value: str) -> None:
        """Seal and keep a secret that an organisation shares with all its repositories."""
        now, sealed = self.forge.now(), self.forge.vault.seal(value)
        self.forge.store.secrets.put(
            Secret(
                repository_id=-owner.id,
                environment="",
                name=name.upper(),
                sealed=sealed,
                created_at=now,
                updated_at=now,
            )
        )

    def share_variable(self, owner: User, name: str, value: str) -> None:
        """Keep a variable that an organisation shares with all its repositories."""
        now = self.forge.now()
        self.forge.store.variables.put(
            Variable(
                repository_id=-owner.id,
                environment="",
                name=name.upper(),
                value=value,
                created_at=now,
                updated_at=now,
            )
        )

    def set_secret(self, repository: Repository, name: str, value: str, *, environment: str = "") -> None:
        """Seal and keep a secret."""
        now = self.forge.now()
        if environment:
            environment = self.engine.gates.environment(repository, environment).name
        self.forge.store.secrets.put(
            Secret(
                repository_id=repository.id,
                environment=environment,
                name=name.upper(),
                sealed=self.forge.vault.seal(value),
                created_at=now,
                updated_at=now,
            )
        )

    def set_variable(self, repository: Repository, name: str, value: str, *, environment: str = "") -> None:
        """Keep a configuration variable."""
        now = self.forge.now()
        if environment:
            environment = self.engine.gates.environment(repository, environment).name
        self.forge.store.variables.put(
            Variable(
                repository_id=repository.id,
                environment=environment,
                name=name.upper(),
                value=value,
                created_at=now,
                updated_at=now,
            )
        )

    def add_ruleset(
        self,
        repository: Repository,
        name: str,
        *,
        target: Literal["branch", "tag", "push"] = "branch",
        include: Iterable[str] = ("~DEFAULT_BRANCH",),
        rules: Iterable[Mapping[str, Any]] = (),
        bypass: Iterable[str] = (),
    ) -> Ruleset:
        """Put rules on refs: a push that breaks one is refused (GH013), except of who may `bypass` them."""
        now = self.forge.now()
        return self.forge.store.rulesets.put(
            Ruleset(
                id=self.forge.store.next_id(),
                repository_id=repository.id,
                name=name,
                target=target,
                conditions={"ref_name": {"include": list(include), "exclude": []}},
                rules=tuple(dict(rule) for rule in rules),
                bypass=tuple(bypass),
                created_at=now,
                updated_at=now,
            )
        )

    def change_repository(self, repository: Repository, **changes: Any) -> Repository:
        """Change fields of a repository's record, as its settings page would."""
        return self.forge.store.repositories.change(repository.id, lambda item: replace(item, **changes))

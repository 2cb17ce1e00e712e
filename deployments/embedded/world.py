"""One embedded world: a GitHub whose runs really run, an AWS with two nodes, what is rehearsed in them."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from werkzeug import Request

from deployments.embedded.aws import CostLine, EmbeddedAws
from deployments.embedded.connection import Connection, Rehearsal
from deployments.embedded.github import EmbeddedGitHub
from deployments.embedded.github.records.repositories import Repository
from deployments.embedded.memory import Keeper
from deployments.embedded.original import CannotRehearse, Original, copy, look, related
from deployments.embedded.processes import Identity
from deployments.embedded.scenarios import SCENARIOS, SCOPES, Scenario
from deployments.embedded.seed import BRANCH, NAME, OWNER, write_history
from deployments.embedded.working_copy import GitRefused, WorkingCopy, git

Operation = Callable[[Mapping[str, Any]], Mapping[str, Any]]
ENGINEER = "engineer"
FORTNIGHT = 14
# A repository made before GitHub's immutable subject claims (2026-07-15) and one made after differ in their
# OIDC subjects; the sample is a new one, as a newcomer's would be.
SAMPLE_CREATED = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


class World:
    """Composes the parts, keeps them in one directory, and can be started there again."""

    def __init__(self, directory: Path, *, scenario: str | None = None, parallel: int | None = None) -> None:
        """Prepare a world; LookupError for a scenario that does not exist."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.directory = directory
        self.scenario: Scenario | None = SCENARIOS[scenario] if scenario else None
        self.stop_asked = threading.Event()
        self._keeper = Keeper(directory)
        self._parallel = parallel
        self._seeding = threading.Lock()
        self._asked = time.monotonic()
        self._calls_seen = (0, time.monotonic())

    @property
    def world_id(self) -> str:
        """The mark in the environment of every process of this world."""
        return self._keeper.memory.world_id

    def start(self) -> Connection:
        """Start every part; the parts know each other's addresses."""
        memory = self._keeper.memory
        self.aws = EmbeddedAws(self.directory / "aws", world_id=memory.world_id, issuer_url=None)
        self.aws.start(port=_free(memory.aws_port))
        self.github = EmbeddedGitHub(
            self.directory / "github",
            aws_endpoint=self.aws.endpoint_url,
            world_id=memory.world_id,
            parallel=self._parallel,
        )
        self.github.start()
        self.aws.issuer_url = self.github.api_url
        for name, operation in self._operations().items():
            self.github.register_control(name, self._heard(operation))
        self._keeper.keep(aws_port=int(self.aws.endpoint_url.rpartition(":")[2]))
        if not memory.token:
            scopes = self.scenario.scopes if self.scenario else SCOPES
            token = self.github.add_token(kind="classic", login=ENGINEER, scopes=scopes)
            self._keeper.keep(token=token, scopes=scopes)
        if self.scenario and not memory.prepared:
            self._spend(self.scenario)
        self._keeper.keep(prepared=True)
        return self.connection

    def stop(self) -> None:
        """End runs, services and servers; everything else stays for the next start."""
        self.github.stop()
        self.aws.stop()

    @property
    def connection(self) -> Connection:
        """What commands need in order to work in this world."""
        own = Identity.of(os.getpid())
        key = self.aws.credentials
        return Connection(
            directory=self.directory,
            scenario=self.scenario.name if self.scenario else None,
            world_id=self.world_id,
            pid=own.pid,
            created=own.created,
            control_url=f"{self.github.api_url}/_embedded",
            control_token=self.github.control_token,
            github_api_url=self.github.api_url,
            github_blob_url=self.github.blob_url,
            git_url=self.github.api_url,
            github_login=ENGINEER,
            github_token=self._keeper.memory.token,
            aws_endpoint=self.aws.endpoint_url,
            aws_region=self.aws.region,
            aws_account=self.aws.account,
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
        )

    @property
    def idle_seconds(self) -> float:
        """How long nobody has asked the world for anything; 0 while a run is under way."""
        if self.github.busy or self._visited():
            return 0.0
        seen, when = self._calls_seen
        calls = len(self.aws.journal.calls())
        if calls != seen:
            when = time.monotonic()
            self._calls_seen = (calls, when)
        return time.monotonic() - max(when, self._asked)

    def rehearse_sample(self) -> Rehearsal:
        """Return the sample's clone as it was left; the first time, write its history and its repository."""
        place = WorkingCopy(self._clone_path(OWNER, NAME))
        with self._seeding:
            if self.github.repository(OWNER, NAME) is None:
                if place.path.exists():  # left half made by a start that was killed
                    shutil.rmtree(place.path)
                history = write_history(place, self.scenario)
                made = self.github.add_repository(
                    OWNER, NAME, default_branch=BRANCH, created_at=SAMPLE_CREATED
                )
                self._fill(self.github.git_directory(made), place, history.live, BRANCH)
                place.remember_remote(BRANCH, history.live)
            return self._ready(place, OWNER, NAME, BRANCH)

    def rehearse(self, path: Path) -> Rehearsal:
        """Return a private clone of somebody's repository at its HEAD; its remote stays as it was left.

        Raises CannotRehearse when the directory is no repository or has no commit, or when this world has
        another repository of that name already.
        """
        original = look(path)
        owner, name, notes = original.owner, original.name, original.notes
        if (owner, name) == (OWNER, NAME) and not self._fits(original, owner, default=False):
            owner = "local"  # the sample's own place is kept free for it
            notes += (f"{OWNER}/{NAME} is the bundled sample here: this is rehearsed as {owner}/{name}",)
        if not self._fits(original, owner, default=True):
            raise CannotRehearse(_another(original, owner))
        place = WorkingCopy(self._clone_path(owner, name))
        with self._seeding:
            copy(original, place)
            if self.github.repository(owner, name) is None:
                made = self.github.add_repository(owner, name, default_branch=original.default)
                if original.live is not None:
                    self._fill(self.github.git_directory(made), place, original.live, original.default)
                    place.remember_remote(original.default, original.live)
            return self._ready(place, owner, name, original.branch, notes)

    def _fits(self, original: Original, owner: str, *, default: bool) -> bool:
        """Tell whether the repository of that name shares history; the default where there is none."""
        known = self.github.repository(owner, original.name)
        return default if known is None else related(original, self.github.git_directory(known))

    def remedy(self) -> str:
        """Do what a person would do about this world's scenario, and return a sentence that says it."""
        if self.scenario is None:
            raise LookupError("this world has no scenario to remedy")
        remedy = self.scenario.remedy
        if remedy.commit is not None:
            WorkingCopy(Path(self.rehearse_sample().path)).apply(remedy.commit)
        if remedy.scopes is not None:
            self.give_scopes(remedy.scopes)
        for name in remedy.secrets:
            self._secret(owner=OWNER, name=NAME, secret=name, value=secrets.token_hex(32))
        return f"{self.scenario.name}: {remedy.does}"

    def give_scopes(self, scopes: tuple[str, ...]) -> None:
        """Give the engineer's token these scopes instead of those it has, as its settings page does."""
        self.github.change_token(self._keeper.memory.token, scopes=scopes)
        self._keeper.keep(scopes=scopes)

    def _heard(self, operation: Operation) -> Callable[[Request], Any]:
        """Return an operation as the control endpoint takes it: a JSON object in, a JSON object out."""

        def handle(request: Request) -> Mapping[str, Any]:
            self._asked = time.monotonic()
            try:
                return operation(json.loads(request.get_data() or b"{}"))
            except (GitRefused, LookupError) as refusal:
                raise ValueError(str(refusal)) from refusal

        return handle

    def _operations(self) -> Mapping[str, Operation]:
        return {
            "status": lambda _: self._status(),
            "stop": lambda _: self._stop(),
            "rehearse-sample": lambda _: _told(self.rehearse_sample()),
            "rehearse": lambda given: _told(self.rehearse(Path(given["path"]))),
            "remedy": lambda _: {"did": self.remedy()},
            "token": lambda given: self._token(given["scopes"]),
            "secret": lambda given: self._secret(**given),
            "variable": lambda given: self._variable(**given),
            "environment": lambda given: self._environment(**given),
            "log": lambda given: self._log(given["job"]),
        }

    @staticmethod
    def _visited() -> bool:
        """Tell whether a client holds a connection open to any of the world's servers."""
        connections = psutil.Process().net_connections("tcp")
        listening = {each.laddr for each in connections if each.status == psutil.CONN_LISTEN}
        return any(each.laddr in listening for each in connections if each.status == psutil.CONN_ESTABLISHED)

    def _status(self) -> Mapping[str, Any]:
        return {
            "world": self.world_id,
            "scenario": self.scenario.name if self.scenario else None,
            "busy": self.github.busy > 0,
            "idle_seconds": round(self.idle_seconds),
            "scopes": list(self._keeper.memory.scopes),
            "services": {
                name: {"url": f"http://127.0.0.1:{node.port}", "processes": len(node.processes())}
                for name, node in self.aws.nodes.items()
            },
        }

    def _stop(self) -> Mapping[str, Any]:
        self.stop_asked.set()
        return {"stopping": True}

    def _token(self, scopes: list[str]) -> Mapping[str, Any]:
        self.give_scopes(tuple(scopes))
        return {"scopes": scopes}

    def _secret(
        self, *, owner: str, name: str, secret: str, value: str, environment: str = ""
    ) -> Mapping[str, Any]:
        self.github.set_secret(self._repository(owner, name), secret, value, environment=environment)
        return {"set": secret}

    def _variable(
        self, *, owner: str, name: str, variable: str, value: str, environment: str = ""
    ) -> Mapping[str, Any]:
        self.github.set_variable(self._repository(owner, name), variable, value, environment=environment)
        return {"set": variable}

    def _environment(self, *, owner: str, name: str, environment: str) -> Mapping[str, Any]:
        made = self.github.engine.gates.environment(self._repository(owner, name), environment)
        return {"name": made.name}

    def _log(self, job: int) -> Mapping[str, Any]:
        text = self.github.pages.log(job)
        if text is None:
            raise LookupError(f"this world has no log of a job {job}")
        return {"log": text}

    def _repository(self, owner: str, name: str) -> Repository:
        repository = self.github.repository(owner, name)
        if repository is None:
            raise LookupError(f"there is no repository {owner}/{name} in this world")
        return repository

    def _spend(self, scenario: Scenario) -> None:
        today = datetime.now(UTC).date()
        days = [today - timedelta(days=back) for back in range(FORTNIGHT)]
        costs = scenario.daily_costs
        self.aws.costs.seed(
            CostLine(day=day.isoformat(), service=service, usd=usd) for day in days for service, usd in costs
        )

    def _clone_path(self, owner: str, name: str) -> Path:
        return self.directory / "clones" / owner / name

    @staticmethod
    def _fill(bare: Path, place: WorkingCopy, commit: str, branch: str) -> None:
        """Give a new remote one branch. It fetches: a push would start runs and ask for rights."""
        wanted = f"{commit}:refs/heads/{branch}"
        git(bare, "fetch", "-q", "--no-tags", "--update-shallow", str(place.path), wanted)

    def _ready(
        self, place: WorkingCopy, owner: str, name: str, branch: str, notes: tuple[str, ...] = ()
    ) -> Rehearsal:
        url = f"{self.github.api_url}/{owner}/{name}.git"
        place.point_origin(url)
        return Rehearsal(path=place.path, owner=owner, name=name, branch=branch, remote_url=url, notes=notes)


def _another(original: Original, owner: str) -> str:
    verb = "set-url" if original.address else "add"
    url = f"https://github.com/{owner}/{original.name}-2.git"
    renamed = f"git -C {shlex.quote(str(original.path))} remote {verb} origin {url}"
    return (
        f"is another repository than the {owner}/{original.name} that this world has already: they "
        f"have no commit in common, so a push would be refused. Rehearse it under a name of its own "
        f"(`{renamed}`), or in a world of its own (ACTIVATION_STATE_DIR=DIRECTORY before the command)"
    )


def _told(rehearsal: Rehearsal) -> Mapping[str, Any]:
    return {**asdict(rehearsal), "path": str(rehearsal.path)}


def _free(port: int) -> int:
    """Return the port if nobody holds it now, else 0, which lets the system choose."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port

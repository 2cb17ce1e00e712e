"""An embedded GitHub with the real executor, one repository and the tokens to use it."""

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from deployments.embedded.github import EmbeddedGitHub
from deployments.embedded.github.records.repositories import Repository

ANSWER = Any


@dataclass(kw_only=True)
class Client:
    """Requests with one token."""

    base: str
    token: str | None
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {**more.pop("headers", {})}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        url = path if path.startswith("http") else self.base + path
        return self.session.request(
            method, url, json=body, headers=headers, allow_redirects=False, timeout=30, **more
        )

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request that must succeed and return its JSON, None without a body."""
        answer = self(method, path, body, **more)
        assert answer.status_code < 400, (answer.status_code, answer.text)
        return answer.json() if answer.content else None


@dataclass(kw_only=True)
class Hub:
    """The embedded GitHub under test."""

    github: EmbeddedGitHub
    repository: Repository
    work: Path
    clients: list[Client] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/repos/{self.repository.full_name}"

    def client(self, token: str | None) -> Client:
        made = Client(base=self.github.api_url, token=token)
        self.clients.append(made)
        return made

    def token(self, *scopes: str, login: str = "dev") -> str:
        return self.github.add_token(kind="classic", login=login, scopes=scopes)

    def engineer(self) -> Client:
        return self.client(self.token("repo", "workflow"))

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["git", "-c", "user.name=Dev", "-c", "user.email=dev@example.com", *arguments],
            cwd=self.work,
            capture_output=True,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.work),
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_TERMINAL_PROMPT": "0",
            },
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def commit(self, files: dict[str, str], message: str = "A change") -> str:
        """Commit files in the clone and return the commit."""
        for name, text in files.items():
            place = self.work / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").stdout.strip()

    def push(self, token: str, *refs: str) -> subprocess.CompletedProcess[str]:
        """Push over HTTP; the result says how it went."""
        origin = self.github.api_url.replace("://", f"://x-access-token:{token}@")
        url = f"{origin}/{self.repository.full_name}.git"
        return self.git("push", url, *(refs or ("main",)), check=False)

    def release(self, files: dict[str, str], message: str = "A change") -> str:
        """Commit and push files with every right; return the commit."""
        sha = self.commit(files, message)
        done = self.push(self.token("repo", "workflow"))
        assert done.returncode == 0, done.stderr
        return sha

    def run(self, client: Client, sha: str, **query: str) -> dict[str, Any]:
        """Return the newest run of a commit."""
        listed = client.ok("GET", f"{self.path}/actions/runs", params={"head_sha": sha, **query})
        assert listed["workflow_runs"], "no run"
        newest: dict[str, Any] = listed["workflow_runs"][0]
        return newest

    def wait(self, client: Client, run_id: int, *states: str) -> dict[str, Any]:
        """Return a run once it is in one of these states (completed unless said otherwise)."""
        ended: dict[str, Any] = until(
            lambda: client.ok("GET", f"{self.path}/actions/runs/{run_id}"),
            lambda run: run["status"] in (states or ("completed",)),
        )
        return ended


def until(look: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 30) -> Any:
    """Look until it holds; fail with what was seen last."""
    end = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < end, f"still {str(seen)[:800]}"
        time.sleep(0.03)
    return seen


def opened(state: Path) -> EmbeddedGitHub:
    """Start an embedded GitHub on a state directory."""
    # Jobs end what carries their world's mark: tests that run side by side must not share one.
    github = EmbeddedGitHub(state, world_id=f"test-{uuid.uuid4()}", parallel=2)
    github.start()
    return github


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    github = opened(tmp_path / "state")
    github.add_user("acme", kind="Organization", plan="enterprise")
    github.add_user("dev")
    work = tmp_path / "clone"
    work.mkdir()
    made = Hub(github=github, repository=github.add_repository("acme", "moon", private=True), work=work)
    made.git("init", "--quiet", "-b", "main")
    yield made
    for client in made.clients:
        client.session.close()
    github.stop()

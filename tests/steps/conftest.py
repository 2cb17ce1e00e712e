"""A repository with three small workflows in the embedded GitHub, and a service that they roll out."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deployments.embedded.github import EmbeddedGitHub
from tasks.domain.settings import Environment, Settings, WorldKind
from tasks.domain.source import source
from tasks.domain.step import StepResult
from tasks.domain.workflow import Workflows
from tasks.facts.workflows import read_workflows
from tasks.steps.step import Step, ensure
from tasks.systems.clock import SystemClock
from tasks.systems.git import Git
from tasks.systems.github import GitHub
from tasks.systems.journal import FileJournal
from tasks.systems.shell import Shell

CI = """\
name: CI
on:
  push:
    branches: [main]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Run the tests
        run: |
          echo 'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured'
"""
RELEASE = """\
name: Release
on:
  push:
    tags: ['v*']
permissions:
  contents: write
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - run: |
          mkdir dist
          printf 'binary of %s' "$GITHUB_SHA" > dist/moon-x86_64-unknown-linux-gnu
          (cd dist && sha256sum moon-x86_64-unknown-linux-gnu > SHA256SUMS)
      - uses: softprops/action-gh-release@v2
        with:
          files: dist/*
"""
DEPLOY = """\
name: Deploy
run-name: Deploy ${{ inputs.version }} to ${{ inputs.environment }}
on:
  workflow_dispatch:
    inputs:
      environment:
        type: choice
        options: [staging, production]
        required: true
      version:
        required: true
jobs:
  rollout:
    runs-on: ubuntu-latest
    environment:
      name: ${{ inputs.environment }}
      url: ${{ vars.SERVICE_URL }}/${{ inputs.environment }}
    steps:
      - run: echo "$VERSION" > "$NODES/$TARGET"
        env:
          VERSION: ${{ inputs.version }}
          TARGET: ${{ inputs.environment }}
          NODES: ${{ vars.NODES }}
"""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service on loopback; each environment states the version in its file."""

    url: str
    nodes: Path


@dataclass(frozen=True, kw_only=True)
class Place:
    """Everything a step is bound to, and the world behind it."""

    embedded: EmbeddedGitHub
    github: GitHub
    git: Git
    settings: Settings
    clock: SystemClock
    journal: FileJournal
    service: Service
    token: str

    @property
    def workflows(self) -> Workflows:
        """The workflows of the work tree."""
        files = (self.git.path / ".github/workflows").glob("*.yml")
        return read_workflows(source(f".github/workflows/{file.name}", file.read_bytes()) for file in files)

    def write(self, path: str, text: str) -> None:
        """Commit one file."""
        file = self.git.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", f"Write {path}")

    def run(self, *argv: str) -> None:
        """Run a program in the work tree."""
        self.git._shell.check(*argv, cwd=self.git.path)

    def ensure(self, step: Step) -> StepResult:  # type: ignore[type-arg]
        """Run a step as the flows do, quickly."""
        return ensure(
            replace(step, poll=0.05, poll_limit=0.2, patience=60.0), journal=self.journal, clock=self.clock
        )

    def again(self) -> GitHub:
        """Return a new client, as another run of the program has it."""
        return GitHub(api_url=self.embedded.api_url, token=self.token, owner="acme", name="moon")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    nodes = tmp_path / "nodes"
    nodes.mkdir()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, environment, what = self.path.split("/")
            file = nodes / environment
            version = file.read_text().strip() if file.exists() else None
            status = 503 if version is None or (nodes / f"{environment}.sick").exists() else 200
            body = (
                json.dumps({"version": version}) if what == "version" else "fine" if status == 200 else "sick"
            )
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield Service(url=f"http://127.0.0.1:{server.server_port}", nodes=nodes)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def place(tmp_path: Path, service: Service) -> Iterator[Place]:
    embedded = EmbeddedGitHub(tmp_path / "github", world_id=f"test-{tmp_path.name}")
    embedded.start()
    try:
        embedded.add_user("acme")
        token = embedded.add_token(kind="classic", login="acme", scopes=["repo", "workflow"])
        repository = embedded.add_repository("acme", "moon")
        embedded.set_variable(repository, "SERVICE_URL", service.url)
        embedded.set_variable(repository, "NODES", str(service.nodes))
        yield _place(tmp_path, embedded, token, service)
    finally:
        embedded.stop()


def _place(tmp_path: Path, embedded: EmbeddedGitHub, token: str, service: Service) -> Place:
    work = tmp_path / "moon"
    work.mkdir()
    who = {
        f"GIT_{role}_{what}": "dev@localhost"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    shell = Shell({"PATH": os.environ["PATH"], "HOME": str(tmp_path), **who, "GIT_CONFIG_NOSYSTEM": "1"})
    shell.check("git", "init", "--quiet", "--initial-branch", "main", cwd=work)
    settings = Settings(
        world=WorldKind.EMBEDDED,
        repository_path=work,
        owner="acme",
        name="moon",
        branch="main",
        state_directory=tmp_path / "state",
        tag="v0.1.0",
        release_workflow="release.yml",
        deploy_workflow="deploy.yml",
        assets=("moon-x86_64-unknown-linux-gnu", "SHA256SUMS"),
        environments=(Environment(name="staging"), Environment(name="production", approval=True)),
    )
    clock = SystemClock()
    place = Place(
        embedded=embedded,
        github=GitHub(api_url=embedded.api_url, token=token, owner="acme", name="moon"),
        git=Git(shell, work),
        settings=settings,
        clock=clock,
        journal=FileJournal(tmp_path / "journal.jsonl", clock.now),
        service=service,
        token=token,
    )
    place.write("README.md", "# Moon\n")
    for name, text in (("ci", CI), ("release", RELEASE), ("deploy", DEPLOY)):
        place.write(f".github/workflows/{name}.yml", text)
    return place

"""The preflight with --live, whose GitHub is the embedded one under another address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.embedded.github import EmbeddedGitHub
from tests.checks.testing import CI, CRATE, job

pytestmark = pytest.mark.processes
APPROVAL = (
    '[deployment]\nworkflow = "ci.yml"\n\n[[deployment.environments]]\nname = "production"\napproval = true\n'
)
FILES = {
    CI: job("- uses: acme/gone@v1", on="workflow_dispatch"),
    "Cargo.toml": CRATE,
    "src/main.rs": "fn main() {}\n",
    "activation.toml": APPROVAL,
}


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedGitHub]:
    github = EmbeddedGitHub(tmp_path / "github", world_id="test-live")
    github.start()
    github.add_user("own", plan="pro")
    github.add_repository("own", "moon", private=True)
    yield github
    github.stop()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "moon"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"],
        ["remote", "add", "origin", "https://github.com/own/moon.git"],
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


def asked(check: str, repository: Path, embedded: EmbeddedGitHub, token: str) -> list[dict[str, str]]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(repository.parent),
        "ACTIVATION_STATE_DIR": str(repository.parent / "state"),
        "GITHUB_API_URL": embedded.api_url,
        "GITHUB_TOKEN": token,
    }
    command = [sys.executable, "-m", "flows.preflight", str(repository), "--live", "--only", check, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode in (0, 3), done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)["findings"]
    return [
        {key: one[key] for key in ("subject", "verdict", "weight", "phase")}
        for one in found
        if one["check"] == check
    ]


def test_an_action_that_github_does_not_have_blocks(repository: Path, embedded: EmbeddedGitHub) -> None:
    token = embedded.add_token(kind="classic", login="own", scopes=["repo"])
    assert asked("action-exists", repository, embedded, token) == [
        {"subject": "acme/gone@v1", "verdict": "broken", "weight": "blocker", "phase": "deployment"}
    ]


def test_an_approval_that_the_plan_does_not_allow_blocks_the_deployment_when_the_plan_is_told(
    repository: Path, embedded: EmbeddedGitHub
) -> None:
    wanted = {"subject": "production", "phase": "deployment"}
    for scopes, verdict, weight in (
        (["repo", "user"], "broken", "blocker"),
        (["repo"], "unknown", "warning"),
    ):
        token = embedded.add_token(kind="classic", login="own", scopes=scopes)
        found = asked("reviewers-in-plan", repository, embedded, token)
        assert found == [{**wanted, "verdict": verdict, "weight": weight}]

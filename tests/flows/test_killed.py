"""A real run is killed in the middle of its release and run again: one tag, one release, each asset once."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.flows.test_end_to_end import ROOT, run, with_path

pytestmark = [pytest.mark.processes, pytest.mark.end_to_end, pytest.mark.timeout(600)]

FILES = {
    "Cargo.toml": '[package]\nname = "moon"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": 'version = 3\n\n[[package]]\nname = "moon"\nversion = "0.1.0"\n',
    "src/main.rs": 'fn main() {\n    println!("waning");\n}\n',
    ".gitignore": "/target\n",
    "activation.toml": '[release]\nworkflow = "release.yml"\nassets = ["moon.txt"]\n',
    ".github/workflows/ci.yml": """\
name: CI
on:
  push:
    branches: [main]
permissions: {}
jobs:
  look:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - run: echo waning
""",
    ".github/workflows/release.yml": """\
name: Release
on:
  push:
    tags: ["v*"]
permissions: {}
jobs:
  publish:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: write
    steps:
      - run: |
          sleep 2
          mkdir dist
          echo "$GITHUB_SHA" > dist/moon.txt
      - uses: softprops/action-gh-release@b4309332981a82ec1c5618f44dd2e27cc8bfbfda # v3.0.0
        with:
          files: dist/*
""",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "moon"
    for name, text in FILES.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for command in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("add", "--all"),
        ("-c", "user.name=Dev", "-c", "user.email=dev@localhost", "commit", "--quiet", "-m", "The moon"),
        ("remote", "add", "origin", "https://github.com/acme/moon.git"),
    ):
        subprocess.run(("git", *command), cwd=place, check=True, env={**os.environ, **own})
    return place


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "state"
    yield directory
    ended = run(directory, "flows.deactivate")
    assert ended.returncode == 0, ended.stderr
    assert with_path(directory) == []


def killed_at(words: str, state: Path, *arguments: str) -> None:
    """Start a command, kill it with SIGKILL at the line that has these words, and see its children end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "ACTIVATION_STATE_DIR": str(state)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    seen = []
    with process.stderr:
        for line in process.stderr:
            seen.append(line)
            if words in line:
                break
        else:
            pytest.fail(f"{words} was never said: {''.join(seen)[-3000:]}")
        children = [child for child in psutil.Process(process.pid).children() if not stays(child)]
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def stays(process: psutil.Process) -> bool:
    """Tell whether a process is the world or the Prefect server, which are kept for the next command."""
    return any(name in process.cmdline() for name in ("deployments.embedded", "deployments.prefect_server"))


def asked(state: Path, path: str) -> Any:
    world = json.loads((state / "worlds/main/world.json").read_text())
    request = urllib.request.Request(f"{world['github_api_url']}/repos/acme/moon/{path}")
    request.add_unredirected_header("Authorization", f"Bearer {world['github_token']}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_a_run_killed_while_it_releases_is_finished_by_the_next(repository: Path, state: Path) -> None:
    command = ("flows.activate", str(repository), "--until", "release")
    killed_at("release: Release: 0/1 jobs", state, *command)
    started = time.monotonic()
    ran = run(state, *command, "--json")
    assert ran.returncode == 0, (time.monotonic() - started, ran.stdout[-4000:], ran.stderr[-2000:])
    assert [tag["name"] for tag in asked(state, "tags")] == ["v0.1.0"]
    (release,) = asked(state, "releases")
    assert (release["tag_name"], release["draft"]) == ("v0.1.0", False)
    (asset,) = release["assets"]
    sha = subprocess.run(
        ("git", "rev-parse", "HEAD"), cwd=repository, check=True, capture_output=True, text=True
    ).stdout
    assert asset["digest"] == f"sha256:{hashlib.sha256(sha.encode()).hexdigest()}"
    runs = asked(state, "actions/runs")["workflow_runs"]
    assert sorted((one["name"], one["run_attempt"]) for one in runs) == [("CI", 1), ("Release", 1)]
    assert run(state, "flows.journal", "verify").returncode == 0

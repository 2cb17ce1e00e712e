"""The commands as a person runs them, on the bundled sample, from nothing to live and to nothing again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
PHASES = ["preflight", "provisioning", "first-run", "release", "deployment"]

pytestmark = [pytest.mark.processes, pytest.mark.end_to_end, pytest.mark.timeout(900)]


def run(state: Path, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "ACTIVATION_STATE_DIR": str(state)},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def with_path(directory: Path) -> list[str]:
    """List the processes whose command line speaks of a directory."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(directory) in line:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("state")
    yield directory
    ended = run(directory, "flows.deactivate")
    assert ended.returncode == 0, ended.stderr
    assert with_path(directory) == []


@pytest.fixture(scope="module")
def live(state: Path) -> dict[str, Any]:
    ran = run(state, "flows.activate", "--json")
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    report: dict[str, Any] = json.loads(ran.stdout)  # fails when anything else is on stdout
    return report


def test_from_written_to_live_in_five_phases(live: dict[str, Any]) -> None:
    assert [(phase["phase"], phase["state"]) for phase in live["phases"]] == [
        (name, "done") for name in PHASES
    ]
    assert (live["schema"], live["command"], live["world"], live["exit"]) == (1, "activate", "embedded", 0)
    assert live["release"]["tag"] == "v0.1.0"
    assert all(len(asset["sha256"]) == 64 for asset in live["release"]["assets"])


def test_both_environments_answer_with_the_released_version(live: dict[str, Any]) -> None:
    assert [one["environment"] for one in live["deployments"]] == ["staging", "production"]
    for deployment in live["deployments"]:
        with urllib.request.urlopen(f"{deployment['url']}/version", timeout=10) as answer:
            assert json.load(answer)["version"] == "0.1.0" == deployment["version"]


@pytest.mark.usefixtures("live")
def test_a_second_run_changes_nothing(state: Path) -> None:
    ran = run(state, "flows.activate", "--json", "--quiet")
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert [step["step"] for phase in report["phases"] for step in phase["steps"] if step["changed"]] == []
    assert ran.stderr == ""


@pytest.mark.usefixtures("live")
def test_nothing_is_left_to_plan(state: Path) -> None:
    ran = run(state, "flows.activate", "--plan")
    assert ran.returncode == 0, ran.stderr
    assert "release.workflow" in ran.stdout
    assert "(file activation.toml:" in ran.stdout
    assert "nothing left to change" in ran.stdout


@pytest.mark.usefixtures("live")
def test_the_journal_is_whole_and_a_changed_byte_is_named(state: Path, tmp_path: Path) -> None:
    assert run(state, "flows.journal", "verify").returncode == 0
    (journal,) = state.glob("repositories/main/*/*/journal.jsonl")
    lines = journal.read_text().splitlines(keepends=True)
    lines[4] = lines[4].replace("a", "b", 1)
    changed = tmp_path / "journal.jsonl"
    changed.write_text("".join(lines))
    ran = run(state, "flows.journal", "verify", str(changed))
    assert ran.returncode == 3
    assert f"{changed}:5:" in ran.stdout

"""Nothing is left and nothing is hidden, also after a world or a Prefect server was killed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deployments.embedded import client
from deployments.embedded.connection import Connection
from deployments.embedded.processes import NODE_MARKER, WORLD_MARKER
from flows import deactivate
from flows.prefect_client import ROOT, directory
from tasks.systems import prefect_server

pytestmark = pytest.mark.processes


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ACTIVATION_STATE_DIR", str(tmp_path))
    yield tmp_path
    client.stop(tmp_path)
    prefect_server.stop(directory(tmp_path))


@pytest.fixture
def killed(state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a service that a world, which was killed, left behind."""
    world = client.connect(state)
    markers = {WORLD_MARKER: world.world_id, NODE_MARKER: "staging"}
    service = subprocess.Popen(["sleep", "600"], env={**os.environ, **markers}, start_new_session=True)
    kill(world)
    yield service
    service.kill()
    service.wait()


def kill(world: Connection) -> None:
    psutil.Process(world.pid).kill()
    assert world.process.wait(10)


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Deactivate and return what it says was, or would be, ended."""
    assert deactivate.main(["--json", *arguments]) == 0
    said = json.loads(capsys.readouterr().out)
    assert "--plan" in arguments or said["running"] == []
    return [one["what"] for one in said.get("ended", said.get("would_end"))]


def test_what_a_killed_world_left_is_named_and_ended_and_then_nothing_is_left(
    state: Path, killed: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    left = ["1 process of the embedded world main, which was killed"]
    assert ended(capsys, "--plan") == left
    assert killed.poll() is None
    assert ended(capsys) == left
    assert killed.poll() is not None
    assert ended(capsys) == []


def test_a_prefect_server_that_was_killed_leaves_nothing_to_end(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = directory(state)
    server = prefect_server.Starting(place, ROOT).ready(300)
    assert ended(capsys, "--plan") == ["the Prefect server"]
    assert server.pid is not None
    os.kill(server.pid, 9)
    os.waitpid(server.pid, 0)
    assert ended(capsys) == []
    assert not (place / prefect_server.DESCRIPTOR).exists()

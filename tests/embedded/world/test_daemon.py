"""The background process: one a state directory, found again, ended whole, cleaned up after a crash."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deployments.embedded import __main__ as commands
from deployments.embedded import client, connection
from deployments.embedded.processes import WORLD_MARKER

pytestmark = pytest.mark.processes


@pytest.fixture
def worlds(state: Path) -> Iterator[Path]:
    yield state
    client.stop(state)


def test_two_commands_at_once_get_one_world_and_stop_ends_it(
    worlds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: client.connect(worlds), range(2))
    assert first == second
    assert client.connect(worlds, start=False) == first
    rehearsal = client.rehearse_sample(first)
    assert rehearsal == client.rehearse_sample(first)
    assert (rehearsal.path / "activation.toml").is_file()

    assert commands.main(["status", "--json", "--state", str(worlds)]) == 0
    shown = capsys.readouterr().out
    assert [world["pid"] for world in json.loads(shown)["worlds"]] == [first.pid]
    assert first.github_token not in shown
    assert first.control_token not in shown

    assert commands.main(["stop", "--state", str(worlds)]) == 0
    assert capsys.readouterr().out == "ended: main\n"
    assert not first.process.alive
    assert client.running(worlds) == []
    assert client.stop(worlds) == []
    with pytest.raises(client.NotRunning):
        client.connect(worlds, start=False)


def test_after_a_kill_the_next_start_ends_what_was_left_and_is_the_same_world(worlds: Path) -> None:
    first = client.connect(worlds)
    rehearsal = client.rehearse_sample(first)
    left = subprocess.Popen(
        ["sleep", "60"],
        env={"PATH": os.environ["PATH"], WORLD_MARKER: first.world_id},
        start_new_session=True,
    )
    os.kill(first.pid, signal.SIGKILL)
    assert first.process.wait(5)
    second = client.connect(worlds)
    assert left.wait(5) is not None
    assert second.pid != first.pid
    assert second.world_id == first.world_id
    assert second.github_token == first.github_token
    assert client.rehearse_sample(second).path == rehearsal.path


def test_a_world_that_nobody_asks_ends_by_itself(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deployments.embedded", "serve", str(tmp_path), "--idle-limit", "0.2"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=client.ROOT, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "nobody has asked for anything" in done.stderr
    assert not (tmp_path / connection.FILE).exists()


def test_a_scenario_has_a_world_of_its_own_and_its_remedy_changes_the_same_token(worlds: Path) -> None:
    name = "token-without-workflow-scope"
    found = client.connect(worlds, scenario=name)
    assert found.scenario == name
    assert "workflow" not in client.status(found)["scopes"]
    assert client.ask(found, "remedy")["did"] == f"{name}: gives the token the scope `workflow`"
    assert "workflow" in client.status(found)["scopes"]
    assert client.connect(worlds, scenario=name) == found
    assert not client.world_directory(worlds).exists()


def test_a_world_that_cannot_start_says_why(state: Path) -> None:
    directory = client.world_directory(state)
    directory.mkdir(parents=True)
    (directory / "memory.json").write_text("{")
    began = time.monotonic()
    with pytest.raises(client.WorldError, match="JSONDecodeError"):
        client.connect(state)
    assert time.monotonic() - began < client.START_LIMIT_SECONDS
    (directory / "memory.json").unlink()

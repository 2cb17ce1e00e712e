"""Processes are found by their marker and told apart from later ones with the same number."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.embedded.processes import NODE_MARKER, WORLD_MARKER, Identity, end, of_world

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def starting(**markers: str) -> subprocess.Popen[bytes]:
        environment = {"PATH": os.environ["PATH"], **markers}
        started.append(subprocess.Popen(["sleep", "60"], env=environment, start_new_session=True))
        return started[-1]

    yield starting
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.processes
def test_a_world_finds_its_own_processes_and_nobody_elses(start: Start, tmp_path: Path) -> None:
    mine = start(**{WORLD_MARKER: str(tmp_path)})
    start(**{WORLD_MARKER: f"{tmp_path}-other"})
    start()
    assert [process.pid for process in of_world(str(tmp_path), nodes=True)] == [mine.pid]


@pytest.mark.processes
def test_services_on_nodes_are_left_out_when_they_are_to_be_adopted(start: Start, tmp_path: Path) -> None:
    start(**{WORLD_MARKER: str(tmp_path), NODE_MARKER: "staging"})
    assert of_world(str(tmp_path), nodes=False) == []
    assert len(of_world(str(tmp_path), nodes=True)) == 1


@pytest.mark.processes
def test_ended_processes_are_gone(start: Start, tmp_path: Path) -> None:
    start(**{WORLD_MARKER: str(tmp_path)})
    assert end(of_world(str(tmp_path), nodes=True)) == 1
    assert of_world(str(tmp_path), nodes=True) == []


def test_a_number_that_was_given_to_another_process_is_not_the_same_process() -> None:
    own = Identity.of(os.getpid())
    assert own.alive
    assert not replace(own, created=own.created - 60).alive


@pytest.mark.processes
def test_a_process_that_ended_is_not_alive_even_as_a_zombie(start: Start) -> None:
    process = start()
    identity = Identity.of(process.pid)
    process.kill()
    assert identity.wait(5)

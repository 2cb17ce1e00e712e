"""The guard refuses, remembers, and does not trouble what stays at home."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard import Guard, Refused, is_loopback, left_behind, refusal

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("host", [None, "localhost", "127.0.0.1", "127.8.8.8", "::1", b"127.0.0.1"])
def test_loopback_is_this_machine_alone(host: object) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "169.254.169.254", "api.github.com", "localhost.evil.example"]
)
def test_everything_else_is_not(host: object) -> None:
    assert not is_loopback(host)


def test_a_connection_beyond_loopback_is_refused() -> None:
    assert refusal("socket.connect", (None, ("192.0.2.1", 443)), processes=True)


def test_a_connection_to_loopback_or_a_unix_socket_is_not() -> None:
    assert refusal("socket.connect", (None, ("127.0.0.1", 443)), processes=False) is None
    assert refusal("socket.connect", (None, "/run/some.socket"), processes=False) is None


def test_a_process_needs_the_mark() -> None:
    assert refusal("subprocess.Popen", ("git", ["git"]), processes=False)
    assert refusal("subprocess.Popen", ("git", ["git"]), processes=True) is None


def test_what_was_refused_is_remembered_when_it_is_swallowed() -> None:
    guard = Guard()
    guard.enter("a test", processes=False)
    with pytest.raises(Refused):
        guard.hear("os.system", ("true",))
    assert len(guard.violations) == 1


def test_nothing_is_refused_outside_a_test() -> None:
    guard = Guard()
    guard.hear("os.system", ("true",))
    assert guard.violations == []


def test_loopback_itself_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]):
        pass


NAUGHTY = """
import contextlib, socket, subprocess, pytest

def test_swallows_a_connection():
    with contextlib.suppress(Exception):
        socket.create_connection(("192.0.2.1", 9), timeout=1)

def test_swallows_a_process():
    with contextlib.suppress(Exception):
        subprocess.run(["true"])

@pytest.mark.processes
def test_owns_up_to_its_process():
    subprocess.run(["true"], check=True)

@pytest.mark.processes
def test_leaves_a_process(tmp_path):
    subprocess.Popen(["sleep", "300"], cwd=tmp_path, start_new_session=True).returncode = 0
"""


@pytest.mark.processes
def test_the_guard_fails_tests_that_leave_loopback_start_processes_or_leave_them(tmp_path: Path) -> None:
    naughty = tmp_path / "naughty"
    naughty.mkdir()
    (naughty / "conftest.py").write_text("from tests.conftest import *\n")
    (naughty / "test_naughty.py").write_text(NAUGHTY)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    processes: starts processes\n")
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"],
            f"--basetemp={tmp_path}/base",
        ],
        cwd=naughty,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "2 errors" in ran.stdout
    assert "asked for the address of '192.0.2.1'" in ran.stdout
    assert "without the mark `processes`" in ran.stdout
    assert "processes left behind by the tests" in ran.stdout
    assert "sleep 300" in ran.stdout
    assert left_behind(tmp_path / "base") == []

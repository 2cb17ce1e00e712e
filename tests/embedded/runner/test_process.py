"""A step's process ends when it should, and with whoever started it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from deployments.embedded.runner.process import run

pytestmark = pytest.mark.processes

ENVIRONMENT = {"PATH": os.environ["PATH"]}
PARENT = """
import sys, threading
from pathlib import Path
from deployments.embedded.runner.process import run
run(["sleep", "303"], directory=Path("."), environment={"PATH": sys.argv[1]}, line=print,
    cancel=threading.Event(), seconds=300)
"""


def test_output_comes_line_by_line_with_the_exit_code(tmp_path: Path) -> None:
    lines: list[str] = []
    argv = ["sh", "-c", "echo one; printf two; exit 4"]
    never = threading.Event()
    ended = run(
        argv, directory=tmp_path, environment=ENVIRONMENT, line=lines.append, cancel=never, seconds=20
    )
    assert (lines, ended.code, ended.end) == (["one", "two"], 4, "exited")


def test_a_process_that_ignores_being_asked_is_killed(tmp_path: Path) -> None:
    lines: list[str] = []
    cancel = threading.Event()

    def line(text: str) -> None:
        lines.append(text)
        cancel.set()

    argv = ["sh", "-c", "trap '' INT TERM; echo ready; while true; do sleep 0.1; done"]
    ended = run(argv, directory=tmp_path, environment=ENVIRONMENT, line=line, cancel=cancel, seconds=60)
    assert ended.end == "cancelled"
    assert ended.code == -signal.SIGKILL


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_a_step_dies_with_a_world_that_was_killed(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    argv = [sys.executable, "-c", PARENT, os.environ["PATH"]]
    parent = subprocess.Popen(argv, cwd=tmp_path, env={**ENVIRONMENT, "PYTHONPATH": str(root)})
    try:
        deadline = time.monotonic() + 20
        children: list[psutil.Process] = []
        while not children and time.monotonic() < deadline:
            children = [child for child in psutil.Process(parent.pid).children() if child.name() == "sleep"]
        assert children, "the step never started"
    finally:
        parent.kill()
        parent.wait()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert (len(gone), alive) == (1, [])

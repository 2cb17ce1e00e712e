from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from tasks.systems.shell import ProgramFailed, ProgramMissing, Shell
from tests.guard import left_behind

pytestmark = pytest.mark.processes

ENVIRONMENT = {"PATH": os.environ["PATH"]}
ROOT = Path(__file__).parents[2]


def gone(pid: int, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def written(path: Path, within: float = 10.0) -> str:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text().strip()
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def test_a_program_says_both_streams_and_its_exit_code(tmp_path: Path) -> None:
    ended = Shell(ENVIRONMENT).run("sh", "-c", "echo out; echo err >&2; exit 3", cwd=tmp_path)
    assert (ended.exit, ended.out, ended.err, ended.ok) == (3, "out\n", "err\n", False)


def test_a_program_sees_only_the_environment_it_is_given(tmp_path: Path) -> None:
    ended = Shell(ENVIRONMENT).run("env", cwd=tmp_path, env={"GIVEN": "1"})
    names = {line.partition("=")[0] for line in ended.out.splitlines()}
    assert {"PATH", "GIVEN"} <= names
    assert "HOME" not in names


def test_what_it_is_fed_comes_back_whole_through_a_full_pipe(tmp_path: Path) -> None:
    fed = b"x" * 1_000_000
    assert Shell(ENVIRONMENT).run("cat", cwd=tmp_path, stdin=fed).stdout == fed


def test_lines_are_told_as_they_come(tmp_path: Path) -> None:
    lines: list[str] = []
    Shell(ENVIRONMENT).run("printf", "a\nb\r\nc", cwd=tmp_path, on_line=lines.append)
    assert lines == ["a", "b", "c"]


def test_output_beyond_the_limit_is_counted_and_dropped(tmp_path: Path) -> None:
    ended = Shell(ENVIRONMENT).run("head", "-c", "5000", "/dev/zero", cwd=tmp_path, limit=1000)
    assert (len(ended.stdout), ended.dropped) == (1000, 4000)


def test_a_timeout_kills_the_grandchildren_too(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {pid}; wait"
    ended = Shell(ENVIRONMENT).run("sh", "-c", script, cwd=tmp_path, timeout=0.5)
    assert ended.timed_out
    assert not ended.ok
    assert gone(int(written(pid)))


def test_a_program_that_ended_takes_what_it_left_behind_with_it(tmp_path: Path) -> None:
    ended = Shell(ENVIRONMENT).run("sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!", cwd=tmp_path)
    assert ended.ok
    assert gone(int(ended.out))


def test_a_missing_program_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="no-such-program"):
        Shell(ENVIRONMENT).run("no-such-program", cwd=tmp_path)


def test_a_failure_quotes_the_last_words(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"exit 7.*last words"):
        Shell(ENVIRONMENT).check("sh", "-c", "echo last words >&2; exit 7", cwd=tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_a_parent_that_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    pid = tmp_path / "pid"
    program = (
        "import os, pathlib, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background ignores it
        "from tasks.systems.shell import Shell\n"
        "Shell({'PATH': os.environ['PATH']}).run("
        f"'sh', '-c', 'sleep 60 & echo $! > {pid}; wait', cwd=pathlib.Path('/'))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.DEVNULL)
    grandchild = int(written(pid))
    parent.send_signal(number)
    parent.wait(10)
    assert gone(grandchild)


@pytest.mark.parametrize("started", [1, 2])
def test_no_program_goes_on_when_its_parent_is_killed_right_after_a_start(
    tmp_path: Path, started: int
) -> None:
    program = (
        "import os, pathlib, signal, subprocess\n"
        "from tasks.systems.shell import Shell\n"
        "class Ending(subprocess.Popen):\n"
        f"    left = {started}\n"
        "    def __init__(self, *given, **named):\n"
        "        super().__init__(*given, **named)\n"
        "        Ending.left -= 1\n"
        "        if not Ending.left:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "subprocess.Popen = Ending\n"
        "Shell({'PATH': os.environ['PATH']}).run("
        f"'sh', '-c', 'sleep 60; echo {tmp_path}', cwd=pathlib.Path('/'))\n"
    )
    parent = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert parent.returncode == -signal.SIGKILL
    assert left_behind(tmp_path) == []


def test_an_environment_reaches_the_program_with_nothing_but_its_own_directory_added(tmp_path: Path) -> None:
    given = {"PATH": os.environ["PATH"], "TEXT": "a b\n'c' $d", "PWD": "/elsewhere"}
    ended = Shell(given).run(
        sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))", cwd=tmp_path
    )
    seen = json.loads(ended.out)
    assert {name: text for name, text in seen.items() if name != "LC_CTYPE"} == given | {"PWD": str(tmp_path)}


def test_end_all_ends_what_another_thread_waits_for(tmp_path: Path) -> None:
    shell = Shell(ENVIRONMENT)
    exits: list[int] = []
    pid = tmp_path / "pid"
    script = f"echo $$ > {pid}; sleep 60"
    thread = threading.Thread(target=lambda: exits.append(shell.run("sh", "-c", script, cwd=tmp_path).exit))
    thread.start()
    written(pid)
    shell.end_all()
    thread.join(5)
    assert exits == [-signal.SIGKILL]


def test_a_missing_program_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(ProgramMissing("cargo")))
    assert (again.program, str(again)) == ("cargo", "`cargo` is not installed or not on PATH")

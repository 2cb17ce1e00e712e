"""One process of a step.

Its own group, its output line by line, its end when it is cancelled or out of time.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import psutil

End = Literal["exited", "cancelled", "timed out"]

# GitHub's runner asks with SIGINT, then SIGTERM, and then kills; it waits 7.5 s and 2.5 s, which is long
# for a rehearsal.
GRACE_SECONDS = (2.0, 1.0)
# A process left in the background keeps the pipe open; the step does not wait for it longer than this.
DRAIN_SECONDS = 2.0
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a process ended; `code` is negative when a signal ended it."""

    code: int
    end: End


def dies_with_parent() -> Callable[[], None] | None:
    """Make the hook by which a child asks the kernel to be killed with the thread that started it (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    return ask


def run(
    argv: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    line: Callable[[str], None],
    cancel: threading.Event,
    seconds: float,
) -> Outcome:
    """Run a command to its end and hand on each line of its output.

    Raises OSError when it cannot be started. The whole group is ended when `cancel` is set or the time is
    over; a process that the command leaves behind after its own end lives on until `end_marked`, as on
    GitHub's runners.
    """
    child = subprocess.Popen(
        list(argv),
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=dies_with_parent(),  # noqa: PLW1509 - one system call, nothing that takes a lock
    )
    assert child.stdout is not None
    pump = threading.Thread(target=_pump, args=(child.stdout, line), daemon=True)
    pump.start()
    end = _wait(child, cancel, time.monotonic() + seconds)
    pump.join(DRAIN_SECONDS)
    return Outcome(code=child.returncode, end=end)


def _pump(stream: IO[bytes], line: Callable[[str], None]) -> None:
    with stream:
        for raw in stream:
            line(raw.decode("utf-8", "replace").rstrip("\r\n"))


def _wait(child: "subprocess.Popen[bytes]", cancel: threading.Event, deadline: float) -> End:
    pause = _POLL_SECONDS / 10
    while child.poll() is None:
        if cancel.is_set():
            _end_group(child)
            return "cancelled"
        if time.monotonic() > deadline:
            _end_group(child)
            return "timed out"
        cancel.wait(pause)
        pause = min(pause * 1.5, _POLL_SECONDS)
    return "exited"


def _end_group(child: "subprocess.Popen[bytes]") -> None:
    for number, grace in zip((signal.SIGINT, signal.SIGTERM), GRACE_SECONDS, strict=True):
        _signal_group(child.pid, number)
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            continue
        break
    # Whatever of the group outlived its leader goes too.
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def end_marked(variable: str, value: str) -> list[str]:
    """Kill every process of ours whose environment carries a mark; give their names for the log."""
    found: list[psutil.Process] = []
    names: list[str] = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(variable) == value:
                names.append(f"{process.name()} ({process.pid})")
                process.kill()
                found.append(process)
        except psutil.Error:
            continue
    psutil.wait_procs(found, timeout=5)
    return names

"""Looks at the processes of this machine and at their logs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import psutil

from tasks.domain.settings import Supervised
from tasks.domain.supervision import Supervision, Watched


def supervision(asked: Iterable[Supervised], root: Path, *, now: float) -> Supervision:
    """Look once at every process and log that is asked for; ``now`` is in seconds since the epoch."""
    lines, hidden = _command_lines()
    return Supervision(watched=tuple(_watched(one, lines, root, now, hidden=hidden) for one in asked))


def _watched(asked: Supervised, lines: dict[int, str], root: Path, now: float, *, hidden: bool) -> Watched:
    pids = tuple(pid for pid, line in lines.items() if asked.command is not None and asked.command in line)
    seconds = None
    if asked.log is not None:
        with contextlib.suppress(FileNotFoundError):  # told by log_exists
            seconds = max(0.0, now - (root / asked.log).stat().st_mtime)
    return Watched(asked=asked, pids=pids, log_exists=seconds is not None, log_seconds=seconds, hidden=hidden)


def _command_lines() -> tuple[dict[int, str], bool]:
    """Return the command line of every process but this one and those that started it."""
    own = {os.getpid(), *(one.pid for one in psutil.Process().parents())}
    lines: dict[int, str] = {}
    hidden = False
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"]
        if process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        if line is None:
            hidden = True
        elif line and process.pid not in own:
            lines[process.pid] = " ".join(line)
    return lines, hidden

"""Which processes belong to a world, and how they are ended.

Everything a world starts (jobs of workflow files, scripts and services on managed nodes) carries the world's
id in its environment, however it was detached: that is how leftovers are found after a crash.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

WORLD_MARKER = "ACTIVATION_WORLD"
NODE_MARKER = "ACTIVATION_NODE"
CLOCK_TOLERANCE_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A process told apart from any later one that is given the same number."""

    pid: int
    created: float  # seconds since the Unix epoch

    @classmethod
    def of(cls, pid: int) -> Identity:
        """Return the identity of a living process; psutil.NoSuchProcess when there is none."""
        return cls(pid=pid, created=psutil.Process(pid).create_time())

    @property
    def alive(self) -> bool:
        """Tell whether this very process still runs; a zombie does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < CLOCK_TOLERANCE_SECONDS
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def wait(self, seconds: float) -> bool:
        """Wait until this process has ended; False when it has not within so many seconds."""
        if not self.alive:
            return True
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            psutil.Process(self.pid).wait(seconds)
        return not self.alive

    def end(self) -> None:
        """End this process, by force if it does not listen."""
        if self.alive:
            end([psutil.Process(self.pid)])


def of_world(world_id: str, *, nodes: bool) -> list[psutil.Process]:
    """Return the living processes of a world, but this one; ``nodes`` says whether those on nodes count."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            environment = process.environ()
            if environment.get(WORLD_MARKER) == world_id and (nodes or NODE_MARKER not in environment):
                found.append(process)
    return found


def end(processes: Iterable[psutil.Process], *, grace: float = 3.0) -> int:
    """Ask processes to end, kill what does not within ``grace`` seconds, and return how many there were."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(asked, timeout=grace)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=grace)
    return len(asked)

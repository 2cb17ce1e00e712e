"""The background process that is a world: it starts, says that it is ready, waits, and ends cleanly."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
from pathlib import Path
from types import FrameType

from deployments.embedded import connection
from deployments.embedded.memory import world_id_in
from deployments.embedded.processes import end, of_world
from deployments.embedded.world import World

IDLE_LIMIT_SECONDS = 3600.0
LOOK_SECONDS = 15.0
READY = b"ready\n"
LOCK = "world.lock"

_log = logging.getLogger(__name__)


def serve(
    directory: Path, *, scenario: str | None, ready: int | None, idle_limit: float = IDLE_LIMIT_SECONDS
) -> int:
    """Be the world of a directory until asked to end or idle for too long; 1 when another process is it.

    ``ready`` is a file descriptor that is told once the descriptor of the world can be read.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _log.error("another process is the world of %s", directory)
            return 1
        _clean(directory)
        world = World(directory, scenario=scenario)

        def ask(_number: int, _frame: FrameType | None) -> None:
            world.stop_asked.set()

        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
        try:
            world.start().write()
            _log.info("world %s is ready in process %s", world.world_id, os.getpid())
            if ready is not None:
                os.write(ready, READY)
                os.close(ready)
            while not world.stop_asked.wait(min(LOOK_SECONDS, idle_limit)):
                if world.idle_seconds >= idle_limit:
                    _log.info("nobody has asked for anything for %.0f s", idle_limit)
                    break
        finally:
            _end(world)
        return 0


def _clean(directory: Path) -> None:
    """End what a world that was killed left behind; services on nodes stay and are adopted."""
    known = world_id_in(directory)
    if known is not None and (count := end(of_world(known, nodes=False))):
        _log.info("ended %s processes that the world had left behind", count)
    (directory / connection.FILE).unlink(missing_ok=True)


def _end(world: World) -> None:
    """Stop the parts, and make sure that none of their processes is left, whatever a part says."""
    (world.directory / connection.FILE).unlink(missing_ok=True)
    try:
        world.stop()
    finally:
        if count := end(of_world(world.world_id, nodes=True)):
            _log.info("ended %s processes that had not ended with the world", count)
    _log.info("world %s has ended", world.world_id)

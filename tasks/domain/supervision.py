"""What was seen of the processes that have to run on this machine, and of their logs."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.settings import Supervised


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One of them: the ids of its processes, and how long ago its log was written to.

    ``log_seconds`` is None when no log is configured or there is none; ``hidden`` says that some process of
    another user would not show its command line, so that one that was not found may still run.
    """

    asked: Supervised
    pids: tuple[int, ...] = ()
    log_exists: bool = False
    log_seconds: float | None = None
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """Everything that the settings ask to be watched."""

    watched: tuple[Watched, ...]

"""A directory for what a run writes to look at it: a checkout, what was built of it, files for a linter.

The next run finds it as it was left, so that a second look is quick. Two runs at once never share one: each
holds its own with a lock that the kernel frees the moment its process is gone, also after SIGKILL.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shutil
import threading
from pathlib import Path

FIRST = 1
"""The workshop that stays when it is left; others come into being only while it is in use."""


class Workshop:
    """The first directory below ``base`` that no other run holds; taken when it is first asked for."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._held: tuple[Path, int] | None = None
        self._taking = threading.Lock()

    @property
    def directory(self) -> Path:
        """The directory; nobody else is given it before it is left."""
        with self._taking:  # two that ask at the same moment are given the same
            if self._held is None:
                self._held = next(
                    held for number in itertools.count(FIRST) if (held := _taken(self._base / str(number)))
                )
            return self._held[0]

    def leave(self) -> None:
        """Give it back; what is taken next may be another."""
        if self._held is None:
            return
        directory, lock = self._held
        self._held = None
        if directory.name != str(FIRST):
            shutil.rmtree(directory, ignore_errors=True)
        os.close(lock)


def _taken(directory: Path) -> tuple[Path, int] | None:
    """Take a directory, made if need be; None when somebody else holds it."""
    while True:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # its holder left, and took it along
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(lock), directory.stat()):
                    return directory, lock
            except BlockingIOError:
                os.close(lock)
                return None
            except FileNotFoundError:
                pass
            os.close(lock)

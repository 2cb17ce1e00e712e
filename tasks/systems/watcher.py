"""The process that ends the programs of this one when this one is gone without a word.

It is one `/bin/sh` that reads a pipe only this process holds: `+ GROUP` for a process group that is to be
ended, `- GROUP` for one that is over. After SIGKILL of this process it reads end of file, and ends the rest.
A line in the pipe counts: it is read before the end of file.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import weakref

_WATCH = """\
groups=' '
while read -r sign group; do
  case $sign$groups in
    +*) groups="$groups$group " ;;
    -*" $group "*) groups="${groups%%" $group "*} ${groups#*" $group "}" ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group"; done 2>/dev/null
case $groups in *[0-9]*) sleep 1 ;; esac
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
"""


class Watcher:
    """Watches process groups from the first one on; when nobody holds it any more its process ends."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._lock = threading.RLock()  # a signal may be handled while it is held
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[[subprocess.Popen[bytes]], Watcher] | None = None

    @property
    def groups(self) -> tuple[int, ...]:
        """The process groups that are watched now."""
        with self._lock:
            return tuple(self._groups)

    def watch(self, group: int) -> None:
        """End this group too, from now on until it is let go."""
        with self._lock:
            self._groups.add(group)
            self._tell(f"+ {group}\n")

    def let_go(self, group: int) -> None:
        """Forget a group that is over."""
        with self._lock:
            self._groups.discard(group)
            self._tell(f"- {group}\n")

    def _tell(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._process.stdin.fileno(), line.encode())
                return
        # None was started so far, or somebody has ended it: the next one learns of every group.
        if self._end is not None:
            self._end()
        self._process = _started()
        self._end = weakref.finalize(self, _ended, self._process)
        assert self._process.stdin is not None
        for group in self._groups:
            os.write(self._process.stdin.fileno(), f"+ {group}\n".encode())


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "watcher"],
        cwd="/",
        env={"PATH": os.defpath},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        bufsize=0,
    )


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Let a watcher read the end of file, and wait for it; what it watched is over, or is ended by it."""
    if process.stdin is not None:
        process.stdin.close()
    process.wait()

"""A job's log: timestamped lines, secrets masked, bounded in size."""

import threading
from pathlib import Path

from deployments.embedded.runner.masks import Masks
from deployments.embedded.runner.moments import log_stamp

MOST_BYTES = 64 * 1024 * 1024
LONGEST_LINE = 64 * 1024


class JobLog:
    """The log file of one job; every line goes through the masks. Several threads may write."""

    def __init__(self, path: Path, masks: Masks, *, most_bytes: int = MOST_BYTES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.masks = masks
        self._left = most_bytes
        self._lock = threading.Lock()
        self._file = path.open("w", encoding="utf-8", errors="replace", newline="\n")

    def write(self, text: str) -> None:
        """Add a text, line by line; once the log is full, one last line says so."""
        for line in self.masks.hide(text).split("\n"):
            self._line(line.rstrip("\r")[:LONGEST_LINE])

    def _line(self, line: str) -> None:
        with self._lock:
            if self._file.closed or self._left < 0:
                return
            stamped = f"{log_stamp()} {line}\n"
            self._left -= len(stamped)
            if self._left < 0:
                stamped = (
                    f"{log_stamp()} ##[warning]The log is full; the rest of this job's output is not kept.\n"
                )
            self._file.write(stamped)
            self._file.flush()

    def close(self) -> None:
        """End the log; what a forgotten process still writes is dropped."""
        with self._lock:
            self._file.close()

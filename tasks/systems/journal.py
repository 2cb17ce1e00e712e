"""The journal on disk: a line before every effect, there before the effect is made, and one after it."""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from tasks.domain.journal import BadLine, Entry, entry_of, last_hash, line_of, open_intents, verify

Now = Callable[[], datetime]


class FileJournal:
    """A hash-chained JSONL file that several threads and processes append to."""

    def __init__(self, path: Path, now: Now) -> None:
        self.path = path
        self._now = now
        self._lock = threading.Lock()

    def intend(self, step: str, verb: str, target: str) -> str:
        """Write that an effect is about to be made; returns the intent's id once the line is on disk."""
        intent = uuid.uuid4().hex[:12]
        self._append("intent", intent, {"step": step, "verb": verb, "target": target})
        return intent

    def read_back(self, intent: str, seen: str) -> None:
        """Write what the world showed after the effect of that intent."""
        self._append("read-back", intent, {"seen": seen})

    def note(self, topic: str, **fields: str) -> None:
        """Write something worth remembering that is no effect: a start, an approval, an end."""
        self._append("note", uuid.uuid4().hex[:12], {"topic": topic, **fields})

    def entries(self) -> tuple[Entry, ...]:
        """Read every line; ValueError with its number for one that is none."""
        return tuple(_entry(number, line) for number, line in enumerate(self._lines(), start=1))

    def verify(self) -> BadLine | None:
        """Return the first line that is not what was written, None when the chain is whole."""
        return verify(self._lines())

    def open_intents(self) -> tuple[Entry, ...]:
        """Return the effects that may or may not have been made: a run ended between intent and read-back."""
        return open_intents(self.entries())

    def _lines(self) -> list[str]:
        # Not splitlines: a field may hold what it splits at. Damaged UTF-8 must reach `verify`.
        text = self.path.read_bytes().decode(errors="replace") if self.path.exists() else ""
        return text.removesuffix("\n").split("\n") if text else []

    def _append(self, kind: str, id_: str, fields: Mapping[str, str]) -> None:
        with self._lock, self._opened() as file:
            number, previous = _tail(file)
            entry = Entry(number=number + 1, at=self._now().isoformat(), kind=kind, id=id_, fields=fields)
            line, _ = line_of(entry, previous)
            file.seek(0, os.SEEK_END)
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # released with the file
            yield file


def _tail(file: IO[bytes]) -> tuple[int, str]:
    """Return number and hash of the last line, cutting off a line that a crash left half-written."""
    content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        file.truncate(len(whole))
    if not whole:
        return 0, last_hash(None)
    last = whole.rstrip(b"\n").rpartition(b"\n")[2].decode()
    return entry_of(last).number, last_hash(last)


def _entry(number: int, line: str) -> Entry:
    try:
        return entry_of(line)
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from error

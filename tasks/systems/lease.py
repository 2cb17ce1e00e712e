"""One activation at a time per repository, on this machine and across machines.

On one machine a locked file says who: the kernel frees the lock the moment its process is gone, also after
SIGKILL. Across machines an item in the lock table says who and until when; it is renewed while the activation
runs and may be taken over once it has expired.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

LIFETIME = timedelta(seconds=60)
RENEW_SECONDS = 20.0

Now = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds a lease; ``expires`` is ISO 8601 and counts only across machines."""

    id: str
    what: str
    pid: int
    host: str
    since: str
    expires: str

    def __str__(self) -> str:
        """Render as a person would say it."""
        return f"{self.what} (process {self.pid} on {self.host}, since {self.since})"


class Held(Exception):  # noqa: N818 - reads as the sentence it is
    """Somebody else is activating this repository now; ``holder`` says who, as far as that is known."""

    retryable = False

    def __init__(self, holder: Holder | str | None) -> None:
        super().__init__(f"another activation of this repository is running: {holder or 'holder unknown'}")
        self.holder = holder

    def __reduce__(self) -> tuple[type[Held], tuple[Holder | str | None]]:
        """Survive pickling with the one argument it is made from."""
        return type(self), (self.holder,)


class Kept(Protocol):
    """Who has a lease in the lock table now."""

    @property
    def holder(self) -> str:
        """The words the holder wrote."""


class LockTables(Protocol):
    """Lock tables with conditional writes, as the AWS adapter offers them."""

    def acquire(self, table: str, key: str, holder: str, *, now: float, seconds: float) -> Kept:
        """Take or renew a lease that is free, expired or the holder's own; return who has it now."""

    def release(self, table: str, key: str, holder: str) -> None:
        """Give a lease back, if it is still the holder's."""


def new_holder(what: str, now: datetime, pid: int | None = None) -> Holder:
    """Describe this process as a holder."""
    return Holder(
        id=uuid.uuid4().hex,
        what=what,
        pid=pid or os.getpid(),
        host=socket.gethostname(),
        since=now.isoformat(timespec="seconds"),
        expires=(now + LIFETIME).isoformat(timespec="seconds"),
    )


@contextlib.contextmanager
def file_lease(path: Path, what: str, now: Now) -> Iterator[Holder]:
    """Hold the lease of a repository on this machine; raises Held at once when somebody else does."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(_read(file.read())) from None
        holder = new_holder(what, now())
        file.seek(0)
        file.truncate()
        json.dump(asdict(holder), file)
        file.flush()
        try:
            yield holder
        finally:
            # The file stays: removing it would let two processes lock two files of one name.
            file.seek(0)
            file.truncate()
            file.flush()


@contextlib.contextmanager
def table_lease(tables: LockTables, table: str, key: str, what: str, now: Now) -> Iterator[Holder]:
    """Hold the lease in a lock table, renewed in the background; raises Held while another counts."""
    holder = new_holder(what, now())
    words = f"{holder} [{holder.id}]"

    def take() -> Kept:
        return tables.acquire(table, key, words, now=now().timestamp(), seconds=LIFETIME.total_seconds())

    if (kept := take()).holder != words:
        raise Held(kept.holder)
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RENEW_SECONDS):
            # A renewal that fails is tried again; after the expiry somebody else may take the lease, and the
            # steps' own look-before-act is what keeps the effects single.
            with contextlib.suppress(Exception):
                take()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield holder
    finally:
        over.set()
        thread.join()
        with contextlib.suppress(Exception):  # what cannot be given back now expires within a minute
            tables.release(table, key, words)


def _read(text: str) -> Holder | None:
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return None

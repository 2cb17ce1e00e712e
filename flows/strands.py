"""Looks at parts of the world ahead of the run: each strand in a thread, one of its parts after the other.

    strands = Strands(parts, snapshot, end=shell.end_all)
    snapshot = strands.look(part)  # waits for it, and raises what its look raised
    strands.leave()

A strand is for looks that a program does, and that hang on the files alone or on parts before them in the
same strand: which one is ready first changes how long a run takes, and nothing that it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Protocol

from tasks.domain.fact import Snapshot

AGAIN = 0.1  # seconds until what does not end is ended once more


class Looked(Protocol):
    """What can be looked at in a strand."""

    @property
    def name(self) -> str:
        """What it is called; no other part is called so."""

    @property
    def strand(self) -> str | None:
        """The strand that it belongs to; None when it waits for its turn in the run itself."""

    @property
    def look(self) -> Callable[[Snapshot], Snapshot]:
        """Return what was seen before with its own facts."""


class Strands:
    """The looks that are under way; they begin when this is made."""

    def __init__(
        self, parts: Sequence[Looked], seen: Snapshot, *, end: Callable[[], None] = lambda: None
    ) -> None:
        """Begin; ``end`` ends the programs that are running, for one who leaves before they are done."""
        self._end = end
        self._left = Event()
        strands: dict[str, list[tuple[Looked, Future[Snapshot]]]] = {}
        self._found: dict[str, Future[Snapshot]] = {}
        for one in parts:
            if one.strand is not None:
                found = self._found[one.name] = Future()
                strands.setdefault(one.strand, []).append((one, found))
        self._threads = ThreadPoolExecutor(max_workers=max(1, len(strands)))
        self._under_way = [self._threads.submit(self._follow, each, seen) for each in strands.values()]

    def look(self, part: Looked) -> Snapshot:
        """Return what was seen, as the part's own look does; a second time it is looked at anew."""
        return self._found.pop(part.name).result()

    def has(self, part: Looked) -> bool:
        """Tell whether the part is being looked at, or was, and nobody has asked so far."""
        return part.name in self._found

    def leave(self) -> None:
        """Begin with nothing more, end what is under way, and wait until nothing of it runs."""
        self._left.set()
        # A look may start a program after another: each that is found running is ended.
        while wait(self._under_way, timeout=0.0).not_done:
            self._end()
            wait(self._under_way, timeout=AGAIN)
        self._threads.shutdown()

    def _follow(self, parts: Sequence[tuple[Looked, Future[Snapshot]]], seen: Snapshot) -> None:
        for part, found in parts:
            if self._left.is_set():
                return
            try:
                seen = part.look(seen)
            except BaseException as error:  # noqa: BLE001 - raised where it is asked for
                found.set_exception(error)
            else:
                found.set_result(seen)

"""The journal of calls: what was asked of the embedded AWS, by whom, and how it was answered."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call as it was answered. Parameters are not kept: they may hold secrets."""

    service: str
    operation: str
    principal: str | None
    mutating: bool
    status: int  # 0: no answer was sent
    fault: str | None
    seconds: float


@dataclass
class CallJournal:
    """The newest calls, oldest first; `total` counts those, too, that were dropped for newer ones."""

    limit: int = 20_000
    total: int = 0
    _calls: deque[Call] = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._calls = deque(maxlen=self.limit)

    def append(self, call: Call) -> None:
        """Keep a call."""
        with self._lock:
            self.total += 1
            self._calls.append(call)

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._calls.clear()

    def calls(self, operation: str | None = None) -> tuple[Call, ...]:
        """Return the calls, all or of one operation."""
        with self._lock:
            return tuple(c for c in self._calls if operation in (None, c.operation))

    def mutations(self) -> tuple[Call, ...]:
        """Return the calls that ask for a change, whether they were granted or not."""
        return tuple(call for call in self.calls() if call.mutating)

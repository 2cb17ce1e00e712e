"""Faults that can be switched on, to see what a client makes of them."""

import itertools
import re
import threading
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["status", "lost-answer", "late-runs", "expired-log-links"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault.

    `status` answers with `code` before anything is done (with `retry_after` seconds as Retry-After);
    `lost-answer` acts, then drops the connection; `late-runs` shows and starts runs only after `seconds`;
    `expired-log-links` redirects logs to links that are no longer good.
    `method` and `path` are expressions that must match in full; `count` is how often, None for ever.
    """

    id: int
    kind: Kind
    method: str = ".*"
    path: str = ".*"
    count: int | None = None
    code: int = 502
    retry_after: int | None = None
    seconds: float = 0.0


class Faults:
    """The faults that are on; they end with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._on: list[Fault] = []

    def add(self, kind: Kind, **details: Any) -> Fault:
        """Switch a fault on. The details are the fields of `Fault`."""
        fault = Fault(id=next(self._ids), kind=kind, **details)
        re.compile(fault.method)
        re.compile(fault.path)
        with self._lock:
            self._on.append(fault)
        return fault

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._on.clear()

    def listed(self) -> list[Fault]:
        """Return the faults that are on, `count` being what is left."""
        with self._lock:
            return list(self._on)

    def take(self, kind: Kind, method: str, path: str) -> Fault | None:
        """Return the fault of this kind that a request meets, and count it."""
        with self._lock:
            for place, fault in enumerate(self._on):
                if (
                    fault.kind == kind
                    and re.fullmatch(fault.method, method)
                    and re.fullmatch(fault.path, path)
                ):
                    if fault.count is not None:
                        if fault.count <= 1:
                            del self._on[place]
                        else:
                            self._on[place] = replace(fault, count=fault.count - 1)
                    return fault
        return None

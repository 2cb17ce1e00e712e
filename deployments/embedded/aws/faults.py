"""Faults that can be switched on: what real AWS does on a bad day."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum

from deployments.embedded.aws.wire import AwsRequest


class Mode(StrEnum):
    """What happens to a request that a fault hits."""

    ERROR = "error"  # answered with the fault's code, nothing done
    LOST = "lost"  # done, but the answer never arrives
    RESET = "reset"  # the connection breaks before anything is done
    DELAY = "delay"  # done and answered, late


@dataclass(kw_only=True)
class Fault:
    """One fault: which calls it hits, after how many, how often, and how."""

    service: str = "*"
    operation: str = "*"
    mutating: bool | None = None  # None: reads and writes alike
    mode: Mode = Mode.ERROR
    code: str = "InternalFailure"
    message: str = "a fault that was switched on"
    status: int = 500
    after: int = 0
    count: int = 1
    delay: float = 0.0
    seen: int = 0
    fired: int = 0

    def covers(self, request: AwsRequest) -> bool:
        """Tell whether the fault is about this kind of call."""
        return (
            self.service in ("*", request.service)
            and self.operation in ("*", request.operation)
            and self.mutating in (None, request.mutating)
        )


@dataclass
class Faults:
    """The faults that are switched on, in order; the first that is due hits."""

    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on; the returned value counts how often it was seen and fired."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._faults.clear()

    def due(self, request: AwsRequest) -> Fault | None:
        """Return the fault that hits this call, counting it."""
        with self._lock:
            hit = None
            for fault in self._faults:
                if fault.covers(request):
                    fault.seen += 1
                    if hit is None and fault.seen > fault.after and fault.fired < fault.count:
                        fault.fired += 1
                        hit = fault
            return hit

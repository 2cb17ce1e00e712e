"""Who is cancelled when a run is: every job that its own condition does not keep alive."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Cancellations:
    """The cancellation events of a run's live jobs."""

    def __init__(self, run_cancel: threading.Event) -> None:
        self.run_cancel = run_cancel
        self._lock = threading.Lock()
        self._live: dict[threading.Event, Callable[[], bool]] = {}
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="run-cancellation", daemon=True)
        self._watcher.start()

    @contextmanager
    def job(self, survives: Callable[[], bool]) -> Iterator[threading.Event]:
        """Give an event for one job; it is set with the run's unless `survives` says that the job goes on."""
        event = threading.Event()
        with self._lock:
            self._live[event] = survives
        if self.run_cancel.is_set() and not survives():
            event.set()
        try:
            yield event
        finally:
            with self._lock:
                self._live.pop(event, None)

    def _watch(self) -> None:
        while not self._done.is_set():
            if self.run_cancel.wait(0.1):
                break
        if not self.run_cancel.is_set():
            return
        with self._lock:
            live = list(self._live.items())
        for event, survives in live:
            if not survives():
                event.set()

    def close(self) -> None:
        """End the watching once the run is over."""
        self._done.set()
        self._watcher.join()


class Slots:
    """How many jobs may run at once."""

    def __init__(self, count: int) -> None:
        self._free = threading.Semaphore(count)

    @contextmanager
    def one(self, cancel: threading.Event) -> Iterator[bool]:
        """Wait for a place; gives False when cancelled before there was one."""
        taken = False
        while not cancel.is_set() and not taken:
            taken = self._free.acquire(timeout=0.05)
        try:
            yield taken
        finally:
            if taken:
                self._free.release()

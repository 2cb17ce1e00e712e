"""Stops a question that goes on for too long, so that one slow check never holds up all the others.

On the main thread a timer's signal stops it, also inside a regular expression. Another thread cannot hear
signals: there the exception is sent to it, which its next step of Python raises.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tasks.domain.check import TookTooLong

SECONDS = 10.0
"""A check takes milliseconds; with this many, what it looks at is not of this world."""


class Watchdog:
    """Lets each question take its time, but no more than ``seconds``."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raise TookTooLong in the body once the time is over."""
        on_main = threading.current_thread() is threading.main_thread()
        with self._by_signal() if on_main else self._by_exception():
            yield

    @property
    def _told(self) -> str:
        return f"it took more than {self.seconds:g} s"

    @contextmanager
    def _by_signal(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            raise TookTooLong(self._told)

        before = signal.signal(signal.SIGALRM, stop)
        started = time.monotonic()
        left, interval = signal.setitimer(signal.ITIMER_REAL, self.seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            if left:  # somebody else's timer goes on where it was
                remaining = max(0.001, left - (time.monotonic() - started))
                signal.setitimer(signal.ITIMER_REAL, remaining, interval)

    @contextmanager
    def _by_exception(self) -> Iterator[None]:
        over = threading.Lock()
        timer = threading.Timer(self.seconds, _raise_in, (threading.get_ident(), over, self._told))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            over.acquire()  # from here on the timer does nothing, and it is not in the middle of it


def _raise_in(thread: int, over: threading.Lock, told: str) -> None:
    """Raise TookTooLong in another thread, unless it is past what was watched."""
    if over.acquire(blocking=False):
        try:
            _raiser()(ctypes.c_ulong(thread), ctypes.py_object(_telling(told)))
        finally:
            over.release()


def _telling(told: str) -> type[TookTooLong]:
    """Return an exception that says why by itself: another thread is sent a class, not an instance."""

    class Stopped(TookTooLong):
        def __str__(self) -> str:
            return told

    return Stopped


def _raiser() -> Callable[..., int]:
    raiser: Callable[..., int] = ctypes.pythonapi.PyThreadState_SetAsyncExc
    return raiser

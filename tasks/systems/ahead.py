"""Works out pure answers in processes beside this one.

    with Ahead([partial(read, text) for text in texts]) as ahead:
        ...                     # this process goes on with something else
        first = ahead.answer(0)  # waits for it; all of them: ahead.answers()

Each helper is a copy of this process as it is now, takes the questions one after another and sends what
it found. The questions change nothing and hang on nothing but what is in memory. Where there is no helper
(one processor, a system that cannot copy a process safely, a helper that ended too early), this process
answers itself: helpers change how long it takes, and never what is answered. Of the other threads of this
process only what draws the progress may run meanwhile; a copy that waits for a lock of theirs is given up.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import pickle
import selectors
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Self, TypeVar

Answer = TypeVar("Answer")

MOST_HELPERS = 3
"""More than these wait for each other: what they all have to work out first is not shared."""
LONGEST = 2.0
"""Seconds for which a helper is waited for that says nothing; then this process answers what it has begun."""
_NUMBER = 4  # bytes of a question's number, and of the length of an answer
_CHUNK = 1 << 20


def helpers() -> int:
    """Return how many helpers this machine has use for: none where a copy of the process is not safe.

    Other systems than Linux copy no process that has used their own libraries.
    """
    return min(len(os.sched_getaffinity(0)) - 1, MOST_HELPERS) if sys.platform == "linux" else 0


@dataclass(kw_only=True)
class _Helper:
    process: int
    stream: int
    received: bytearray = field(default_factory=bytearray)


class Ahead(Generic[Answer]):
    """The answers to some questions, worked out by helpers from now on."""

    def __init__(self, questions: Sequence[Callable[[], Answer]], count: int) -> None:
        """Start that many helpers, none for a single question."""
        self._questions = questions
        self._found: dict[int, Answer] = {}
        self._helpers: list[_Helper] = []
        # A byte for each question, which all can write: who begins with one says so. Two that do so at the
        # same moment both answer it, and find the same.
        self._begun = mmap.mmap(-1, max(1, len(questions)))
        for number in range(count if len(questions) > 1 else 0):
            self._start(len(questions) * (number + 1) // (count + 1) if number + 1 < count else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take in what has arrived, and end what is still at work."""
        while self._helpers and self._receive(0.0):
            pass
        for helper in self._helpers:
            os.close(helper.stream)
            with contextlib.suppress(ProcessLookupError):
                os.kill(helper.process, signal.SIGKILL)
            os.waitpid(helper.process, 0)
        self._helpers.clear()

    def answer(self, number: int) -> Answer:
        """Return one answer; while a helper is about it, this process answers what nobody has begun."""
        if number not in self._found and self._helpers:
            self._receive(0.0)
        if number not in self._found and not self._begun[number]:
            self._answer(number)
        while number not in self._found:
            other = self._begun.find(b"\0")
            if other >= 0 and self._helpers:
                self._answer(other)
                self._receive(0.0)
            elif not self._helpers or not self._receive(LONGEST):
                self._answer(number)
        return self._found[number]

    def answers(self) -> list[Answer]:
        """Return all answers in the order of their questions."""
        return [self.answer(number) for number in range(len(self._questions))]

    def _answer(self, number: int) -> None:
        self._begun[number] = 1
        self._found[number] = self._questions[number]()

    def _start(self, first: int | None) -> None:
        """Start a helper that goes forward from a question, or backward from the last one.

        What neighbours have in common is so worked out by one process.
        """
        reading, writing = os.pipe()
        with contextlib.suppress(OSError):  # more than a user may have in all: the usual size serves too
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _CHUNK)
        try:
            process = os.fork()
        except OSError:  # as many processes as there may be: this one answers itself
            os.close(reading)
            os.close(writing)
            return
        if process:
            os.close(writing)
            self._helpers.append(_Helper(process=process, stream=reading))
            return
        # From here on it is the copy: nothing of it may run but the questions, not even what ends a program.
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.close(reading)
            last = len(self._questions)
            order = [*range(first, last), *range(first)] if first is not None else [*reversed(range(last))]
            told = _Told(writing)
            for number in order:
                if self._begun[number]:
                    continue
                self._begun[number] = 1
                answer = pickle.dumps(self._questions[number]())
                head = number.to_bytes(_NUMBER, "big") + len(answer).to_bytes(_NUMBER, "big")
                told.add(head + answer)
            told.all()
        finally:
            os._exit(0)

    def _receive(self, seconds: float) -> bool:
        """Take in what has arrived, or does in some time; a helper that says no more is gone."""
        with selectors.DefaultSelector() as selector:
            for helper in self._helpers:
                selector.register(helper.stream, selectors.EVENT_READ, helper)
            ready: list[_Helper] = [key.data for key, _ in selector.select(seconds)]
        for helper in ready:
            data = os.read(helper.stream, _CHUNK)
            helper.received += data
            self._take_in(helper.received)
            if not data:
                os.close(helper.stream)
                os.waitpid(helper.process, 0)
                self._helpers.remove(helper)
        return bool(ready)

    def _take_in(self, received: bytearray) -> None:
        while len(received) >= 2 * _NUMBER:
            end = 2 * _NUMBER + int.from_bytes(received[_NUMBER : 2 * _NUMBER], "big")
            if len(received) < end:
                return
            number = int.from_bytes(received[:_NUMBER], "big")
            self._found[number] = pickle.loads(bytes(received[2 * _NUMBER : end]))  # noqa: S301 - own copy
            del received[:end]


class _Told:
    """What a helper has to tell: it goes on with its questions while nobody takes in what it found."""

    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._left = bytearray()
        os.set_blocking(stream, False)

    def add(self, data: bytes) -> None:
        """Tell as much of it as the pipe takes now."""
        self._left += data
        with contextlib.suppress(BlockingIOError):
            while self._left:
                del self._left[: os.write(self._stream, self._left)]

    def all(self) -> None:
        """Tell the rest."""
        os.set_blocking(self._stream, True)
        self.add(b"")

"""What every command does around its work: tells mistakes, hears signals, ends with an exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from tasks.domain.mistake import Mistake, Mistaken

DONE, BROKE, USAGE, BLOCKED, WAITING = 0, 1, 2, 3, 4
INTERRUPTED, TERMINATED = 130, 143
UNREAD = 141
"""The exit code of a shell for a program that SIGPIPE ended: whoever read its output went away."""


class Terminated(BaseException):
    """SIGTERM arrived; like KeyboardInterrupt, nothing on the way may take it for a failure of its own."""


@contextmanager
def signals_heard() -> Iterator[None]:
    """Turn SIGTERM into Terminated, so that children are ended and locks released on the way out."""

    def hear(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def entered(main: Callable[[], int]) -> int:
    """Run a command as this process; when nobody reads its output any more it ends without a word."""
    try:
        try:
            return main()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _unread():
            raise
        # What is still in the buffers is written once more when the interpreter ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return UNREAD


def _unread() -> bool:
    """Tell whether a reader of this process's own output is gone, and not one of some other pipe."""
    asked = select.poll()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(io.UnsupportedOperation):  # it is no file
            asked.register(stream.fileno(), 0)  # errors and ends are always told
    return any(told & (select.POLLERR | select.POLLHUP) for _, told in asked.poll(0))


def run(command: str, work: Callable[[], int], *, as_json: bool, errors: TextIO | None = None) -> int:
    """Do the work and return the exit code; whatever ends it is told in one place, here."""
    stream = errors or sys.stderr
    try:
        with signals_heard():
            return work()
    except Mistaken as mistaken:
        return told(command, mistaken.mistakes, as_json=as_json, errors=stream)
    except KeyboardInterrupt as interruption:
        return _interrupted(command, "interrupted", interruption, stream, INTERRUPTED)
    except Terminated as interruption:
        return _interrupted(command, "terminated", interruption, stream, TERMINATED)
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _unread():
            raise
        return _failed(command, error, as_json=as_json, errors=stream)


def _interrupted(command: str, how: str, interruption: BaseException, stream: TextIO, code: int) -> int:
    stream.writelines(f"{command}: {note}\n" for note in getattr(interruption, "__notes__", ()))
    stream.write(f"{command}: {how}; run it again and it goes on from what is there\n")
    return code


def told(command: str, mistakes: Sequence[Mistake], *, as_json: bool, errors: TextIO | None = None) -> int:
    """Tell every mistake at once and return the exit code of wrong usage."""
    stream = errors or sys.stderr
    for mistake in mistakes:
        stream.write(f"{mistake}\n")
    if as_json:
        listed = [{"file": m.place, "line": m.line, "message": str(m)} for m in mistakes]
        _print_json({"schema": 1, "command": command, "exit": USAGE, "mistakes": listed})
    return USAGE


def _failed(command: str, error: Exception, *, as_json: bool, errors: TextIO) -> int:
    from tasks.systems.lease import Held  # noqa: PLC0415 - --help must not pay for it

    code = BLOCKED if isinstance(error, Held) else BROKE
    errors.write(f"{command}: {type(error).__name__}: {error}\n")
    if as_json:
        told_error = f"{type(error).__name__}: {error}"
        _print_json({"schema": 1, "command": command, "exit": code, "error": told_error})
    return code


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")

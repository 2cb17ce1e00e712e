import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tasks.systems import ahead
from tasks.systems.ahead import Ahead

# From Python 3.12 on a process with threads, as pytest-xdist's are, is warned of when it copies itself.
pytestmark = [
    pytest.mark.processes,
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no helpers")


def square(number: int) -> int:
    return number * number


def in_a_helper(of: int, there: Callable[[], object], number: int) -> int:
    """Do something only where the process is a copy of the one of the test."""
    if os.getpid() != of:
        there()
    return square(number)


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.mark.parametrize("helpers", [0, 1, 3])
def test_the_answers_are_the_same_with_and_without_helpers(helpers: int) -> None:
    with Ahead([partial(square, one) for one in range(200)], helpers) as asked:
        assert asked.answer(150) == 22500
        assert asked.answers() == [one * one for one in range(200)]


@linux
def test_helpers_answer_while_this_process_does_something_else() -> None:
    with Ahead([os.getpid, os.getpid], 1) as asked:
        deadline = time.monotonic() + 30
        while len(asked._found) < 2 and time.monotonic() < deadline:
            asked._receive(1.0)
        own = os.getpid()
        assert all(one != own for one in asked.answers())


@linux
def test_a_helper_goes_on_while_nobody_takes_in_what_it_found() -> None:
    large = 1 << 18
    with Ahead([partial(bytes, large)] * 40, 1) as asked:
        deadline = time.monotonic() + 30
        while asked._begun.find(b"\0") >= 0 and time.monotonic() < deadline:
            time.sleep(0.001)
        assert asked._begun.find(b"\0") < 0
        assert asked.answers() == [bytes(large)] * 40


@linux
@pytest.mark.parametrize(
    "there",
    [
        partial(os._exit, 1),
        partial(signal.raise_signal, signal.SIGKILL),
        partial(time.sleep, 600),
        partial(int, "no number"),
    ],
    ids=["ends", "is killed", "hangs", "raises"],
)
def test_what_becomes_of_a_helper_changes_no_answer(
    there: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "LONGEST", 0.2)
    questions = [partial(in_a_helper, os.getpid(), there, one) for one in range(20)]
    with Ahead(questions, 2) as asked:
        assert asked.answers() == [one * one for one in range(20)]


@linux
def test_a_machine_that_starts_no_more_processes_has_no_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    opened = len([*Path("/proc/self/fd").iterdir()])
    monkeypatch.setattr(os, "fork", full)
    with Ahead([partial(square, one) for one in range(5)], 3) as asked:
        assert asked.answers() == [0, 1, 4, 9, 16]
    assert len([*Path("/proc/self/fd").iterdir()]) == opened


@linux
def test_nothing_is_left_of_helpers_that_nobody_waits_for() -> None:
    before = children()
    with Ahead([partial(in_a_helper, os.getpid(), partial(time.sleep, 600), one) for one in range(5)], 2):
        assert len(children() - before) == 2
    assert children() == before


def test_an_error_is_raised_where_the_answer_is_asked_for() -> None:
    with Ahead([partial(int, "1"), partial(int, "no number")], 1) as asked:
        assert asked.answer(0) == 1
        with pytest.raises(ValueError, match="no number"):
            asked.answer(1)


def test_answers_can_be_asked_for_after_the_helpers_are_gone() -> None:
    with Ahead([partial(square, one) for one in range(5)], 1) as asked:
        pass
    assert asked.answers() == [0, 1, 4, 9, 16]

import re
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tasks.domain.check import Answer, Check, TookTooLong, holds
from tasks.domain.fact import Snapshot
from tasks.domain.finding import Verdict, Weight
from tasks.domain.phase import Phase
from tasks.systems.watchdog import Watchdog


def endless() -> Iterator[Answer]:
    while True:
        time.monotonic()
    yield holds("never")


def check(ask: Any) -> Check:
    return Check(
        id="slow", subject="s", title="t", phase=Phase.RELEASE, weight=Weight.BLOCKER, remedy=None, ask=ask
    )


def test_a_check_without_end_becomes_unknown_and_names_itself() -> None:
    (finding,) = check(endless).evaluate(Snapshot(), guard=Watchdog(0.05))
    assert finding.verdict is Verdict.UNKNOWN
    assert "more than 0.05 s" in finding.message
    assert "slow" in finding.message
    assert finding.blocks  # it could have found what does


def test_the_same_is_said_each_time_whatever_the_check_had_come_to() -> None:
    first, second = (check(endless).evaluate(Snapshot(), lambda: 0.0, Watchdog(0.02)) for _ in range(2))
    assert first == second


def test_a_regular_expression_that_goes_astray_is_stopped() -> None:
    with pytest.raises(TookTooLong), Watchdog(0.05)():
        re.match(r"(a+)+$", "a" * 64 + "b")


def test_a_thread_that_hears_no_signals_is_stopped_as_well() -> None:
    told: list[str] = []

    def work() -> None:
        told.extend(one.message for one in check(endless).evaluate(Snapshot(), guard=Watchdog(0.05)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert "more than 0.05 s" in told[0]


def test_whoever_had_a_timer_before_has_it_still() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: heard.append(number))
    left = signal.setitimer(signal.ITIMER_REAL, 60.0)
    try:
        with Watchdog(30)():
            pass
        remaining, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 30 < remaining <= 60
        assert signal.getsignal(signal.SIGALRM) is not before
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
        signal.signal(signal.SIGALRM, before)


def test_what_ends_in_time_is_left_alone() -> None:
    with Watchdog(5)():
        pass
    (finding,) = check(lambda: iter([holds("a")])).evaluate(Snapshot(), guard=Watchdog(5))
    assert finding.verdict is Verdict.HOLDS

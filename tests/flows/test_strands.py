import threading
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from flows.looking import Looker, Part
from flows.session import Learned
from flows.strands import Strands
from tasks.domain.fact import Snapshot
from tasks.systems.workshop import Workshop

SECONDS = 20.0


@dataclass(frozen=True)
class One:
    number: int


@dataclass(frozen=True)
class Two:
    number: int


def part(name: str, kind: Any, look: Any, strand: Any) -> Part:
    return Part(name=name, title=name, kinds=(kind,), look=look, strand=strand)


def test_two_strands_look_at_the_same_time() -> None:
    both = threading.Barrier(2)

    def meet(seen: Snapshot) -> Snapshot:
        both.wait(SECONDS)
        return seen.with_facts(One(1))

    parts = [part("a", One, meet, "left"), part("b", One, meet, "right")]
    strands = Strands(parts, Snapshot())
    assert strands.look(parts[0]).get(One) == One(1)
    assert strands.look(parts[1]).get(One) == One(1)
    strands.leave()


def test_a_part_of_a_strand_sees_what_those_before_it_saw() -> None:
    parts = [
        part("a", One, lambda seen: seen.with_facts(One(1)), "left"),
        part("b", Two, lambda seen: seen.with_facts(Two(seen.get(One).number + 1)), "left"),
    ]
    strands = Strands(parts, Snapshot())
    assert strands.look(parts[1]).get(Two) == Two(2)
    strands.leave()


def test_what_a_look_raises_is_raised_where_it_is_asked_for_and_the_next_part_is_looked_at() -> None:
    def fails(_: Snapshot) -> Snapshot:
        raise ConnectionError("no answer")

    parts = [
        part("a", One, fails, "left"),
        part("b", Two, lambda seen: seen.with_facts(Two(2)), "left"),
    ]
    strands = Strands(parts, Snapshot())
    with pytest.raises(ConnectionError):
        strands.look(parts[0])
    assert strands.look(parts[1]).get(Two) == Two(2)
    strands.leave()


def test_who_leaves_ends_what_is_under_way_and_begins_nothing_more() -> None:
    began, ended = threading.Event(), threading.Event()
    looked: list[str] = []

    def runs(seen: Snapshot) -> Snapshot:
        began.set()
        assert ended.wait(SECONDS)
        looked.append("a")
        return seen

    def never(seen: Snapshot) -> Snapshot:
        looked.append("b")
        return seen

    parts = [part("a", One, runs, "left"), part("b", Two, never, "left")]
    strands = Strands(parts, Snapshot(), end=ended.set)
    assert began.wait(SECONDS)
    strands.leave()
    assert looked == ["a"]


def test_who_leaves_ends_what_a_look_starts_after_its_first_program_was_ended() -> None:
    running = threading.Semaphore(0)
    begun = threading.Event()

    def three_programs(seen: Snapshot) -> Snapshot:
        for _ in range(3):
            begun.set()
            assert running.acquire(timeout=SECONDS)
        return seen

    strands = Strands([part("a", One, three_programs, "left")], Snapshot(), end=running.release)
    assert begun.wait(SECONDS)
    strands.leave()


def a_looker() -> Looker:
    return Looker(checks=[], learned=Learned(), waivers=(), today=date(2026, 11, 23))


def test_a_run_that_has_strands_sees_the_same_facts() -> None:
    plain, stranded = a_looker(), a_looker()
    for looker, strand in ((plain, None), (stranded, "left")):
        parts = [
            part("first", One, lambda seen: seen.with_facts(One(1)), None),
            part("second", Two, lambda seen: seen.with_facts(Two(seen.get(One).number + 1)), strand),
        ]
        for step in looker.steps(parts):
            step.look()
        looker.leave()
    assert dict(plain.snapshot.seen) == dict(stranded.snapshot.seen)
    assert plain.snapshot.get(Two) == Two(2)


def test_a_part_that_is_looked_at_again_is_looked_at_anew() -> None:
    looks = iter((1, 2))
    looker = a_looker()
    only = part("a", One, lambda seen: seen.with_facts(One(next(looks))), "left")
    (step,) = looker.steps([only])
    step.look()
    assert looker.snapshot.get(One) == One(1)
    looker.again([only])
    assert looker.snapshot.get(One) == One(2)
    looker.leave()


def test_two_threads_that_ask_for_the_workshop_are_given_the_same(tmp_path: Any) -> None:
    workshop = Workshop(tmp_path)
    both = threading.Barrier(2)
    given: list[Any] = []

    def ask() -> None:
        both.wait(SECONDS)
        given.append(workshop.directory)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(given)) == 1
    workshop.leave()


def test_a_part_may_be_asked_for_before_its_turn_has_come() -> None:
    asked = threading.Event()

    def slow(seen: Snapshot) -> Snapshot:
        assert asked.wait(SECONDS)
        return seen.with_facts(One(1))

    parts = [part("a", One, slow, "left"), part("b", Two, lambda seen: seen.with_facts(Two(2)), "left")]
    strands = Strands(parts, Snapshot())
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.append(strands.look(parts[1]).get(Two)), daemon=True)
    waiting.start()
    while strands.has(parts[1]):
        time.sleep(0.001)
    asked.set()
    waiting.join(SECONDS)
    assert found == [Two(2)]
    strands.leave()

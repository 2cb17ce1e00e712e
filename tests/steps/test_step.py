"""One way to ensure any step: look, decide, act, look again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tasks.domain.change import Change
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.step import Decision, StepState
from tasks.steps.step import Blocked, Step, StillMissing, TookTooLong, ensure


@dataclass
class Memory:
    """A journal kept in a list."""

    lines: list[str] = field(default_factory=list)

    def intend(self, step: str, verb: str, target: str) -> str:
        self.lines.append(f"intend {verb} {target}")
        return f"{step}/{verb}/{target}"

    def read_back(self, intent: str, seen: str) -> None:
        self.lines.append(f"seen {seen}")


@dataclass
class Time:
    """A clock that jumps when it is told to sleep."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Lamp:
    """A thing in the world that can be switched on, unless it is deaf."""

    lit: bool = False
    deaf: bool = False
    calls: int = 0

    def act(self, _change: Change, _seen: bool) -> None:
        self.calls += 1
        self.lit = self.lit or not self.deaf

    def step(self, **over: object) -> Step[bool]:
        wanted = Change(verb="light", target="lamp")
        given: dict[str, object] = {
            "name": "lamp",
            "phase": Phase.PROVISIONING,
            "title": "the lamp",
            "look": lambda: self.lit,
            "decide": lambda lit: Decision(why="is lit") if lit else Decision(changes=(wanted,)),
            "act": self.act,
        }
        return Step(**{**given, **over})  # type: ignore[arg-type]


FINDING = Finding(
    check="lamp",
    phase=Phase.PROVISIONING,
    subject="lamp",
    verdict=Verdict.BROKEN,
    weight=Weight.BLOCKER,
    message="no bulb",
)


def test_a_step_acts_once_and_a_second_run_changes_nothing() -> None:
    lamp, journal = Lamp(), Memory()
    first = ensure(lamp.step(), journal=journal, clock=Time())
    second = ensure(lamp.step(), journal=journal, clock=Time())
    assert (first.state, first.changed) == (StepState.DONE, True)
    assert (second.state, second.changed, second.why) == (StepState.DONE, False, "is lit")
    assert lamp.calls == 1


def test_an_effect_is_announced_before_and_read_back_after() -> None:
    journal = Memory()
    ensure(Lamp().step(), journal=journal, clock=Time())
    assert journal.lines == ["intend light lamp", "seen True"]


def test_an_accepted_call_that_did_nothing_is_an_error() -> None:
    lamp = Lamp(deaf=True)
    with pytest.raises(StillMissing, match="light lamp"):
        ensure(lamp.step(), journal=Memory(), clock=Time())
    assert lamp.calls == 1


def test_what_a_person_must_put_right_blocks_the_step() -> None:
    result = ensure(
        Lamp().step(decide=lambda _: Decision(blocked=(FINDING,))), journal=Memory(), clock=Time()
    )
    assert (result.state, result.why, result.findings) == (StepState.BLOCKED, "no bulb", (FINDING,))


def test_a_refusal_met_while_acting_blocks_the_step_with_its_finding() -> None:
    def refuse(_change: Change, _seen: bool) -> None:
        raise Blocked(FINDING)

    result = ensure(Lamp().step(act=refuse), journal=Memory(), clock=Time())
    assert (result.state, result.changed, result.findings) == (StepState.BLOCKED, False, (FINDING,))


def test_a_step_waits_until_the_world_settles_and_tells_what_it_waits_for() -> None:
    looks = iter(["1 of 3", "2 of 3", "3 of 3"])
    told: list[str] = []
    time = Time()
    step = Step(
        name="runs",
        phase=Phase.FIRST_RUN,
        title="runs",
        look=lambda: next(looks),
        decide=lambda _: Decision(why="all there"),
        act=lambda _c, _s: None,
        settled=lambda seen: seen.startswith("3"),
        patience=60,
        poll=5,
    )
    assert ensure(step, journal=Memory(), clock=time, tell=told.append).state is StepState.DONE
    assert told == ["1 of 3", "2 of 3"]
    assert time.slept == [5, 7.5]


def test_patience_ends() -> None:
    step = Lamp().step(settled=lambda lit: lit, patience=10, poll=4)
    time = Time()
    with pytest.raises(TookTooLong, match="the lamp"):
        ensure(step, journal=Memory(), clock=time)
    assert time.now == 10

"""One idempotent piece of work, bound to its world: look, decide, act, look again.

A step file offers plain functions (``look``, a pure ``decide``, ``act``) and a constructor that binds
them to adapters as a ``Step``. ``ensure`` runs any step the same way, so a first run, a second run, a
resumed run and a retry are the same code: they look and find what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from tasks.domain.change import Change
from tasks.domain.finding import Finding
from tasks.domain.phase import Phase
from tasks.domain.step import Decision, StepResult, StepState

Seen = TypeVar("Seen")


class Blocked(Exception):  # noqa: N818 - an expected state, not an error of the program
    """A step met something only a person can put right; the finding says what, where and how."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = findings


class StillMissing(Exception):  # noqa: N818 - reads as the sentence it is
    """The world accepted every call and still is not as wanted."""


class TookTooLong(Exception):  # noqa: N818 - reads as the sentence it is
    """What a step waits for did not settle within its patience."""


class Journal(Protocol):
    """Where an effect is announced before it is made and what was read back is written after it."""

    def intend(self, step: str, verb: str, target: str) -> str:
        """Write the intent of one mutation and return its id."""

    def read_back(self, intent: str, seen: str) -> None:
        """Write what the world showed after the mutation of that intent."""


class Clock(Protocol):
    """Time as steps use it; tests bring their own."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Step(Generic[Seen]):
    """A named piece of work of one phase.

    ``settled`` tells whether a look shows a final state; while it does not, ``ensure`` looks again every
    ``poll`` seconds (doubling up to ``poll_limit``) for at most ``patience`` seconds, telling what
    ``describe`` says it waits for. ``blocked_by`` names checks whose blocking findings stop this step;
    ``after`` names steps that must be done first. ``timeout`` in seconds bounds one attempt of the step
    under an orchestrator; ``retries`` is how often it may be tried again after a failure that may pass.
    A step that is not ``configured`` looks at nothing and decides to be skipped: nothing has to stop it.
    """

    name: str
    phase: Phase
    title: str
    look: Callable[[], Seen]
    decide: Callable[[Seen], Decision]
    act: Callable[[Change, Seen], None]
    describe: Callable[[Seen], str] = str
    settled: Callable[[Seen], bool] = lambda _: True
    blocked_by: frozenset[str] = frozenset()
    after: tuple[str, ...] = ()
    configured: bool = True
    patience: float = 0.0
    poll: float = 0.5
    poll_limit: float = 30.0
    retries: int = 2
    timeout: float = 600.0


def ensure(step: Step[Seen], *, journal: Journal, clock: Clock, tell: Tell = lambda _: None) -> StepResult:
    """Bring one thing to where it should be and say how that ended.

    Returns done / blocked / waiting / skipped; raises StillMissing when accepted calls did nothing,
    TookTooLong when the wait was in vain, and whatever the adapters raise for a failure.
    """
    started = clock.monotonic()

    def ended(state: StepState, why: str, findings: tuple[Finding, ...] = (), *, changed: bool) -> StepResult:
        return StepResult(
            step=step.name,
            phase=step.phase,
            state=state,
            changed=changed,
            why=why,
            seconds=clock.monotonic() - started,
            findings=findings,
        )

    changed = False
    try:
        seen = _settle(step, clock, tell)
        decision = step.decide(seen)
        made: set[tuple[str, str]] = set()
        while fresh := [change for change in decision.changes if (change.verb, change.target) not in made]:
            for change in fresh:
                tell(str(change))
                intent = journal.intend(step.name, change.verb, change.target)
                step.act(change, seen)
                changed = True
                made.add((change.verb, change.target))
                seen = step.look()
                journal.read_back(intent, step.describe(seen))
            seen = _settle(step, clock, tell)
            decision = step.decide(seen)
    except Blocked as stop:
        return ended(StepState.BLOCKED, str(stop), stop.findings, changed=changed)
    if decision.changes:
        left = ", ".join(str(change) for change in decision.changes)
        raise StillMissing(f"{step.title}: every call was accepted, and still needed: {left}")
    if decision.blocked:
        why = decision.why or "; ".join(finding.message for finding in decision.blocked)
        return ended(StepState.BLOCKED, why, decision.blocked, changed=changed)
    if decision.waiting:
        return ended(StepState.WAITING, decision.waiting, changed=changed)
    if decision.skipped:
        return ended(StepState.SKIPPED, decision.why, changed=changed)
    return ended(StepState.DONE, decision.why or step.describe(seen), changed=changed)


def _settle(step: Step[Seen], clock: Clock, tell: Tell) -> Seen:
    deadline = clock.monotonic() + step.patience
    for pause in _pauses(step.poll, step.poll_limit):
        seen = step.look()
        if step.settled(seen):
            return seen
        tell(step.describe(seen))
        left = deadline - clock.monotonic()
        if left <= 0:
            raise TookTooLong(
                f"{step.title}: not settled after {step.patience:.0f} s; last seen: {step.describe(seen)}"
            )
        clock.sleep(min(pause, left))
    raise AssertionError("pauses never end")


def _pauses(first: float, limit: float) -> Iterator[float]:
    pause = first
    while True:
        yield pause
        pause = min(pause * 1.5, limit)

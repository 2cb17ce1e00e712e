"""What happens while a command works, as values that a progress display can follow.

A command emits events in the order they happen; whoever listens (a live display, a plain log, nobody)
must not answer. ``at`` is seconds on a monotonic clock, so that a listener can show elapsed time without
a clock of its own. Phases do not overlap; steps of a phase may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tasks.domain.phase import Phase
from tasks.domain.step import PhaseResult, StepResult


@dataclass(frozen=True, kw_only=True)
class PhaseStarted:
    """A phase has begun; ``steps`` names its steps, in order, as far as they are known."""

    phase: Phase
    at: float
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StepStarted:
    """A step has begun; ``title`` says what it is about in a person's words."""

    phase: Phase
    step: str
    title: str
    at: float


@dataclass(frozen=True, kw_only=True)
class StepTold:
    """A running step says what it does or waits for (``2 of 4 runs done; building: ci / build``)."""

    phase: Phase
    step: str
    text: str
    at: float


@dataclass(frozen=True, kw_only=True)
class StepEnded:
    """A step has ended; a step that never started (blocked, skipped) only ends."""

    phase: Phase
    step: str
    result: StepResult
    at: float


@dataclass(frozen=True, kw_only=True)
class PhaseEnded:
    """A phase has ended."""

    phase: Phase
    result: PhaseResult
    at: float


@dataclass(frozen=True, kw_only=True)
class Told:
    """Something about the run itself, outside any phase (``starting the embedded world``)."""

    text: str
    at: float


Event = PhaseStarted | StepStarted | StepTold | StepEnded | PhaseEnded | Told
Emit = Callable[[Event], None]

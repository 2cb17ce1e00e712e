"""What a step decided and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.change import Change
from tasks.domain.finding import Finding
from tasks.domain.phase import Phase


class StepState(StrEnum):
    """How a step, or a phase, stands."""

    DONE = "done"
    BLOCKED = "blocked"
    WAITING = "waiting"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is left to do after a look: changes to make, what stops the rest, whom it waits for.

    Nothing left, nothing blocked and nobody to wait for means done. ``why`` says so aloud
    ("versioned, encrypted and private already").
    """

    changes: tuple[Change, ...] = ()
    blocked: tuple[Finding, ...] = ()
    waiting: str | None = None
    why: str = ""
    skipped: bool = False

    @property
    def settled(self) -> bool:
        """Tell whether nothing more can be done about it now."""
        return not self.changes


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """How one step ended; ``changed`` says whether it changed anything in this run."""

    step: str
    phase: Phase
    state: StepState
    changed: bool = False
    why: str = ""
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PhaseResult:
    """How one phase ended, with its steps in order."""

    phase: Phase
    state: StepState
    seconds: float = 0.0
    steps: tuple[StepResult, ...] = ()


def phase_state(steps: tuple[StepResult, ...]) -> StepState:
    """Return the state of a phase from its steps: the worst one, in the order failed, blocked, waiting."""
    states = {result.state for result in steps}
    for worst in (StepState.FAILED, StepState.BLOCKED, StepState.WAITING):
        if worst in states:
            return worst
    if states and states <= {StepState.SKIPPED}:
        return StepState.SKIPPED
    return StepState.DONE

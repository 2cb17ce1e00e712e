"""One run: its settings, its steps, its journal, and what it has found and done so far.

The adapters inside the steps hold credentials, so a session is never a flow parameter: the flows of a run
find the session of their process here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flows.asked import Asked
from flows.consent import Consent
from flows.course import RunStep, run_phase
from flows.gate import Gate
from tasks.domain.event import Emit, Told
from tasks.domain.finding import Finding, Verdict
from tasks.domain.phase import Phase, up_to
from tasks.domain.plan import Plan
from tasks.domain.report import Deployment, Metric, Release
from tasks.domain.settings import Settings
from tasks.domain.step import PhaseResult, StepResult
from tasks.steps.step import Clock, Journal, Step, Tell, ensure
from tasks.systems.lease import LockTables
from tasks.systems.state import RepositoryState


class RunClock(Clock, Protocol):
    """Time as a run uses it."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""


class RunJournal(Journal, Protocol):
    """The journal as a run uses it."""

    def note(self, topic: str, **fields: str) -> None:
        """Write something worth remembering that is no effect."""


Orchestrate = Callable[[Step[Any], Tell, RunStep], StepResult]


@dataclass(kw_only=True)
class Learned:
    """What checks and steps have learned in this run, for the gates and the report."""

    findings: list[Finding] = field(default_factory=list)
    not_asked: set[str] = field(default_factory=set)
    release: Release | None = None
    deployments: dict[str, Deployment] = field(default_factory=dict)
    metrics: list[Metric] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    static_seconds: float = 0.0  # what reading the files and asking about them alone has taken

    @property
    def held(self) -> int:
        """Count the answers that were as they should be."""
        return sum(finding.verdict is Verdict.HOLDS for finding in self.findings)


def no_tables() -> LockTables:
    """Refuse: the session was opened without an account."""
    raise LookupError("this session has no lock tables")


@dataclass(kw_only=True)
class Session:
    """Everything the phases of one run share; ``steps`` holds the steps of each phase in order."""

    asked: Asked
    settings: Settings
    steps: Mapping[Phase, tuple[Step[Any], ...]]
    learned: Learned
    journal: RunJournal
    clock: RunClock
    emit: Emit
    files: RepositoryState
    judged: frozenset[str] = frozenset()  # checks whose question a step answers itself
    tables: Callable[[], LockTables] = no_tables
    look_again: Callable[[], object] = lambda: None
    leave: Callable[[], None] = lambda: None  # gives back what only one run may hold
    on_interruption: Callable[[], str | None] = lambda: None  # says what became of what was waited for
    plan: Plan | None = None
    consent: Consent | None = None  # None: a rehearsal, which approves its own changes
    started: float = 0.0
    results: dict[Phase, PhaseResult] = field(default_factory=dict)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Return the phases that were asked for; the preflight always looks first."""
        if self.settings.only is not None:
            return tuple(dict.fromkeys((Phase.PREFLIGHT, self.settings.only)))
        return up_to(self.settings.until)

    def expect(self, repository: str) -> None:
        """Make sure that a flow and its session speak of the same repository."""
        if repository != self.settings.full_name:
            raise LookupError(
                f"the session of this process is for {self.settings.full_name}, not {repository}"
            )

    def tell(self, text: str) -> None:
        """Say something about the run as a whole."""
        self.emit(Told(text=text, at=self.clock.monotonic()))

    def run(self, phase: Phase, orchestrate: Orchestrate | None = None) -> PhaseResult:
        """Run one phase and remember how it ended."""
        every = [step for steps in self.steps.values() for step in steps]
        result = run_phase(
            phase,
            self._consented(phase),
            gate=Gate.over(self.learned.findings, every, self.judged),
            earlier={step.step: step for ended in self.results.values() for step in ended.steps},
            run=self._runner(orchestrate),
            emit=self.emit,
            now=self.clock.monotonic,
        )
        self.results[phase] = result
        self.journal.note("phase", phase=phase.value, state=result.state.value)
        if any(step.changed for step in result.steps):
            self.look_again()
        return result

    def _consented(self, phase: Phase) -> tuple[Step[Any], ...]:
        steps = self.steps.get(phase, ())
        return steps if self.consent is None else tuple(self.consent.bind(step) for step in steps)

    def _runner(self, orchestrate: Orchestrate | None) -> RunStep:
        def plainly(step: Step[Any], tell: Tell) -> StepResult:
            return ensure(step, journal=self.journal, clock=self.clock, tell=tell)

        if orchestrate is None:
            return plainly
        return lambda step, tell: orchestrate(step, tell, plainly)


_CURRENT: ContextVar[Session | None] = ContextVar("session", default=None)


def current() -> Session | None:
    """Return the session that this process runs, None when none was opened."""
    return _CURRENT.get()


def current_session() -> Session:
    """Return the session of this process; raises LookupError when none was opened."""
    session = current()
    if session is None:
        raise LookupError("no session is open in this process")
    return session


@contextmanager
def opened(session: Session) -> Iterator[Session]:
    """Make a session the current one for the flows that run inside."""
    token = _CURRENT.set(session)
    try:
        yield session
    finally:
        _CURRENT.reset(token)

"""What a session has come to, as the Report that every renderer shows."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from flows.asked import Asked
from flows.command import BLOCKED, BROKE, DONE, WAITING
from flows.rehearsed import Desk, phase_shown, shown
from flows.session import Session
from tasks import checks
from tasks.domain.critical_path import critical_path_minutes
from tasks.domain.finding import Finding, Verdict
from tasks.domain.phase import Phase
from tasks.domain.plan import Plan
from tasks.domain.report import Report
from tasks.domain.step import PhaseResult, StepState
from tasks.domain.typed import interpreter

HTML = "report.html"
ENDS = {StepState.FAILED: BROKE, StepState.BLOCKED: BLOCKED, StepState.WAITING: WAITING}


def report_of(
    session: Session,
    *,
    exit_code: int | None = None,
    of: Iterable[Phase] = tuple(Phase),
    plan: Plan | None = None,
    more: Iterable[Finding] = (),
) -> Report:
    """Return the report of a run as it stands; ``more`` are findings that no check and no step has told."""
    asked, settings, learned = session.asked, session.settings, session.learned
    desk = desk_of(session)
    phases = tuple(phase_shown(_phase(session, phase), desk) for phase in of)
    met = shown((*learned.findings, *more), desk)
    findings = tuple(told(met, phases, judged=session.judged, everything=asked.everything))
    code = exit_of(phases) if exit_code is None else exit_code
    waits = session.consent if session.consent and session.consent.digest else None
    stopping = tuple(finding for finding in findings if finding.blocks)
    return Report(
        command=asked.command,
        repo=settings.full_name,
        commit=settings.commit,
        world=settings.world.value,
        exit=code,
        seconds=session.clock.monotonic() - session.started,
        static_seconds=learned.static_seconds,
        findings=findings,
        held=learned.held,
        not_asked=len(learned.not_asked),
        phases=phases,
        plan=plan or (session.plan if waits else None),
        release=learned.release,
        deployments=tuple(learned.deployments.values()),
        metrics=tuple(learned.metrics),
        critical_path_minutes=critical_path_minutes(stopping) if stopping else 0,
        report_file=str(asked.report or session.files.directory / HTML),
        journal_file=str(session.files.journal) if session.files.journal.exists() else None,
        next_commands=(*([waits.command] if waits else []), *next_commands(asked, code, desk.python)),
        notes=tuple(learned.notes),
    )


def told(
    findings: Iterable[Finding],
    phases: tuple[PhaseResult, ...],
    *,
    judged: frozenset[str] = frozenset(),
    everything: bool = False,
) -> Iterable[Finding]:
    """Yield what is broken or unknown, from the steps and from the checks, each thing once.

    What a step says about a subject stands for what a ``judged`` check says about it.
    """
    of_steps = [finding for phase in phases for step in phase.steps for finding in step.findings]
    subjects = {finding.subject for finding in of_steps if finding.check not in judged}
    of_checks = [one for one in findings if one.check not in judged or one.subject not in subjects]
    seen: set[str] = set()
    for finding in (*of_checks, *of_steps):
        shown = everything or finding.verdict in (Verdict.BROKEN, Verdict.UNKNOWN)
        if shown and finding.key not in seen:
            seen.add(finding.key)
            yield finding


def exit_of(phases: Iterable[PhaseResult]) -> int:
    """Return the exit code that the phases come to: the worst one speaks."""
    states = {phase.state for phase in phases}
    return next((code for state, code in ENDS.items() if state in states), DONE)


def next_commands(asked: Asked, exit_code: int, python: str = "python") -> tuple[str, ...]:
    """Return what a person types next: the same again after a remedy, the next bigger step, the end."""
    words = [shlex.quote(str(asked.repository))] if asked.repository else []
    words += ["--scenario", shlex.quote(asked.scenario)] if asked.scenario else []
    words += ["--live"] if asked.live else []

    def typed(command: str, *more: str) -> str:
        return " ".join([f"{python} -m", f"flows.{command}", *words, *more])

    if asked.offline:
        return (typed("preflight"),)
    if exit_code not in (DONE, WAITING):
        remedy = (
            (f"{python} -m deployments.embedded remedy {shlex.quote(asked.scenario)}",)
            if asked.scenario
            else ()
        )
        again: tuple[str, ...] = (*remedy, typed(asked.command))
    else:
        live_already = asked.command == "activate" and not asked.plan
        again = () if live_already else (typed("activate"),)
    return again if asked.live else (*again, f"{python} -m flows.deactivate")


def desk_of(session: Session) -> Desk:
    """Return where the person types that this run reports to."""
    from deployments.embedded.scenarios import SCENARIOS  # noqa: PLC0415 - only a scenario needs it

    settings = session.settings
    scenario = SCENARIOS.get(settings.scenario or "")
    named = settings.source_path
    return Desk(
        world=settings.world,
        python=interpreter(sys.orig_argv[0], Path.cwd()),
        cwd=Path.cwd(),
        directory=(named or settings.repository_path).absolute(),
        repository=settings.full_name,
        named=named,
        scenario=settings.scenario,
        commits=scenario is not None and scenario.remedy.commit is not None,
        checks=frozenset(one.id for one in checks.load()),
    )


def _phase(session: Session, phase: Phase) -> PhaseResult:
    """Return how a phase ended; one that was not asked for is skipped."""
    return session.results.get(phase) or PhaseResult(phase=phase, state=StepState.SKIPPED)

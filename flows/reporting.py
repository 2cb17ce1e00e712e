"""What a session has come to, as the Report that every renderer shows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flows.command import BLOCKED, BROKE, DONE, WAITING
from flows.session import Session
from tasks.domain.critical_path import critical_path_minutes
from tasks.domain.finding import Finding, Verdict
from tasks.domain.phase import Phase
from tasks.domain.report import Report
from tasks.domain.step import PhaseResult, StepState

HTML = "report.html"
ENDS = {StepState.FAILED: BROKE, StepState.BLOCKED: BLOCKED, StepState.WAITING: WAITING}


def report_of(session: Session, command: str, *, report_file: Path | None = None) -> Report:
    """Return the report of a run as it stands."""
    settings, learned = session.settings, session.learned
    phases = tuple(_phase(session, phase) for phase in Phase)
    findings = tuple(told(learned.findings, phases))
    stopping = tuple(finding for finding in findings if finding.blocks)
    return Report(
        command=command,
        repo=settings.full_name,
        commit=settings.commit,
        world=settings.world.value,
        exit=exit_of(phases),
        seconds=session.clock.monotonic() - session.started,
        findings=findings,
        held=learned.held,
        not_asked=learned.not_asked,
        phases=phases,
        release=learned.release,
        deployments=tuple(learned.deployments.values()),
        metrics=tuple(learned.metrics),
        critical_path_minutes=critical_path_minutes(stopping) if stopping else 0,
        report_file=str(report_file or session.files.directory / HTML),
        journal_file=str(session.files.journal),
        next_commands=next_commands(session, phases),
        notes=tuple(learned.notes),
    )


def told(findings: Iterable[Finding], phases: tuple[PhaseResult, ...]) -> Iterable[Finding]:
    """Yield what is broken or unknown, from the checks and from the steps, each thing once."""
    seen: set[str] = set()
    of_steps = (finding for phase in phases for step in phase.steps for finding in step.findings)
    for finding in (*findings, *of_steps):
        if finding.verdict in (Verdict.BROKEN, Verdict.UNKNOWN) and finding.key not in seen:
            seen.add(finding.key)
            yield finding


def exit_of(phases: Iterable[PhaseResult]) -> int:
    """Return the exit code that the phases come to: the worst one speaks."""
    states = {phase.state for phase in phases}
    return next((code for state, code in ENDS.items() if state in states), DONE)


def next_commands(session: Session, phases: tuple[PhaseResult, ...]) -> tuple[str, ...]:
    """Return what a person types next."""
    settings = session.settings
    words = ["python -m flows.activate"]
    words += [str(settings.source_path)] if settings.source_path else []
    words += ["--scenario", settings.scenario] if settings.scenario else []
    again = " ".join(words)
    done = exit_of(phases) == DONE
    end = ("python -m flows.deactivate",)
    return end if done else (again, *end)


def _phase(session: Session, phase: Phase) -> PhaseResult:
    """Return how a phase ended; one that was not asked for is skipped."""
    return session.results.get(phase) or PhaseResult(phase=phase, state=StepState.SKIPPED)

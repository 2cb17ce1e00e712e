"""The words in which every renderer tells of one Report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.answers import counted
from tasks.domain.critical_path import Cause, causes, in_order
from tasks.domain.finding import Finding, Verdict
from tasks.domain.phase import Phase
from tasks.domain.report import Metric, Report
from tasks.domain.step import PhaseResult, StepState

WORLDS = {
    "embedded": "rehearsal in the embedded world; nothing real was changed",
    "live": "live: the real GitHub and AWS",
    "offline": "offline: only the directory and its commit were read",
}


_PAINT = re.compile(r"\x1b\[[0-9;:]*m")
# What a terminal obeys or what reorders a line: C0, DEL, C1, and the bidirectional controls; and the
# bytes of a file's name that are no text, which nothing could be written with.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return a line as a terminal may show it: colour dropped, other control characters made visible."""
    plain = _PAINT.sub("", text).expandtabs(4)
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], plain)


class Outcome(StrEnum):
    """How a command ended, by its exit code."""

    GOOD = "good"
    FAILED = "failed"
    USAGE = "usage"
    BLOCKED = "blocked"
    WAITING = "waiting"
    DRIFTED = "drifted"


OUTCOMES = {
    0: Outcome.GOOD,
    1: Outcome.FAILED,
    2: Outcome.USAGE,
    3: Outcome.BLOCKED,
    4: Outcome.WAITING,
    5: Outcome.DRIFTED,
}


class Standing(StrEnum):
    """Where a metric stands against its target and alert."""

    UNKNOWN = "unknown"
    ALERT = "alert"
    OFF_TARGET = "off target"
    ON_TARGET = "on target"
    MEASURED = "measured"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A Report in the order in which people ask: how did it end, what is to be done, what else was seen.

    ``holding`` is what holds, by check and subject, where the report was asked for that as well.
    """

    outcome: Outcome
    headline: str
    world: str
    findings: tuple[Finding, ...]
    blocking: tuple[Cause, ...]
    others: tuple[Cause, ...]
    waived: tuple[Finding, ...]
    holding: tuple[Finding, ...]


def summarize(report: Report) -> Summary:
    """Say how a report's command ended and what is left to do."""
    findings = all_findings(report)
    grouped = causes(findings)
    blocking = tuple(cause for cause in grouped if cause.blocks)
    return Summary(
        outcome=OUTCOMES.get(report.exit, Outcome.FAILED),
        headline=_headline(report, blocking),
        world=WORLDS.get(report.world, report.world),
        findings=findings,
        blocking=blocking,
        others=tuple(cause for cause in grouped if not cause.blocks),
        waived=tuple(finding for finding in findings if finding.waived is not None),
        holding=tuple(
            sorted(
                (finding for finding in findings if finding.verdict is Verdict.HOLDS),
                key=lambda finding: (finding.check, finding.subject),
            )
        ),
    )


def all_findings(report: Report) -> tuple[Finding, ...]:
    """Return the report's findings and those that its steps met, each once, first things first.

    The report's own is the one that counts: it knows what was seen after the step.
    """
    met = (finding for phase in report.phases for step in phase.steps for finding in step.findings)
    return in_order(
        {(finding.key, finding.message): finding for finding in (*met, *report.findings)}.values()
    )


def duration(seconds: float) -> str:
    """Render seconds as people say them: ``0.4 s``, ``1 min 42 s``, ``2 h 05 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def usd(amount: float | None) -> str:
    """Render a daily cost; what is not known is said so."""
    return "unknown" if amount is None else f"${amount:,.2f}"


def standing(metric: Metric) -> Standing:
    """Judge a metric; whether less is better follows from which side of the target the alert is on."""
    if metric.value is None:
        return Standing.UNKNOWN
    if metric.target is None and metric.alert is None:
        return Standing.MEASURED
    more_is_better = metric.target is not None and metric.alert is not None and metric.alert < metric.target
    sign = -1 if more_is_better else 1
    if metric.alert is not None and sign * metric.value > sign * metric.alert:
        return Standing.ALERT
    if metric.target is not None and sign * metric.value > sign * metric.target:
        return Standing.OFF_TARGET
    return Standing.ON_TARGET


def figure(value: float | None, unit: str) -> str:
    """Render a measured figure with its unit; a missing one is unknown, never zero."""
    if value is None:
        return "unknown"
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{number}{unit}" if unit in {"", "%"} else f"{number} {unit}"


def spoken(name: str) -> str:
    """Render a metric's key as words: ``build_minutes`` is ``build minutes``."""
    return name.replace("_", " ")


def told(result: PhaseResult) -> str:
    """Say in one line what became of a phase's steps."""
    if not result.steps:
        return ""
    done = sum(step.state is StepState.DONE for step in result.steps)
    changed = sum(step.changed for step in result.steps)
    steps = counted(len(result.steps), "step")
    return ", ".join(
        [
            steps if done == len(result.steps) else f"{done} of {steps} done",
            f"{changed} changed something" if changed else "nothing changed",
        ]
    )


def stops(cause: Cause) -> str:
    """Say what a blocking cause stops; what nobody could see stops until somebody can look."""
    return f"blocks {cause.phase}" + (" until somebody can look" if cause.unseen else "")


def _headline(report: Report, blocking: tuple[Cause, ...]) -> str:
    repo = report.repo
    match OUTCOMES.get(report.exit):
        case Outcome.GOOD:
            return _good(report)
        case Outcome.BLOCKED:
            things = counted(len(blocking), "thing")
            if report.command == "activate":
                stops = f"{things} to put right" if blocking else "a step could not go on"
                return f"{repo} is not live yet: {stops}"
            return f"{repo}: {things} {'blocks' if len(blocking) == 1 else 'block'} the way to live"
        case Outcome.WAITING:
            digest = f" of plan {report.plan.digest}" if report.plan else ""
            return f"{repo} waits for approval{digest}"
        case Outcome.DRIFTED:
            return f"{repo} has drifted from its accepted state"
        case Outcome.USAGE:
            return f"{repo}: the command was not understood"
        case _:
            failed = [step.step for phase in report.phases for step in phase.steps if _failed(step.state)]
            return f"{repo}: {', '.join(failed) or report.command} failed"


def _failed(state: StepState) -> bool:
    return state is StepState.FAILED


def _good(report: Report) -> str:
    repo = report.repo
    if report.command == "deactivate":
        return f"{repo} is deactivated"
    if report.command != "activate":
        return f"{repo}: nothing blocks the way to live"
    done = [result.phase for result in report.phases if result.state is StepState.DONE]
    if report.plan is not None:
        number = sum(len(planned.changes) for planned in report.plan.steps)
        return (
            f"{repo}: nothing left to change"
            if not number
            else f"{repo}: {counted(number, 'change')} planned"
        )
    if Phase.DEPLOYMENT in done and report.deployments:
        return f"{repo} is live"
    if len(done) == len(Phase):
        return f"{repo}: all five phases are done"
    return f"{repo}: {', '.join(done) or 'nothing'} done"


def broken_or_unknown(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return what is worth a person's eye: everything that does not hold, waived or not."""
    return tuple(finding for finding in findings if finding.verdict in (Verdict.BROKEN, Verdict.UNKNOWN))

"""A Report as one screen of text: the bottom line first, then what is live, what blocks, what to type next.

Lines are built once, of styled spans. Without colour they are joined; with colour Rich paints them. So
what a pipe gets is letter for letter what a person sees. Commands stand on lines of their own, are
never wrapped, and nothing but blanks stands around them: they can be copied as they are.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final, TextIO

from tasks.domain.answers import counted
from tasks.domain.critical_path import Cause
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding
from tasks.domain.plan import Plan
from tasks.domain.report import Report
from tasks.domain.step import StepResult, StepState
from tasks.reports.summary import (
    Outcome,
    Standing,
    duration,
    figure,
    printable,
    spoken,
    standing,
    stops,
    summarize,
    told,
    usd,
)

Span = tuple[str, str]
Line = tuple[Span, ...]

WIDTH: Final = 100
OTHERS_SHOWN: Final = 5
PLACES_SHOWN: Final = 3
EXCERPT_LINES: Final = 6

STATE_STYLES = {
    StepState.DONE: "green",
    StepState.BLOCKED: "bold red",
    StepState.WAITING: "yellow",
    StepState.FAILED: "bold red",
    StepState.SKIPPED: "dim",
}
OUTCOME_STYLES = {Outcome.GOOD: "bold green", Outcome.WAITING: "bold yellow", Outcome.DRIFTED: "bold yellow"}
STANDING_STYLES = {
    Standing.ALERT: "bold red",
    Standing.OFF_TARGET: "yellow",
    Standing.ON_TARGET: "green",
    Standing.UNKNOWN: "yellow",
}


def show(report: Report, stream: TextIO, environ: Mapping[str, str]) -> None:
    """Write the report to a stream, painted and as wide as the terminal when it is one."""
    if not wants_colour(stream, environ):
        stream.write(render(report))
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it

    stream.write(render(report, width=Console(file=stream).width, colour=True))


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether a stream is a terminal whose person has not declined colour (no-color.org)."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def render(report: Report, *, width: int = WIDTH, colour: bool = False) -> str:
    """Return the screen; prose is wrapped to ``width`` columns, commands and URLs never are."""
    lines = [
        tuple((printable(text), style) for text, style in line)
        for line in _lines(report, max(40, min(width, 120)))
    ]
    if not colour:
        return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
    return _painted(lines)


def _painted(lines: Iterable[Line]) -> str:
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
    from rich.text import Text  # noqa: PLC0415

    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="standard", width=10_000, legacy_windows=False
    )
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True, highlight=False, markup=False)
    return out.getvalue()


def _lines(report: Report, width: int) -> Iterator[Line]:
    summary = summarize(report)
    commit = f", commit {report.commit[:10]}" if report.commit else ""
    yield ((summary.headline, OUTCOME_STYLES.get(summary.outcome, "bold red")),)
    yield ((f"{duration(report.seconds)}{commit}; {summary.world}", "dim"),)
    yield from _live(report)
    yield from _phases(report, summary.blocking, width)
    yield from _holding(summary.holding, width)  # before what is to be done, which stays in sight
    yield from _blockers(report, summary.blocking, width)
    yield from _plan(report.plan)
    yield from _metrics(report)
    yield from _others(summary.others, summary.waived, report, width)
    yield from _places(report)
    yield from _next(report)


def _title(text: str, more: str = "") -> Iterator[Line]:
    yield ()
    yield ((text, "bold"), (f"  {more}" if more else "", "dim"))


def _live(report: Report) -> Iterator[Line]:
    if not report.deployments and report.release is None:
        return
    yield from _title("Live")
    names = [deployment.environment for deployment in report.deployments] + ["release"]
    column = max(len(name) for name in names)
    for deployment in report.deployments:
        version = deployment.version or "version unknown"
        yield (
            (f"  {deployment.environment:<{column}}  ", ""),
            (deployment.url, "cyan"),
            (f"  answers {version}" if deployment.version else f"  {version}", ""),
        )
    if report.release is not None:
        assets = counted(len(report.release.assets), "asset")
        yield (
            (f"  {'release':<{column}}  ", ""),
            (report.release.url, "cyan"),
            (f"  {report.release.tag}, {assets} downloaded and verified", ""),
        )


def _phases(report: Report, blocking: tuple[Cause, ...], width: int) -> Iterator[Line]:
    if not report.phases:
        return
    numbers = {finding.key: number for number, cause in enumerate(blocking, 1) for finding in cause.findings}
    yield from _title("Phases")
    column = max(len(result.phase) for result in report.phases)
    for result in report.phases:
        yield (
            (f"  {result.state:<7}", STATE_STYLES[result.state]),
            (f"  {result.phase:<{column}}  {_took(result.seconds):>12}  ", ""),
            (told(result), "dim"),
        )
        for step in result.steps:
            if step.state in (StepState.FAILED, StepState.WAITING) or step.findings:
                yield from _step(step, numbers, width)
        in_turn = [s.step for s in result.steps if s.state is StepState.BLOCKED and not s.findings]
        if in_turn:
            yield from _indented(f"blocked in turn: {', '.join(in_turn)}", width)
        yield from _skipped(result.steps, width)


def _took(seconds: float) -> str:
    return duration(seconds) if seconds else ""


def _step(step: StepResult, numbers: Mapping[str, int], width: int) -> Iterator[Line]:
    """Say how a step stands; what is told in full further down is only pointed to."""
    told_below = sorted({numbers[finding.key] for finding in step.findings if finding.key in numbers})
    why = f"see {', '.join(map(str, told_below))}" if told_below else " ".join(step.why.split())
    wrapped = textwrap.wrap(f"{step.state} {step.step}: {why}", width - 15)
    for number, text in enumerate(wrapped[:4]):
        yield (
            ("           " if number == 0 else "             ", ""),
            (text, "" if number else STATE_STYLES[step.state]),
        )


def _indented(text: str, width: int) -> Iterator[Line]:
    yield from (((f"           {line}", "dim"),) for line in textwrap.wrap(text, width - 15))


def _skipped(steps: tuple[StepResult, ...], width: int) -> Iterator[Line]:
    reasons: dict[str, list[str]] = {}
    for step in steps:
        if step.state is StepState.SKIPPED:
            reasons.setdefault(" ".join(step.why.split()), []).append(step.step)
    for why, names in reasons.items():
        said = f"skipped {', '.join(names)}" + (f": {why}" if why else "")
        yield from _indented(said, width)


def _blockers(report: Report, blocking: tuple[Cause, ...], width: int) -> Iterator[Line]:
    if not blocking:
        return
    minutes = report.critical_path_minutes
    together = " when everyone starts at once" if len(blocking) > 1 else ""
    about = "time unknown" if minutes is None else f"about {counted(minutes, 'minute')}{together}"
    yield from _title("What to put right, first things first", about)
    for number, cause in enumerate(blocking, 1):
        yield from _cause(number, cause, width)


def _cause(number: int, cause: Cause, width: int) -> Iterator[Line]:
    remedy = cause.remedy
    what = remedy.summary if remedy else "No remedy is known"
    who = f"{remedy.owner}, {remedy.minutes} min" if remedy else "owner and time unknown"
    head = textwrap.wrap(what, width - 6) or [what]
    yield ()
    yield ((f"  {number:>2}  ", "bold"), (head[0], "bold"))
    yield from ((("      ", ""), (text, "bold")) for text in head[1:])
    yield ((f"      {who}; {stops(cause)}", "dim"),)
    for finding in cause.findings[:PLACES_SHOWN]:
        yield from _finding(finding, width)
    if (hidden := len(cause.findings) - PLACES_SHOWN) > 0:
        yield ((f"      and {counted(hidden, 'more place')} with the same cause", "dim"),)
    if remedy and (remedy.commands or remedy.url or remedy.live):
        yield ()
        yield from (((f"          {command}", "cyan"),) for command in _one_per_line(remedy.commands))
        if remedy.url:
            yield ((f"          {remedy.url}", "cyan"),)
        if remedy.live:
            yield ((f"        live: {remedy.live}", "dim"),)


def _one_per_line(commands: tuple[str, ...]) -> Iterator[str]:
    for command in commands:
        yield from command.rstrip().splitlines()


def _finding(finding: Finding, width: int) -> Iterator[Line]:
    subject = "" if finding.subject == "*" or finding.subject in finding.message else f"{finding.subject}: "
    for text in textwrap.wrap(f"{subject}{finding.message}", width - 6):
        yield ((f"      {text}", ""),)
    places = [(evidence, _unquoted(evidence, finding)) for evidence in finding.evidence]
    places = [(one, excerpt) for one, excerpt in places if excerpt or one.file or one.url]
    for evidence, excerpt in places[:PLACES_SHOWN]:
        yield ((f"        {evidence}", "magenta"),)
        for text in excerpt.splitlines()[:EXCERPT_LINES]:
            yield ((f"          | {_clipped(text.strip(), width - 12)}", "dim"),)
    if (hidden := len(places) - PLACES_SHOWN) > 0:
        yield ((f"        and {counted(hidden, 'more place')}", "dim"),)
    yield ((f"        check {finding.check}", "dim"),)


def _unquoted(evidence: Evidence, finding: Finding) -> str:
    """Return what stands at a place, unless the message quotes it."""
    excerpt = evidence.excerpt or ""
    return "" if " ".join(excerpt.split()) in " ".join(finding.message.split()) else excerpt


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _plan(plan: Plan | None) -> Iterator[Line]:
    if plan is None or plan.empty:
        return
    yield from _title("Plan", f"digest {plan.digest}, adds {usd(plan.daily_usd)} a day")
    for planned in plan.steps:
        for change in planned.changes:
            lasting = "" if change.reversible else "  cannot be undone"
            cost = "" if change.daily_usd == 0 else f"  {usd(change.daily_usd)} a day"
            yield ((f"  {planned.phase:<12}  {change}", ""), (cost, "dim"), (lasting, "yellow"))


def _metrics(report: Report) -> Iterator[Line]:
    judged = [(metric, standing(metric)) for metric in report.metrics]
    if not judged:
        return
    yield from _title("Measured")
    column = max(len(metric.name) for metric, _ in judged)
    for metric, stand in judged:
        bounds = [
            f"{word} {figure(bound, metric.unit)}"
            for word, bound in (("target", metric.target), ("alert", metric.alert))
            if bound is not None
        ]
        yield (
            (f"  {spoken(metric.name):<{column}}  {figure(metric.value, metric.unit):>14}  ", ""),
            (
                f"{stand}" if stand not in (Standing.MEASURED, Standing.UNKNOWN) else "",
                STANDING_STYLES.get(stand, ""),
            ),
            (f"  {', '.join(bounds)}" if bounds else "", "dim"),
        )


def _holding(holding: tuple[Finding, ...], width: int) -> Iterator[Line]:
    """Say of each check what it found to be as it should be, one subject a line."""
    if not holding:
        return
    yield from _title("What holds")
    for check, found in groupby(holding, key=lambda finding: finding.check):
        yield ((f"  {check}", "green"),)
        for finding in found:
            subject = "all of it" if finding.subject == "*" else finding.subject
            told = f"{subject}: {finding.message}" if finding.message else subject
            yield ((f"    {_clipped(' '.join(told.split()), width - 4)}", "dim"),)


def _others(
    others: tuple[Cause, ...], waived: tuple[Finding, ...], report: Report, width: int
) -> Iterator[Line]:
    if others:
        yield from _title("Worth knowing", "nothing here blocks")
        for cause in others[:OTHERS_SHOWN]:
            finding = cause.findings[0]
            place = f"{finding.evidence[0]}: " if finding.evidence else ""
            more = f" (and {len(cause.findings) - 1} more)" if len(cause.findings) > 1 else ""
            told = f"{place}{finding.message}{more}"
            for number, text in enumerate(textwrap.wrap(told, width - 13, max_lines=2, placeholder=" ...")):
                yield ((f"  {finding.weight if number == 0 else '':<9}", "yellow"), (text, ""))
        if (hidden := len(others) - OTHERS_SHOWN) > 0:
            yield ((f"  and {hidden} more in the report", "dim"),)
    counts = [
        (report.held, "check result holds", "check results hold"),
        (len(waived), "finding is waived", "findings are waived"),
        (report.not_asked, "check was not asked here", "checks were not asked here"),
    ]
    said = [counted(number, one, many) for number, one, many in counts if number]
    if said:
        yield ()
        yield (("; ".join(said), "dim"),)
    for note in report.notes:
        for text in textwrap.wrap(note, width):
            yield ((text, ""),)


def _places(report: Report) -> Iterator[Line]:
    places = [("report", report.report_file), ("journal", report.journal_file)]
    known = [(name, place) for name, place in places if place]
    if known:
        yield ()
    for name, place in known:
        yield ((f"{name:<8} ", "dim"), (place, "cyan"))


def _next(report: Report) -> Iterator[Line]:
    if not report.next_commands:
        return
    yield from _title("Next")
    for command in _one_per_line(report.next_commands):
        yield ((f"  {command}", "cyan"),)

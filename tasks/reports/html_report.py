"""A Report as one self-contained page: no script, no request, light and dark, on paper too.

The page carries a content security policy that forbids everything but its own inline style, and every
value is escaped by the template engine; links are made only of http and https addresses.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from tasks.domain.answers import counted
from tasks.domain.critical_path import Cause, legs
from tasks.domain.evidence import Evidence
from tasks.domain.phase import Phase
from tasks.domain.report import Metric, Report
from tasks.domain.step import PhaseResult, StepState
from tasks.reports.summary import (
    Standing,
    duration,
    figure,
    spoken,
    standing,
    stops,
    summarize,
    told,
    usd,
)

if TYPE_CHECKING:
    from jinja2 import Template

SLIVER = 0.6  # per cent: what took no time worth the name is still to be seen
PLACES = 4  # of a finding, before the rest is folded away


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stretch of a line, in per cent of its length."""

    start: float
    width: float


@dataclass(frozen=True, kw_only=True)
class PhaseRow:
    """A phase with its place on the time line."""

    result: PhaseResult
    bar: Bar
    took: str
    told: str
    open: bool


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was seen in one file, or at one other place: each excerpt with its line, if it has one."""

    place: str
    url: str | None
    excerpts: tuple[tuple[int | None, str], ...]


@dataclass(frozen=True, kw_only=True)
class NumberedCause:
    """A cause as the critical path names it: ``number`` is its place in the list of what to put right."""

    number: int
    told: str
    about: str


@dataclass(frozen=True, kw_only=True)
class LegRow:
    """One owner's work in one phase, with its place on the critical path."""

    phase: Phase
    owner: str
    minutes: str
    causes: tuple[NumberedCause, ...]
    bar: Bar | None


@dataclass(frozen=True, kw_only=True)
class MetricRow:
    """A metric as words, and as a bar with a tick where target and alert are."""

    metric: Metric
    standing: Standing
    value: str
    target: str
    alert: str
    bar: Bar | None
    target_at: float | None
    alert_at: float | None


def render(report: Report) -> str:
    """Return the whole page as HTML."""
    summary = summarize(report)
    page: str = _template().render(
        report=report,
        summary=summary,
        phases=tuple(_phase_rows(report.phases)),
        legs=tuple(_leg_rows(report)),
        metrics=tuple(_metric_row(metric) for metric in report.metrics),
        plan=report.plan if report.plan is not None and not report.plan.empty else None,
    )
    # A file's name may hold bytes that are no text.
    return page.encode("utf-8", "backslashreplace").decode()


def link(url: str | None) -> str | None:
    """Return the address when a browser may follow it, else None: ``javascript:`` never becomes a link."""
    return url if url and url.startswith(("http://", "https://")) else None


def proofs(evidence: Sequence[Evidence]) -> tuple[Proof, ...]:
    """Gather neighbouring places of one file, so that the file is named once."""
    made: list[Proof] = []
    for (place, url), group in groupby(evidence, key=_of_one_file):
        seen = [(one.line, textwrap.dedent(one.excerpt or "").strip("\n")) for one in group]
        made.append(Proof(place=place, url=url, excerpts=tuple(one for one in seen if any(one))))
    return tuple(made)


def _of_one_file(evidence: Evidence) -> tuple[str, str | None]:
    file = (
        f"{evidence.file} (not committed)" if evidence.file and evidence.committed is False else evidence.file
    )
    return file or str(evidence), evidence.url


def size(octets: int | None) -> str:
    """Render a file's size in the unit people expect."""
    if octets is None:
        return "unknown"
    for unit, step in (("MB", 1_000_000), ("kB", 1_000)):
        if octets >= step:
            return f"{octets / step:,.1f} {unit}"
    return counted(octets, "byte")


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only a page pays for it

    environment = Environment(
        loader=PackageLoader("tasks.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        duration=duration, link=link, proofs=proofs, size=size, spoken=spoken, stops=stops, usd=usd
    )
    environment.globals.update(counted=counted, PLACES=PLACES)
    return environment.get_template("report.html")


def _phase_rows(results: tuple[PhaseResult, ...]) -> Iterator[PhaseRow]:
    whole = sum(result.seconds for result in results) or 1.0
    before = 0.0
    for result in results:
        width = max(SLIVER, 100 * result.seconds / whole)
        yield PhaseRow(
            result=result,
            bar=Bar(start=round(min(100 * before / whole, 100 - width), 2), width=round(width, 2)),
            took=duration(result.seconds) if result.seconds else "",
            told=told(result),
            open=result.state not in (StepState.DONE, StepState.SKIPPED),
        )
        before += result.seconds


def _leg_rows(report: Report) -> Iterator[LegRow]:
    summary = summarize(report)
    work = legs(summary.findings)
    if len(work) < 2:  # one owner in one phase: the list of what to do says it all
        return
    known = all(leg.minutes is not None for leg in work)
    longest: dict[Phase, int] = {}
    for leg in work:
        longest[leg.phase] = max(longest.get(leg.phase, 0), leg.minutes or 0)
    whole = sum(longest.values()) or 1
    number = {cause: at for at, cause in enumerate(summary.blocking, start=1)}
    for leg in work:
        before = sum(minutes for phase, minutes in longest.items() if phase.order < leg.phase.order)
        yield LegRow(
            phase=leg.phase,
            owner=leg.owner,
            minutes="unknown" if leg.minutes is None else f"{leg.minutes} min",
            causes=tuple(
                NumberedCause(
                    number=number[cause],
                    told=cause.remedy.summary if cause.remedy else "no remedy is known",
                    about=_about(cause),
                )
                for cause in leg.causes
            ),
            bar=Bar(start=round(100 * before / whole, 2), width=round(100 * (leg.minutes or 0) / whole, 2))
            if known
            else None,
        )


def _about(cause: Cause) -> str:
    first, *others = dict.fromkeys(one.subject if one.subject != "*" else one.check for one in cause.findings)
    return f"{first} and {len(others)} more" if others else first


def _metric_row(metric: Metric) -> MetricRow:
    bounds = [bound for bound in (metric.target, metric.alert) if bound is not None]
    # Without a bound there is nothing to hold the value against, and a bar would say nothing.
    whole = max(*bounds, metric.value or 0.0) * 1.1 if bounds else 0.0

    def at(value: float | None) -> float | None:
        return None if value is None or whole <= 0 else round(100 * max(value, 0.0) / whole, 2)

    value = at(metric.value)
    return MetricRow(
        metric=metric,
        standing=standing(metric),
        value=figure(metric.value, metric.unit),
        target="" if metric.target is None else figure(metric.target, metric.unit),
        alert="" if metric.alert is None else figure(metric.alert, metric.unit),
        bar=None if value is None else Bar(start=0, width=max(value, SLIVER)),
        target_at=at(metric.target),
        alert_at=at(metric.alert),
    )

"""A Report as Markdown, for GITHUB_STEP_SUMMARY and Prefect artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import counted
from tasks.domain.critical_path import Cause
from tasks.domain.report import Report
from tasks.reports.summary import duration, figure, spoken, standing, stops, summarize, told, usd


def render(report: Report) -> str:
    """Return the page; whatever comes from outside is escaped or fenced, so it cannot become markup."""
    summary = summarize(report)
    commit = f", commit `{report.commit[:10]}`" if report.commit else ""
    lines = [f"# {_text(summary.headline)}", "", f"{duration(report.seconds)}{commit}; {summary.world}.", ""]
    lines += _live(report)
    lines += _phases(report)
    lines += _blocking(report, summary.blocking)
    lines += _plan(report)
    lines += _metrics(report)
    lines += _others(summary.others)
    if report.next_commands:
        lines += ["## Next", "", *_fenced("\n".join(report.next_commands), "sh"), ""]
    return "\n".join(lines).rstrip() + "\n"


def _live(report: Report) -> Iterator[str]:
    if report.deployments:
        yield from ("## Live", "", "| environment | url | version | sha256 |", "|---|---|---|---|")
        for deployment in report.deployments:
            cells = (deployment.environment, deployment.url, deployment.version, deployment.sha256)
            yield _row(*(cell or "unknown" for cell in cells))
        yield ""
    if report.release is not None:
        yield from (f"## Release {_text(report.release.tag)}", "", _text(report.release.url), "")
        yield from ("| asset | sha256 |", "|---|---|")
        for asset in report.release.assets:
            yield _row(asset.name, asset.sha256)
        yield ""


def _phases(report: Report) -> Iterator[str]:
    if not report.phases:
        return
    yield from ("## Phases", "", "| phase | state | took | steps |", "|---|---|---:|---|")
    for result in report.phases:
        yield _row(result.phase, result.state, duration(result.seconds), told(result))
    yield ""


def _blocking(report: Report, blocking: tuple[Cause, ...]) -> Iterator[str]:
    if not blocking:
        return
    minutes = report.critical_path_minutes
    about = "unknown" if minutes is None else counted(minutes, "minute")
    yield from ("## What to put right, first things first", "", f"Critical path: {about}.", "")
    for number, cause in enumerate(blocking, 1):
        yield from _cause(number, cause)


def _cause(number: int, cause: Cause) -> Iterator[str]:
    remedy = cause.remedy
    yield f"### {number}. {_text(remedy.summary if remedy else 'No remedy is known')}"
    yield ""
    who = f"{remedy.owner}, {remedy.minutes} min" if remedy else "owner and time unknown"
    yield f"{_text(who)}; {stops(cause)}."
    yield ""
    for finding in cause.findings:
        places = ", ".join(_code(str(evidence)) for evidence in finding.evidence)
        yield f"- {_text(finding.message)}" + (f" ({places})" if places else "")
        for evidence in finding.evidence:
            if evidence.excerpt:
                yield from (f"  {line}" for line in ("", *_fenced(evidence.excerpt, "text"), ""))
    yield ""
    if remedy and remedy.commands:
        yield from (*_fenced("\n".join(remedy.commands), "sh"), "")
    if remedy and remedy.url:
        yield from (_text(remedy.url), "")
    if remedy and remedy.live:
        yield from (f"Live: {_code(remedy.live)}", "")


def _plan(report: Report) -> Iterator[str]:
    if report.plan is None or report.plan.empty:
        return
    cost = usd(report.plan.daily_usd)
    yield from (f"## Plan `{report.plan.digest}`", "", f"Adds {cost} a day.", "")
    yield from ("| phase | step | change | undo |", "|---|---|---|---|")
    for planned in report.plan.steps:
        for change in planned.changes:
            yield _row(planned.phase, planned.step, str(change), "yes" if change.reversible else "no")
    yield ""


def _metrics(report: Report) -> Iterator[str]:
    if not report.metrics:
        return
    yield from ("## Measured", "", "| metric | value | target | alert | stands |", "|---|---:|---:|---:|---|")
    for metric in report.metrics:
        bounds = [
            "" if bound is None else figure(bound, metric.unit) for bound in (metric.target, metric.alert)
        ]
        yield _row(spoken(metric.name), figure(metric.value, metric.unit), *bounds, standing(metric))
    yield ""


def _others(others: tuple[Cause, ...]) -> Iterator[str]:
    if not others:
        return
    yield from ("## Worth knowing", "", "| weight | finding | place |", "|---|---|---|")
    for cause in others:
        for finding in cause.findings:
            place = str(finding.evidence[0]) if finding.evidence else ""
            yield _row(finding.weight, finding.message, place)
    yield ""


def _text(text: str) -> str:
    """Escape whatever Markdown or HTML would read as markup, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#~!])", r"\\\1", " ".join(text.split())).replace("&", "&amp;")


def _row(*cells: str) -> str:
    return f"| {' | '.join(_text(cell) for cell in cells)} |"


def _code(text: str) -> str:
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{' '.join(text.split())}{pad}{ticks}"


def _fenced(text: str, language: str) -> list[str]:
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return [f"{fence}{language}", *text.splitlines(), fence]

"""What the first run measured, against the thresholds: a figure beyond its alert is a warning."""

from __future__ import annotations

from collections.abc import Callable

from flows.session import Learned
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.report import Metric
from tasks.domain.run_metrics import run_metrics
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.facts.run_records import run_records
from tasks.reports.summary import Standing, figure, standing
from tasks.steps.runs_green import FirstRun
from tasks.steps.step import Step
from tasks.systems.github import GitHub

CHECK = "metric-within-alert"
Metrics = tuple[Metric, ...] | None


def measured(
    settings: Settings, github: GitHub, runs: Callable[[], FirstRun | None], learned: Learned
) -> Step[Metrics]:
    """Return the step that measures the runs of the push, green or red; it changes nothing."""

    def look() -> Metrics:
        seen = runs()
        if seen is None or not seen.runs:
            return None
        listed = [(watched.run, watched.view.jobs) for watched in seen.runs.values()]
        metrics = run_metrics(run_records(github, listed), settings.thresholds)
        learned.metrics[:] = metrics
        learned.findings[:] = [one for one in learned.findings if one.check != CHECK]
        learned.findings += alerts(metrics)
        return metrics

    return Step(
        name="metrics",
        phase=Phase.FIRST_RUN,
        title="What the runs took",
        look=look,
        decide=decide,
        act=_nothing,
        describe=said,
    )


def decide(metrics: Metrics) -> Decision:
    """Say what was measured; nothing is left to do."""
    if metrics is None:
        return Decision(skipped=True, why="there is no run to measure")
    return Decision(why=said(metrics))


def said(metrics: Metrics) -> str:
    """Name the figures that are beyond their alert, or count those that could be read."""
    if metrics is None:
        return "no runs"
    beyond = [metric for metric in metrics if standing(metric) is Standing.ALERT]
    if beyond:
        return "beyond the alert: " + ", ".join(f"{one.name} {figure(one.value, one.unit)}" for one in beyond)
    read = sum(metric.value is not None for metric in metrics)
    return f"{read} of {len(metrics)} figures read, none beyond its alert"


def alerts(metrics: tuple[Metric, ...]) -> list[Finding]:
    """Return one warning for each figure beyond its alert."""
    return [
        Finding(
            check=CHECK,
            phase=Phase.FIRST_RUN,
            subject=metric.name,
            verdict=Verdict.BROKEN,
            weight=Weight.WARNING,
            message=f"{metric.name} is {figure(metric.value, metric.unit)}, "
            f"the alert is at {figure(metric.alert, metric.unit)}",
            evidence=(Evidence(source="github", excerpt=metric.source or None),),
            remedy=Remedy(summary="Find out what costs the most, or change the threshold", minutes=30),
        )
        for metric in metrics
        if standing(metric) is Standing.ALERT
    ]


def _nothing(_change: object, _seen: object) -> None:
    raise AssertionError("a measurement decides on no change")

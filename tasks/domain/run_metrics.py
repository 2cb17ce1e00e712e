"""The figures of a first run against their targets; what could not be read is None, never zero."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks.domain.report import Metric
from tasks.domain.run import Run, RunArtifact
from tasks.domain.run_log import clean, counted
from tasks.domain.settings import Threshold

_HIT = re.compile(r"^(?:Cache restored (?:successfully|from key)|Cache hit (?:for|occurred))", re.IGNORECASE)
_MISS = re.compile(r"^(?:Cache not found for|No cache found)", re.IGNORECASE)
# Which workflow a threshold speaks of, by a word of its file name; the first that fits decides.
_KINDS = (("integration_minutes", "integration"), ("test_minutes", "test"), ("build_minutes", "build"))


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A finished run with all its logs (None for one that could not be read) and its artifacts (likewise)."""

    run: Run
    logs: tuple[str | None, ...]
    artifacts: tuple[RunArtifact, ...] | None


def run_metrics(records: Sequence[RunRecord], thresholds: Mapping[str, Threshold]) -> tuple[Metric, ...]:
    """Return the figures of the runs: minutes by kind and by workflow, tests, artifacts, caches."""
    logs = [log for record in records for log in record.logs]
    return (
        *_minutes(records, thresholds),
        *_tests(records, logs, thresholds),
        _artifacts(records, thresholds),
        _caches(logs, thresholds),
    )


def kind_of(workflow: str) -> str | None:
    """Return the threshold that speaks of a workflow file, None when none does."""
    stem = workflow.rpartition("/")[2].rpartition(".")[0].lower()
    named = next((kind for kind, word in _KINDS if word in stem), None)
    return named or ("build_minutes" if stem == "ci" else None)


def _minutes(records: Sequence[RunRecord], thresholds: Mapping[str, Threshold]) -> Iterator[Metric]:
    for kind, _ in _KINDS:
        mine = [record.run for record in records if kind_of(record.run.workflow) == kind]
        if mine:
            seconds = [whole for run in mine if (whole := _whole(run)) is not None]
            longest = max(seconds) / 60 if len(seconds) == len(mine) else None
            files = ", ".join(sorted(run.workflow.rpartition("/")[2] for run in mine))
            yield _metric(kind, longest, "min", thresholds, files)
    for record in sorted(records, key=lambda record: record.run.workflow):
        if kind_of(record.run.workflow) is None:
            file = record.run.workflow.rpartition("/")[2]
            whole = _whole(record.run)
            value = None if whole is None else whole / 60
            yield _metric(f"{file} minutes", value, "min", thresholds, file)


def _whole(run: Run) -> float | None:
    """Return what a run took from beginning to end; one that did not succeed ended early."""
    return run.seconds if run.conclusion == "success" else None


def _tests(
    records: Sequence[RunRecord], logs: Sequence[str | None], thresholds: Mapping[str, Threshold]
) -> Iterator[Metric]:
    found = [counts for log in logs if log is not None and (counts := counted(log))]
    failed = sum(counts.failed for counts in found)
    # Of runs that did not succeed for another reason, nobody knows how many tests were not reached.
    reached = failed > 0 or all(record.run.conclusion == "success" for record in records)
    known = bool(found) and None not in logs and reached
    source = f"`test result:` lines of {len(found)} jobs"
    yield _metric(
        "passed_tests", sum(one.passed for one in found) if known else None, "tests", thresholds, source
    )
    # A failure that was seen is one, even when other logs could not be read.
    yield _metric("failed_tests", failed if known or failed else None, "tests", thresholds, source)


def _artifacts(records: Sequence[RunRecord], thresholds: Mapping[str, Threshold]) -> Metric:
    sizes = [
        None if record.artifacts is None else sum(artifact.size for artifact in record.artifacts)
        for record in records
    ]
    known = [size for size in sizes if size is not None]
    value = sum(known) / 1_000_000 if known and len(known) == len(sizes) else None
    return _metric("artifact_megabytes", value, "MB", thresholds, "artifacts of the runs")


def _caches(logs: Sequence[str | None], thresholds: Mapping[str, Threshold]) -> Metric:
    lines = [line.text for log in logs if log is not None for line in clean(log)]
    hits = sum(_HIT.match(line) is not None for line in lines)
    misses = sum(_MISS.match(line) is not None for line in lines)
    asked = hits + misses
    value = 100 * hits / asked if asked and None not in logs else None
    return _metric("cache_hit_percent", value, "%", thresholds, f"{asked} cache look-ups in the logs")


def _metric(
    name: str, value: float | None, unit: str, thresholds: Mapping[str, Threshold], source: str
) -> Metric:
    threshold = thresholds.get(name)
    return Metric(
        name=name,
        value=None if value is None else round(value, 2),
        unit=unit,
        target=threshold.target if threshold else None,
        alert=threshold.alert if threshold else None,
        source=source,
    )

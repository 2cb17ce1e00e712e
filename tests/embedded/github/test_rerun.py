"""Which jobs a rerun takes over."""

from datetime import UTC, datetime

import pytest

from deployments.embedded.github.actions.rerun import carried_over
from deployments.embedded.github.records.actions import Job
from deployments.embedded.runner.interface import JobRecord

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DOCUMENT = {
    "jobs": {
        "build": {},
        "lint": {},
        "test": {"needs": "build"},
        "ship": {"needs": ["test", "lint"]},
    }
}


def job(number: int, key: str) -> Job:
    record = JobRecord(
        id=number,
        key=key,
        name=key,
        status="completed",
        conclusion="success",
        created_at="2026-11-22T00:00:00Z",
    )
    return Job(id=number, run_id=1, repository_id=1, attempt=1, created_at=NOW, record=record)


BEFORE = [job(number, key) for number, key in enumerate(("build", "lint", "test", "ship", "call/inner"))]


@pytest.mark.parametrize(
    ("again", "kept"),
    [
        ({"ship"}, ["build", "lint", "test", "call/inner"]),
        ({"test"}, ["build", "lint", "call/inner"]),
        ({"build"}, ["lint", "call/inner"]),
        ({"call/other"}, ["build", "lint", "test", "ship"]),
    ],
)
def test_what_runs_again_takes_everything_downstream_with_it(again: set[str], kept: list[str]) -> None:
    assert [item.record.key for item in carried_over(DOCUMENT, BEFORE, again)] == kept

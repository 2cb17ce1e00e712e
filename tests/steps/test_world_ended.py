"""The machine that runs the jobs goes away in the middle: the next activation starts them again by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from deployments.embedded.github import EmbeddedGitHub
from tasks.domain.run import Job, Run, RunAnnotation, RunView
from tasks.domain.step import StepState
from tasks.steps.watched_runs import LOST_ATTEMPTS, FailedJob, WatchedRun
from tests.steps.conftest import CI, DEPLOY, RELEASE, Place
from tests.steps.test_killed_and_run_again import KilledError, Killing, activate

LOST = "The hosted runner lost communication with the server."
RUN = Run(
    id=7,
    workflow=".github/workflows/ci.yml",
    name="CI",
    event="push",
    sha="a" * 40,
    ref="main",
    status="completed",
    conclusion="failure",
    attempt=1,
    title="A change",
    url="",
    created_at="2026-11-22T12:00:00Z",
)
JOB = Job(id=8, run_id=7, run_attempt=1, name="test", status="completed", conclusion="failure", url="")


def ended(*messages: str, attempt: int = 1) -> WatchedRun:
    """Return a run with one failed job for each message of an annotation."""
    jobs = [
        FailedJob(
            job=JOB, annotations=(RunAnnotation(path=".github", line=1, level="failure", message=message),)
        )
        for message in messages
    ]
    return WatchedRun(view=RunView(run=replace(RUN, attempt=attempt), jobs=(JOB,)), failed=tuple(jobs))


def test_jobs_whose_machine_went_away_are_started_again_a_few_times() -> None:
    worth = [ended(LOST, attempt=attempt).may_pass for attempt in range(1, LOST_ATTEMPTS + 2)]
    assert worth == [True] * LOST_ATTEMPTS + [False]


def test_each_new_attempt_is_a_change_of_its_own() -> None:
    assert ended(LOST, attempt=1).again.target != ended(LOST, attempt=2).again.target


def test_a_job_that_failed_by_itself_is_not_started_again_with_one_whose_machine_went_away() -> None:
    assert not ended(LOST, "error[E0308]: mismatched types").may_pass


@contextmanager
def world_again(place: Place) -> Iterator[Place]:
    """Stop the world in the middle of a job and start it again where it was."""
    state = place.embedded.forge.store.directory
    place.embedded.stop()
    embedded = EmbeddedGitHub(state, world_id=f"again-{place.settings.state_directory}")
    embedded.start()
    try:
        moved = replace(place, embedded=embedded)
        yield replace(moved, github=moved.again())
    finally:
        embedded.stop()


# Words of the journal: 2 is after the push, 4 after the tag, 6 after the dispatch for staging.
@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "text", "word"), [("ci", CI, 2), ("release", RELEASE, 4), ("deploy", DEPLOY, 6)]
)
def test_a_run_that_was_cut_off_is_started_again_and_nothing_is_there_twice(
    place: Place, name: str, text: str, word: int
) -> None:
    flag = place.service.nodes / "begun"
    wait = f"      - run: test -e {flag} || {{ touch {flag}; sleep 60; }}\n"
    place.write(f".github/workflows/{name}.yml", text.replace("    steps:\n", f"    steps:\n{wait}"))
    with pytest.raises(KilledError):
        activate(place, Killing(word))
    end = time.monotonic() + 30
    while not flag.exists():
        assert time.monotonic() < end, f"{name} never began"
        time.sleep(0.02)
    with world_again(place) as again:
        assert activate(again, Killing(None)) == [StepState.DONE] * 6
        runs = again.github.runs
        dispatched = [run.title for run in runs.of_workflow("deploy.yml", event="workflow_dispatch")]
        assert sorted(dispatched) == ["Deploy 0.1.0 to production", "Deploy 0.1.0 to staging"]
        assert len(again.github.releases.of_tag("v0.1.0")) == 1
        assert len(runs.of_workflow("release.yml")) == 1
        for environment in ("staging", "production"):
            states = [one.state for one in again.github.deployments.of_environment(environment)]
            assert states.count("success") == 1

"""A rehearsal is interrupted in the middle of a run: its processes end, and the next one finishes it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import psutil
import pytest

from flows.interruption import on_interruption
from tasks.domain.run import Run, RunView
from tasks.domain.step import StepState
from tasks.steps.watched_runs import WatchedRun
from tests.steps.conftest import CI, DEPLOY, RELEASE, Place
from tests.steps.test_killed_and_run_again import KilledError, Killing, activate
from tests.steps.test_world_ended import RUN

CANCELLED: Run = replace(RUN, conclusion="cancelled")


def next_second() -> None:
    """Wait until a moment that GitHub, which tells whole seconds, tells apart from this one."""
    second = datetime.now(UTC).replace(microsecond=0)
    while datetime.now(UTC).replace(microsecond=0) == second:
        time.sleep(0.02)


def test_only_what_was_cancelled_before_this_activation_is_started_again() -> None:
    before = WatchedRun(view=RunView(run=CANCELLED), stale=True)
    assert before.may_pass
    assert before.again.why == "it was cancelled before"
    assert not WatchedRun(view=RunView(run=CANCELLED)).may_pass  # somebody does not want it now
    assert not WatchedRun(view=RunView(run=RUN), stale=True).may_pass


# Words of the journal: 2 is after the push, 4 after the tag, 6 after the dispatch for staging.
@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "text", "word"), [("ci", CI, 2), ("release", RELEASE, 4), ("deploy", DEPLOY, 6)]
)
def test_a_run_that_was_cancelled_by_an_interruption_is_started_again(
    place: Place, name: str, text: str, word: int
) -> None:
    flag = place.service.nodes / "begun"
    wait = f"      - run: test -e {flag} || {{ echo $$ > {flag}; sleep 60; }}\n"
    place.write(f".github/workflows/{name}.yml", text.replace("    steps:\n", f"    steps:\n{wait}"))
    with pytest.raises(KilledError):
        activate(place, Killing(word))
    end = time.monotonic() + 30
    while not (flag.exists() and flag.read_text().strip()):
        assert time.monotonic() < end, f"{name} never began"
        time.sleep(0.02)
    settings = replace(place.settings, commit=place.git.head())
    said = on_interruption(settings, place.again)
    assert said.startswith(f"cancelled in the embedded GitHub: {text.split()[1]} (run "), said
    assert "still ending" not in said
    assert not psutil.pid_exists(int(flag.read_text()))
    waiting = [child for child in psutil.Process().children(recursive=True) if child.name() == "sleep"]
    assert not [child for child in waiting if child.status() != psutil.STATUS_ZOMBIE]
    next_second()
    assert activate(place, Killing(None)) == [StepState.DONE] * 6
    (run,) = [run for run in place.github.runs.of_workflow(f"{name}.yml") if run.attempt > 1]
    assert (run.attempt, run.conclusion) == (2, "success")
    dispatched = place.github.runs.of_workflow("deploy.yml", event="workflow_dispatch")
    assert sorted(one.title for one in dispatched) == [
        "Deploy 0.1.0 to production",
        "Deploy 0.1.0 to staging",
    ]


@pytest.mark.processes
def test_a_run_that_was_cancelled_before_its_first_job_is_started_again_as_well(place: Place) -> None:
    flag = place.service.nodes / "begun"
    wait = f"      - run: test -e {flag} || {{ touch {flag}; sleep 60; }}\n"
    text = CI.replace("jobs:\n", "concurrency: moon\njobs:\n").replace("    steps:\n", f"    steps:\n{wait}")
    place.write(".github/workflows/ci.yml", text)
    place.write(".github/workflows/more.yml", text.replace("name: CI", "name: More"))
    with pytest.raises(KilledError):
        activate(place, Killing(2))
    commit = place.git.head() or ""
    end = time.monotonic() + 30
    while not (flag.exists() and "pending" in [run.status for run in place.again().runs.of_commit(commit)]):
        assert time.monotonic() < end, place.again().runs.of_commit(commit)
        time.sleep(0.02)
    on_interruption(replace(place.settings, commit=commit), place.again)
    assert [] in [list(place.again().runs.jobs(run.id)) for run in place.again().runs.of_commit(commit)]
    next_second()
    assert activate(place, Killing(None)) == [StepState.DONE] * 6

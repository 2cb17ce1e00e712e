"""The process of an embedded GitHub is killed or stopped; the next one goes on from what it left."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.embedded.github.records.repositories import Push
from deployments.embedded.github.store import Store
from tests.embedded.github.conftest import Hub, opened, until

pytestmark = pytest.mark.processes

FILE = ".github/workflows/ci.yml"
TWO_JOBS = """\
on: push
jobs:
  first:
    runs-on: ubuntu-latest
    steps:
      - run: echo first >> {count}
  second:
    needs: first
    runs-on: ubuntu-latest
    steps:
      - run: echo second >> {count}
"""
SLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: touch {flag}; sleep 30\n"
NOWHERE: dict[str, str] = {}


def again(hub: Hub, change: Callable[[Store], None]) -> None:
    """Start once more on what a process left behind, as it would lie there had it been killed."""
    state: Path = hub.github.forge.store.directory
    hub.github.stop()
    store = Store(state)
    change(store)
    store.close()
    hub.github = opened(state)
    for client in hub.clients:
        client.base = hub.github.api_url


def queue(store: Store) -> None:
    """Make the only run one that has not ended."""
    for run in store.runs.all():
        attempt = replace(run.latest, status="queued", conclusion=None)
        store.runs.put(replace(run, attempts=(attempt,)))


@pytest.fixture
def count(tmp_path: Path) -> Path:
    return tmp_path / "count"


@pytest.fixture
def ended(hub: Hub, count: Path) -> Hub:
    """Return a hub in which a run of two jobs has ended."""
    sha = hub.release({FILE: TWO_JOBS.format(count=count)})
    client = hub.engineer()
    assert hub.wait(client, hub.run(client, sha)["id"])["conclusion"] == "success"
    return hub


def test_a_run_none_of_whose_jobs_had_begun_begins_after_the_restart(ended: Hub, count: Path) -> None:
    count.unlink()

    def killed(store: Store) -> None:
        queue(store)
        for job in store.jobs.all():
            store.jobs.remove(job.id)

    again(ended, killed)
    run = ended.wait(ended.clients[0], ended.github.forge.store.runs.all()[0].id)
    assert (run["conclusion"], run["run_attempt"]) == ("success", 1)
    assert count.read_text() == "first\nsecond\n"


def test_a_run_killed_between_two_jobs_goes_on_with_the_second(ended: Hub, count: Path) -> None:
    def killed(store: Store) -> None:
        queue(store)
        (last,) = [job for job in store.jobs.all() if job.record.key == "second"]
        store.jobs.remove(last.id)

    again(ended, killed)
    run = ended.wait(ended.clients[0], ended.github.forge.store.runs.all()[0].id)
    assert (run["conclusion"], run["run_attempt"]) == ("success", 1)
    assert count.read_text() == "first\nsecond\nsecond\n"
    assert len(ended.github.forge.store.jobs.all()) == 2


def test_a_push_that_was_taken_in_without_its_runs_gets_them_after_the_restart(ended: Hub) -> None:
    def killed(store: Store) -> None:
        (run,) = store.runs.all()
        store.runs.remove(run.id)
        store.pushes.put(pushed(ended, store))

    again(ended, killed)
    until(ended.github.forge.store.runs.all, lambda runs: len(runs) == 1)
    assert ended.github.forge.store.pushes.all() == []


def test_a_run_that_a_killed_push_had_started_is_not_started_again(ended: Hub) -> None:
    def killed(store: Store) -> None:
        store.pushes.put(pushed(ended, store, id=1))

    again(ended, killed)
    assert len(ended.github.forge.store.runs.all()) == 1


def test_a_push_leaves_nothing_to_be_gone_on_with(ended: Hub) -> None:
    assert ended.github.forge.store.pushes.all() == []


def test_jobs_that_a_stop_cancelled_say_that_their_runner_was_shut_down(hub: Hub, tmp_path: Path) -> None:
    flag = tmp_path / "begun"
    sha = hub.release({FILE: SLOW.format(flag=flag)})
    client = hub.engineer()
    until(flag.exists, bool)
    again(hub, lambda _: None)
    run = hub.run(client, sha)
    assert (run["status"], run["conclusion"]) == ("completed", "cancelled")
    (job,) = client.ok("GET", f"{hub.path}/actions/runs/{run['id']}/jobs")["jobs"]
    notes = client.ok("GET", f"{hub.path}/check-runs/{job['id']}/annotations")
    assert any("The runner has received a shutdown signal." in note["message"] for note in notes)


def pushed(hub: Hub, store: Store, **more: int) -> Push:
    """Return the note of a push of the first commit."""
    return Push(
        repository_id=hub.repository.id,
        login="dev",
        refs=NOWHERE,
        quiet=False,
        created_at=hub.github.forge.now(),
        **{"id": store.next_id(), **more},
    )


def test_an_artifact_of_an_attempt_that_was_cut_off_does_not_stand_in_the_way(
    hub: Hub, tmp_path: Path
) -> None:
    flag, seen = tmp_path / "begun", tmp_path / "seen"
    text = f"""\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: test -e {flag} && echo second > word || echo first > word
      - uses: actions/upload-artifact@v4
        with: {{name: words, path: word}}
      - run: test -e {flag} || {{ touch {flag}; sleep 30; }}
  b:
    needs: a
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: {{name: words}}
      - run: cp word {seen}
"""
    sha = hub.release({FILE: text})
    client = hub.engineer()
    until(flag.exists, bool)
    again(hub, lambda _: None)
    number = hub.run(client, sha)["id"]
    client.ok("POST", f"{hub.path}/actions/runs/{number}/rerun-failed-jobs")
    run = hub.wait(client, number)
    assert (run["conclusion"], run["run_attempt"]) == ("success", 2)
    assert seen.read_text() == "second\n"

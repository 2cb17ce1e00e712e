"""Which jobs of a workflow that each push starts wait for a release."""

from __future__ import annotations

import pytest

from tasks.domain.finding import Weight
from tasks.domain.phase import Phase
from tasks.domain.release_job import only_at_release
from tasks.domain.workflow import Workflows
from tasks.domain.workflow_phase import placed
from tests.checks.testing import CI, ask, snapshot

TEXT = """\
on: {push: {branches: [main]}, workflow_dispatch: {}}
jobs:
  release-please:
    runs-on: ubuntu-latest
    outputs: {release_created: "${{ steps.a.outputs.release_created }}"}
    steps: [{id: a, uses: googleapis/release-please-action@v4}]
  build:
    needs: release-please
    if: IF
    runs-on: macos-13
    steps: [{run: make}]
  publish:
    needs: build
    runs-on: macos-13
    steps: [{run: make}]
"""
CREATED = "needs.release-please.outputs.release_created"


def waits(condition: str, *lines: int) -> bool:
    workflows = snapshot({CI: TEXT.replace("IF", f'"{condition}"')}).get(Workflows)
    assert isinstance(workflows, Workflows)
    return only_at_release(workflows.files[0], lines)


@pytest.mark.parametrize(
    "condition",
    [
        CREATED,
        f"${{{{ {CREATED} == 'true' }}}}",
        "github.actor != 'x' && needs.release-please.outputs['app--release_created'] == 'true'",
        "startsWith(github.ref, 'refs/tags/v')",
        "github.event_name == 'release'",
    ],
)
def test_a_job_that_waits_for_a_release_and_one_that_needs_it_run_at_a_release_only(condition: str) -> None:
    assert waits(condition, 10)
    assert waits(condition, 10, 14)
    assert not waits(condition, 10, 4)
    assert not waits(condition, 1)


@pytest.mark.parametrize(
    "condition",
    [
        "github.ref == 'refs/heads/main'",
        f"{CREATED} != 'true'",
        f"{CREATED} == 'true' || github.event_name == 'workflow_dispatch'",
        "github.event_name != 'release'",
        "startsWith(github.ref, 'refs/heads/')",
    ],
)
def test_a_job_that_may_run_without_a_release_does_not_wait(condition: str) -> None:
    assert not waits(condition, 10)


def test_a_job_that_runs_whatever_became_of_others_does_not_wait() -> None:
    text = TEXT.replace("IF", CREATED).replace("    needs: build\n", "    needs: build\n    if: always()\n")
    workflows = snapshot({CI: text}).get(Workflows)
    assert isinstance(workflows, Workflows)
    assert not only_at_release(workflows.files[0], [15])


def test_what_only_builds_releases_stops_the_release() -> None:
    for condition, phase in ((CREATED, Phase.RELEASE), ("github.actor != 'x'", Phase.FIRST_RUN)):
        files = {CI: TEXT.replace("IF", condition)}
        (found,) = ask("runner-label-exists", files)
        assert [one.line for one in found.evidence] == [10, 14]
        one = placed(found, snapshot(files))
        assert (one.phase, one.weight) == (phase, Weight.BLOCKER)

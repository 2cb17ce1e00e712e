"""Which jobs may fail without loss, and what that makes of a blocker."""

from __future__ import annotations

import pytest

from tasks.checks import load
from tasks.domain.finding import Finding
from tasks.domain.workflow_phase import placed
from tests.checks.testing import CI, snapshot

BUILD = """\
on: push
jobs:
  build:
    strategy:
      matrix:
        include:
          - os: ubuntu-24.04
            experimental: false
          - os: ubuntu-18.04
            experimental: true
    runs-on: ${{ matrix.os }}
    continue-on-error: %s
    steps:
      - run: make
      - uses: actions/upload-artifact@v4
        with: {name: "app-${{ matrix.os }}", path: app}
"""
NEXT = """\
  publish:
    needs: build
    runs-on: ubuntu-24.04
%s    steps:
      - %s
"""
ALL = "uses: actions/download-artifact@v4"


def _told(text: str) -> Finding:
    seen = snapshot({CI: text})
    check = next(one for one in load() if one.id == "runner-label-exists")
    (found,) = [one for one in check.evaluate(seen) if one.subject == "ubuntu-18.04"]
    return placed(found, seen)


@pytest.mark.parametrize(
    "written", ["true", "${{ matrix.experimental }}", "${{ matrix.os == 'ubuntu-18.04' }}"]
)
def test_a_leg_that_may_fail_blocks_nothing_and_what_is_lost_is_named(written: str) -> None:
    told = _told(BUILD % written + NEXT % ("", ALL))
    assert told.weight == "warning"
    assert "lets the run go on without 'build', so without `app-ubuntu-18.04`" in told.message


@pytest.mark.parametrize("written", ["false", "${{ !matrix.experimental }}", "${{ inputs.lenient }}"])
def test_a_leg_that_may_not_fail_for_certain_blocks(written: str) -> None:
    told = _told(BUILD % written)
    assert (told.weight, "go on without" in told.message) == ("blocker", False)


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ("    if: needs.build.result == 'success'\n", "run: x"),
        ("", "run: echo ${{ needs.build.outputs.version }}"),
        ("", f"{ALL}\n        with: {{name: app-ubuntu-18.04}}"),
        ("", f"{ALL}\n      - run: cat app-ubuntu-18.04/app"),
    ],
)
def test_a_later_job_that_misses_the_leg_keeps_the_blocker(more: str, step: str) -> None:
    assert _told(BUILD % "true" + NEXT % (more, step)).weight == "blocker"


def test_a_leg_of_the_same_machine_that_may_not_fail_keeps_the_blocker() -> None:
    other = "          - {os: ubuntu-18.04, experimental: false, name: other}\n    runs-on"
    text = (BUILD % "${{ matrix.experimental }}").replace("    runs-on", other, 1)
    assert _told(text).weight == "blocker"


def test_a_job_of_one_leg_is_missed_by_whoever_takes_its_artifacts() -> None:
    head, tail = (
        (BUILD % "true").split("    strategy:\n")[0],
        (BUILD % "true").split("experimental: true\n")[1],
    )
    alone = head + tail.replace("runs-on: ${{ matrix.os }}", "runs-on: ubuntu-18.04")
    assert _told(alone).weight == "warning"
    assert _told(alone + NEXT % ("", "run: x")).weight == "warning"
    assert _told(alone + NEXT % ("", ALL)).weight == "blocker"

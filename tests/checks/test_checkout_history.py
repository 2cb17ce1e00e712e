"""Commands of git that look back."""

from __future__ import annotations

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, places

JOB = """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6{given}
          - run: |
              echo begin
              {run}
    """
DEPTH = "\n            with: {fetch-depth: 0}"


@pytest.mark.parametrize(
    "run", ["git diff --name-only HEAD~1", "git log HEAD^..HEAD", "git describe --tags --abbrev=0"]
)
def test_what_one_commit_alone_does_not_have_is_told_with_its_checkout(run: str) -> None:
    found = ask("checkout-has-history", {CI: JOB.format(given="", run=run)})
    assert places(found) == [(CI, 9)]
    assert [one.line for one in found[0].evidence] == [9, 6]
    assert found[0].weight is Weight.BLOCKER


def test_what_a_condition_asks_for_is_a_warning() -> None:
    run = "if git diff --quiet HEAD~1; then echo same; fi"
    assert [one.weight for one in ask("checkout-has-history", {CI: JOB.format(given="", run=run)})] == [
        Weight.WARNING
    ]


@pytest.mark.parametrize(
    ("given", "run"),
    [
        (DEPTH, "git diff HEAD~1"),
        ("", "git diff HEAD"),
        ("", "git rev-parse HEAD^{tree}"),
        ("", "git describe --tags --always"),
        ("", "git diff HEAD~1 || true"),
        ("\n          - run: git fetch --unshallow", "git diff HEAD~1"),
        ("\n          - run: git commit -am x", "git diff HEAD~1"),
        ("\n          - run: ./prepare.sh", "git diff HEAD~1"),
        ("\n          - uses: some/action@v1", "git diff HEAD~1"),
    ],
)
def test_what_is_there_or_may_be_is_not_missed(given: str, run: str) -> None:
    assert not ask("checkout-has-history", {CI: JOB.format(given=given, run=run)})


def test_the_run_of_a_tag_has_that_tag() -> None:
    job = JOB.format(given="", run="git describe --tags --abbrev=0").replace("pull_request", "push")
    assert not ask("checkout-has-history", {CI: job})

from datetime import date

import pytest

from tasks.domain.today import Today
from tests.checks.testing import CI, answers, ask, places

FILE = "dist-workspace.toml"
CHECK = "dist-machine-offered"
BUILT = """\
on: {push: {tags: ['v*']}}
jobs:
  plan: {runs-on: ubuntu-22.04, steps: [{run: dist plan}]}
  build-local-artifacts:
    needs: plan
    strategy:
      matrix: ${{ fromJson(needs.plan.outputs.val).ci.github.artifacts_matrix }}
    runs-on: ${{ matrix.runner }}
    steps: [{run: dist build}]
"""
DAY = Today(day=date(2026, 11, 22))


def settings(version: str, *targets: str, more: str = "", head: str = "[dist]") -> str:
    return f'{head}\ncargo-dist-version = "{version}"\nci = "github"\ntargets = {[*targets]}\n{more}'


@pytest.mark.parametrize(
    ("version", "target", "label"),
    [
        ("0.31.0", "aarch64-apple-darwin", "macos-14"),
        ("0.30.0", "x86_64-apple-darwin", "macos-13"),
        ("0.28.0", "x86_64-unknown-linux-gnu", "ubuntu-20.04"),
        ("0.14.1", "x86_64-pc-windows-msvc", "windows-2019"),
    ],
)
def test_a_machine_that_dist_takes_by_default_and_that_has_ended_is_named(
    version: str, target: str, label: str
) -> None:
    (found,) = ask(CHECK, {CI: BUILT, FILE: settings(version, target)}, DAY)
    assert (places([found]), found.weight, found.phase) == ([(FILE, 2)], "blocker", "release")
    assert f"dist builds {target} on {label}," in found.message


def test_a_machine_that_the_settings_name_is_looked_at() -> None:
    more = '[dist.github-custom-runners]\naarch64-apple-darwin = "macos-13"\n'
    (found,) = ask(CHECK, {CI: BUILT, FILE: settings("0.32.0", "aarch64-apple-darwin", more=more)}, DAY)
    assert places([found]) == [(FILE, 6)]
    assert found.remedy is not None
    assert '`aarch64-apple-darwin = "macos-15"`' in found.remedy.summary


def test_settings_may_stand_in_the_manifest() -> None:
    text = settings("0.28.0", "x86_64-unknown-linux-gnu", head="[workspace.metadata.dist]")
    assert places(ask(CHECK, {CI: BUILT, "Cargo.toml": text}, DAY)) == [("Cargo.toml", 2)]


def test_a_machine_whose_end_is_announced_is_a_warning_before_that_day() -> None:
    files = {CI: BUILT, FILE: settings("0.31.0", "aarch64-apple-darwin")}
    for known in ((), (Today(day=date(2026, 10, 30)),)):
        (found,) = ask(CHECK, files, *known)
        assert found.weight == "warning"


def test_machines_that_are_offered_or_not_known_are_fine() -> None:
    target = "aarch64-apple-darwin"
    own = '[dist.github-custom-runners]\naarch64-apple-darwin = "%s"\n'
    for text in (
        settings("0.31.0", "x86_64-apple-darwin", "x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc"),
        settings("0.32.0", target),
        settings("0.31.0", target, more=own % "macos-15"),
        settings("0.31.0", target, more=own % "warp-macos-latest-arm64-6x"),
        settings("0.31.0", target, more="build-local-artifacts = false\n"),
        settings("0.31.0", target, more='[github-custom-runners]\nx = "y"\n'),
        settings("0.31.0", target).replace("]", ""),
    ):
        assert ask(CHECK, {CI: BUILT, FILE: text}, DAY) == []


def test_settings_that_no_workflow_builds_by_are_not_looked_at() -> None:
    text = settings("0.31.0", "aarch64-apple-darwin")
    for workflow in (BUILT.replace("matrix.runner", "vars.RUNNER"), "on: push\njobs: {}\n"):
        assert answers(CHECK, {CI: workflow, FILE: text}, DAY) == []

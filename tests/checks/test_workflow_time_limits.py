from pathlib import Path

from tasks.domain.settings import Origin, Settings, Threshold, WorldKind
from tests.checks.testing import ask, job, places

BUILD = ".github/workflows/build.yml"
FITS = "timeout-fits-target"


def settings(*, source: str = "file") -> Settings:
    return Settings(
        world=WorldKind.OFFLINE,
        repository_path=Path(),
        owner="acme",
        name="app",
        branch="main",
        state_directory=Path(),
        thresholds={"build_minutes": Threshold(target=5, alert=10)},
        origins={"thresholds.build_minutes": Origin(source=source, file="activation.toml", line=3)},
    )


def limited(minutes: str) -> str:
    return job("- run: make", extra=f"timeout-minutes: {minutes}")


def test_a_job_that_is_ended_before_its_normal_time_is_named() -> None:
    (found,) = ask(FITS, {BUILD: limited("1")}, settings())
    assert (places([found]), found.weight) == ([(BUILD, 5)], "warning")
    assert "5 for the target of build_minutes" in found.message


def test_a_job_with_the_time_another_job_and_a_target_that_nobody_stated_are_fine() -> None:
    lint = "  lint:\n    runs-on: ubuntu-latest\n    timeout-minutes: 2\n    steps: [{run: make}]\n"
    assert ask(FITS, {BUILD: limited("5")}, settings()) == []
    assert ask(FITS, {BUILD: limited("10") + lint}, settings()) == []
    assert ask(FITS, {BUILD: limited("1")}, settings(source="default")) == []
    assert ask(FITS, {".github/workflows/docs.yml": limited("1")}, settings()) == []


def test_a_limit_of_no_minutes_is_named() -> None:
    (found,) = ask("timeout-is-positive", {BUILD: limited("0")})
    assert (places([found]), found.weight) == ([(BUILD, 5)], "warning")
    (found,) = ask("timeout-is-positive", {BUILD: job("- run: make\n  timeout-minutes: 0")})
    assert places([found]) == [(BUILD, 7)]


def test_a_limit_of_some_minutes_or_one_that_only_a_run_knows_is_fine() -> None:
    for minutes in ("1", "0.5", "${{ fromJSON(inputs.minutes) }}"):
        assert ask("timeout-is-positive", {BUILD: limited(minutes)}) == []

from pathlib import Path

import pytest

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


WAITS = "waits-fit-timeout"
LOOP = """\
- run: |
    for i in {1..60}; do
      if curl -f https://acme.example/health; then exit 0; fi
      sleep 30
    done
    exit 1
"""


@pytest.mark.parametrize(
    ("step", "told", "weight", "line"),
    [
        ("- run: sleep 1800", "sleeps for 30 min", "warning", 7),
        ("- run: sudo make && echo a\n- run: sleep 29m 60s", "sleeps for 30 min", "warning", 8),
        ("- run: timeout 30m cargo test", "allows a command 30 min", "note", 7),
        (LOOP, "waits 60 times 30 s", "note", 10),
        (LOOP.replace("{1..60}", "$(seq 1 60)"), "waits 60 times 30 s", "note", 10),
    ],
)
def test_what_takes_longer_than_its_job_may_is_told(step: str, told: str, weight: str, line: int) -> None:
    (found,) = ask(WAITS, {BUILD: job(step, extra="timeout-minutes: 20")})
    assert found.message.startswith(told)
    assert "timeout-minutes ends the job 'build' after 20" in found.message
    assert (found.weight.value, places([found])) == (weight, [(BUILD, line)])


@pytest.mark.parametrize(
    "step",
    [
        "- run: sleep 1200",
        "- run: sleep 1800 &",
        "- run: make || sleep 1800",
        "- run: if make; then sleep 1800; fi",
        "- run: sleep $LONG",
        "- run: sleep 1800\n  if: failure()",
        "- run: timeout 10m sleep 1800",
        "- run: timeout 20m cargo test",
        "- run: timeout $LONG cargo test",
        "- run: timeout 30 cargo test",
        "- run: sleep 1800\n  timeout-minutes: 1",
        LOOP.replace("60", "40"),
        LOOP.replace("sleep 30", "if make; then sleep 30; fi"),
        LOOP.replace("{1..60}", "$MANY"),
    ],
)
def test_a_wait_that_ends_in_time_or_may_not_happen_is_not_accused(step: str) -> None:
    assert ask(WAITS, {BUILD: job(step, extra="timeout-minutes: 20")}) == []
    assert ask(WAITS, {BUILD: job("- run: sleep 1800")}) == []


def test_several_commands_of_a_job_that_are_allowed_too_much_are_one_note() -> None:
    step = "- run: |\n    timeout 30m make\n    timeout 40m make all\n"
    (found,) = ask(WAITS, {BUILD: job(step, extra="timeout-minutes: 20")})
    assert [one.line for one in found.evidence] == [8, 5, 9]

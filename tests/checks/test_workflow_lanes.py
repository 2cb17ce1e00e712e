import pytest

from tests.checks.testing import CI, ask, job, places

MATRIX = "strategy: {matrix: {os: [linux, mac], include: [{os: mac, arm: true}]}}"


def test_a_step_that_no_lane_runs_is_named_with_its_line() -> None:
    text = job("- {name: Windows only, run: make, if: matrix.os == 'windows'}", extra=MATRIX)
    found = ask("step-runs-in-a-lane", {CI: text})
    assert (places(found), found[0].subject) == ([(CI, 7)], "ci.yml: build: matrix.os == 'windows'")


def test_a_lane_that_was_taken_out_hurts_nobody_and_its_steps_are_told_of_together() -> None:
    steps = "- {name: A, run: a, if: matrix.os == 'windows'}\n- {name: B, run: b, if: matrix.os == 'windows'}"
    (found,) = ask("step-runs-in-a-lane", {CI: job(steps, extra=MATRIX)})
    assert ([one.line for one in found.evidence], found.weight) == ([7, 8], "note")


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("matrix.system == 'linux'", "it has no `matrix.system`"),
        ("matrix.arm == 'mac'", "`mac` is a value of `os`"),
        ("startsWith(matrix.os, 'linuxx')", "is `linux` meant?"),
    ],
)
def test_what_shows_that_a_condition_is_a_mistake_is_said(condition: str, why: str) -> None:
    (found,) = ask("step-runs-in-a-lane", {CI: job(f'- {{run: make, if: "{condition}"}}', extra=MATRIX)})
    assert (found.message.partition("of the matrix: ")[2], found.weight) == (why, "warning")


@pytest.mark.parametrize(
    "condition",
    [
        "matrix.os == 'mac'",
        "matrix.arm",
        "${{ matrix.os != 'windows' }}",
        "always() && matrix.os == 'windows' || github.event_name == 'push'",
        "github.ref == 'refs/heads/x' && contains(matrix.os, 'lin')",
        "false",
    ],
)
def test_a_step_that_some_lane_runs_or_may_is_fine(condition: str) -> None:
    text = job(f'- {{run: make, if: "{condition}"}}', extra=MATRIX)
    assert ask("step-runs-in-a-lane", {CI: text}) == []


def test_a_key_whose_lanes_are_commented_out_hurts_nobody() -> None:
    text = job("- {run: make, if: matrix.qemu}", extra=f"# - {{os: arm, qemu: true}}\n{MATRIX}")
    (found,) = ask("step-runs-in-a-lane", {CI: text})
    assert (found.subject, found.weight) == ("ci.yml: build: matrix.qemu", "note")


def test_a_computed_matrix_is_not_judged() -> None:
    extra = "strategy: {matrix: '${{ fromJSON(inputs.x) }}'}"
    assert ask("step-runs-in-a-lane", {CI: job("- {run: make, if: matrix.os == 'x'}", extra=extra)}) == []


def test_a_job_without_a_matrix_is_not_told_of_its_lanes() -> None:
    (found,) = ask("step-runs-in-a-lane", {CI: job("- {run: make, if: matrix.os == 'linux'}")})
    assert found.message == "`matrix.os == 'linux'` never holds: the job 'build' has no matrix"
    assert found.remedy is not None
    assert "take the condition out" in found.remedy.summary


def test_all_conditions_on_a_key_that_no_lane_has_are_one_cause() -> None:
    steps = "- {run: a, if: matrix.cpu == 'x' && matrix.os == 'mac'}\n- {run: b, if: matrix.cpu == 'y'}"
    (found,) = ask("step-runs-in-a-lane", {CI: job(steps, extra=MATRIX)})
    assert (found.subject, [one.line for one in found.evidence]) == ("ci.yml: build: matrix.cpu", [7, 8])


def test_steps_of_one_job_for_lanes_that_were_taken_out_are_one_finding() -> None:
    steps = "- {run: a, if: matrix.v == 'old'}\n- {run: b, if: matrix.v == 'older'}"
    (found,) = ask("step-runs-in-a-lane", {CI: job(steps, extra="strategy: {matrix: {v: [dev, next]}}")})
    assert [one.line for one in found.evidence] == [7, 8]
    told = "`matrix.v == 'old'` and `matrix.v == 'older'` hold in none of the 2 lanes of the matrix"
    assert found.message == told


def test_a_lane_that_was_taken_out_of_two_files_is_one_finding() -> None:
    text = job("- {run: a, if: matrix.v == 'old'}", extra="strategy: {matrix: {v: [dev, next]}}")
    (found,) = ask("step-runs-in-a-lane", {CI: text, ".github/workflows/z.yml": text})
    assert [one.file for one in found.evidence] == [CI, ".github/workflows/z.yml"]

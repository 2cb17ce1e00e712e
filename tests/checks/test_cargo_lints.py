from typing import Any

import pytest

from tasks.domain.cargo_run import CargoBuild, CargoClippy, CargoDoc, CargoOutcome
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Verdict, Weight
from tests.checks.testing import CI, ask, job, places

PLACE = Evidence(source="cargo", file="src/a.rs", line=8, excerpt="error: unused variable\n --> x")


def a_run(kind: Any, outcome: Any = CargoOutcome.FAILED, **more: Any) -> Any:
    return kind(command="cargo clippy", outcome=outcome, seconds=6.0, **more)


def ci(step: str, extra: str = "") -> dict[str, str]:
    return {CI: job(f"- uses: actions/checkout@v4\n{step}", extra=extra)}


@pytest.mark.parametrize(("check", "kind"), [("cargo-clippy", CargoClippy), ("cargo-doc", CargoDoc)])
def test_a_refusal_blocks_where_a_job_fails_for_it(check: str, kind: Any) -> None:
    files = ci(f"- run: {check.replace('-', ' ')}")
    (found,) = ask(check, files, a_run(kind, places=(PLACE,)))
    assert [(one.file, one.line) for one in found.evidence] == [("src/a.rs", 8), (CI, 7)]
    assert found.blocks


@pytest.mark.parametrize(
    "step", ["- run: cargo clippy || true", "- {run: cargo clippy, continue-on-error: true}", "- run: make"]
)
def test_a_refusal_that_ends_no_job_is_a_note(step: str) -> None:
    (found,) = ask("cargo-clippy", ci(step), a_run(CargoClippy, places=(PLACE,)))
    assert found.weight is Weight.NOTE


def test_what_this_machine_cannot_do_is_unknown() -> None:
    (found,) = ask("cargo-clippy", ci("- run: cargo clippy"), a_run(CargoClippy, CargoOutcome.IMPOSSIBLE))
    assert found.verdict is Verdict.UNKNOWN
    assert not found.blocks


BUILD = "- run: cargo build"
EXPORTS = "- uses: actions-rust-lang/setup-rust-toolchain@v1\n"


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (ci(BUILD, "env:\n  RUSTFLAGS: -D warnings"), 6),
        (ci(BUILD, "env: {RUSTFLAGS: -Dwarnings}"), 5),
        (ci(EXPORTS + BUILD), 7),
    ],
)
def test_a_warning_blocks_where_a_job_denies_warnings(files: dict[str, str], line: int) -> None:
    found = ask("cargo-warnings-denied", files, a_run(CargoBuild, CargoOutcome.PASSED, warnings=(PLACE,)))
    assert places(found) == [(CI, line)]
    assert found[0].blocks


@pytest.mark.parametrize(
    "files",
    [
        ci(BUILD),
        ci(BUILD, "env: {RUSTFLAGS: -C target-cpu=native}"),
        ci("- {uses: actions-rust-lang/setup-rust-toolchain@v1, with: {rustflags: ''}}\n" + BUILD),
        ci("- run: make", "env: {RUSTFLAGS: -D warnings}"),
    ],
)
def test_a_warning_that_no_job_denies_is_not_accused(files: dict[str, str]) -> None:
    assert (
        ask("cargo-warnings-denied", files, a_run(CargoBuild, CargoOutcome.PASSED, warnings=(PLACE,))) == []
    )


def test_a_build_without_warnings_is_not_accused() -> None:
    files = ci(BUILD, "env: {RUSTFLAGS: -D warnings}")
    assert ask("cargo-warnings-denied", files, a_run(CargoBuild, CargoOutcome.PASSED)) == []

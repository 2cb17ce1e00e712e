import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, CRATE, ask, job, places

CHECK = "compiler-flag-known"


def coverage(toolchain: str, flags: str = "-Zprofile -Cpanic=abort", run: str = "cargo test") -> str:
    steps = f"- uses: dtolnay/rust-toolchain@{toolchain}\n- run: {run}\n  env:\n    RUSTFLAGS: {flags}\n"
    return job(f"- uses: actions/checkout@v6\n{steps}")


@pytest.mark.parametrize("toolchain", ["nightly", "stable", "nightly-2025-01-01", "1.84.0"])
def test_a_flag_that_the_compiler_lost_is_told_where_it_is_set(toolchain: str) -> None:
    (found,) = ask(CHECK, {"Cargo.toml": CRATE, CI: coverage(toolchain)})
    assert (places([found]), found.weight) == ([(CI, 10)], Weight.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        coverage("nightly-2024-10-01"),
        coverage("1.83.0"),
        coverage("nightly", "-Zprofile-sample-use=x"),
        coverage("nightly", "-Cinstrument-coverage"),
        coverage("nightly", "'${{ matrix.flags }} -Zprofiles'"),
        coverage("nightly", run="cargo fmt"),
        coverage("nightly", run="cargo +nightly-2024-06-01 test"),
    ],
)
def test_a_compiler_that_has_it_and_other_flags_are_fine(text: str) -> None:
    assert ask(CHECK, {"Cargo.toml": CRATE, CI: text}) == []


def test_the_file_that_pins_the_toolchain_goes_before_the_action() -> None:
    files = {"Cargo.toml": CRATE, CI: coverage("nightly"), "rust-toolchain": "nightly-2024-06-01\n"}
    assert ask(CHECK, files) == []

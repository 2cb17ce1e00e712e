import pytest

from tasks.domain.cargo_plan import CargoPlan, cargo_plan
from tasks.domain.script import Scripts
from tests.checks.testing import CI, job, snapshot


def plan(steps: str) -> CargoPlan:
    scripts = snapshot({CI: job(f"- uses: actions/checkout@v4\n{steps}")}).get(Scripts)
    assert isinstance(scripts, Scripts)
    return cargo_plan(scripts)


def test_without_a_call_every_package_is_built_without_benchmarks() -> None:
    assert plan("- run: make").build == ("--workspace",)


def test_the_widest_options_of_all_calls_are_taken() -> None:
    made = plan("- run: cargo build --workspace\n- run: cargo check --all-targets --all-features")
    assert made.build == ("--workspace", "--all-targets", "--all-features")
    assert made.test == ("--workspace", "--all-features")


@pytest.mark.parametrize(
    "call",
    [
        "cargo +nightly build --all-targets",
        "cd other && cargo build --all-targets",
        "cargo build --all-targets --target x86_64-pc-windows-gnu",
    ],
)
def test_a_call_with_another_toolchain_place_or_machine_says_nothing(call: str) -> None:
    assert plan(f"- run: {call}\n- run: cargo test").build == ()


def test_clippy_and_documentation_are_asked_as_the_workflow_asks() -> None:
    made = plan("- run: cargo clippy --workspace -- -D warnings\n- run: cargo doc --no-deps")
    assert made.clippy == ("--workspace", "--", "-D", "warnings")
    assert made.doc == ("--no-deps",)


@pytest.mark.parametrize("call", ["cargo clippy -p a -- -D warnings", "cargo clippy $FLAGS", "cargo test"])
def test_clippy_of_one_package_or_with_unknown_options_is_not_asked(call: str) -> None:
    assert plan(f"- run: {call}").clippy is None

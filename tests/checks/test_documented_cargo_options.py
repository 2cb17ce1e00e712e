import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CRATE, ask, places

CHECK = "documented-cargo-understands"
CODE = {"Cargo.toml": CRATE, "src/main.rs": "fn main() {}\n"}


def shell(call: str) -> dict[str, str]:
    return {**CODE, "README.md": f"# App\n\n```sh\n{call}\n```\n"}


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("cargo nextest --release", "`run` is missing"),
        ("cargo nextest -p app", "`run` is missing"),
        ("cargo run --maxperf", "`cargo run` does not know --maxperf"),
        ("cargo test --nocapture", "does not know --nocapture"),
    ],
)
def test_a_call_that_cargo_refuses_is_a_note(call: str, told: str) -> None:
    (found,) = ask(CHECK, shell(call))
    assert (places([found]), found.weight) == ([("README.md", 4)], Weight.NOTE)
    assert told in found.message


def test_a_call_in_a_sentence_is_read_too() -> None:
    text = "# App\n\nUse `cargo run --maxperf` for that.\n"
    assert places(ask(CHECK, {**CODE, "README.md": text})) == [("README.md", 3)]


@pytest.mark.parametrize(
    "call",
    [
        "cargo nextest run --release",
        "cargo nextest --version",
        "cargo nextest",
        "cargo run -- --maxperf",
        "cargo run --profile maxperf",
        "cargo +nightly build --new-thing",
        "cargo build --new-thing  # nightly only",
        "cargo xtask --maxperf",
        "cargo run [OPTIONS]",
    ],
)
def test_a_call_that_cargo_takes_or_that_is_not_known_is_fine(call: str) -> None:
    assert ask(CHECK, shell(call)) == []


def test_an_alias_of_the_repository_takes_what_it_likes() -> None:
    alias = {".cargo/config.toml": '[alias]\nnextest = "test"\n'}
    assert ask(CHECK, {**shell("cargo nextest --release"), **alias}) == []

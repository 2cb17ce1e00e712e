import pytest

from tests.checks.testing import CRATE, ask, places

MAIN = 'fn main() { let port = std::env::var("TIDED_PORT").unwrap_or_default(); }\n'
RUN = "# App\n\n```sh\n{}\n```\n"


def told(line: str, main: str = MAIN, **more: str) -> list[int | None]:
    files = {"Cargo.toml": CRATE, "src/main.rs": main, "README.md": RUN.format(line), **more}
    return [line for _, line in places(ask("program-variable-spelled", files))]


def test_a_variable_that_is_nearly_what_the_program_reads_is_named() -> None:
    files = {"Cargo.toml": CRATE, "src/main.rs": MAIN, "README.md": RUN.format("TIDE_PORT=1 cargo run")}
    (found,) = ask("program-variable-spelled", files)
    assert (places([found]), found.weight) == ([("README.md", 4)], "note")
    assert found.message == "sets TIDE_PORT for `cargo run`, and what the sources read is TIDED_PORT"
    assert told("RUST_LOG=info TIDED_PROT=1 cargo run -p app -- x") == [4]
    clap = 'struct Args { #[arg(long, env = "TIDED_PORT")] port: u16 }\n'
    assert told("TIDE_PORT=1 cargo run", clap) == [4]


@pytest.mark.parametrize(
    "line",
    [
        "TIDED_PORT=1 cargo run",
        "OTHER_PORT=1 cargo run",
        "TIDE_PORT=1 ./other",
        "TIDE_PORT=1 cargo test",
        "RUST_LOG=debug cargo run",
        "cargo run",
    ],
)
def test_a_variable_that_the_program_or_something_else_reads_is_fine(line: str) -> None:
    assert told(line) == []


@pytest.mark.parametrize(
    "main",
    [
        'const NAMES: [&str; 1] = ["TIDE_PORT"];\n',
        "struct Args { #[arg(long, env)] tide_port: u16 }\n",
        'fn load() { envy::prefixed("TIDE_") }\n',
        'fn load() { config::Environment::with_prefix("TIDE") }\n',
    ],
)
def test_a_variable_that_a_source_may_read_in_another_way_is_fine(main: str) -> None:
    assert told("TIDE_PORT=1 cargo run", MAIN + main) == []


def test_a_variable_that_another_file_has_is_fine() -> None:
    assert told("TIDE_PORT=1 cargo run", **{"run.sh": "export TIDE_PORT=1\n"}) == []

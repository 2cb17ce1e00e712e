import pytest

from tests.checks.testing import CI, CRATE, ask, job, places

MAIN = """\
use clap::Parser;
#[derive(Parser)]
struct Cli {
    /// Where from.
    #[arg(short, long)]
    epoch_start: u64,
    #[command(flatten)]
    log: Option<crate::log::LogArgs>,
    #[command(subcommand)]
    command: Command,
}
#[derive(clap::Subcommand)]
enum Command {
    Sync(SyncArgs),
}
fn main() { let cli = Cli::parse(); }
"""
ARGS = "#[derive(Args)]\npub struct %s {\n    #[arg(long%s)]\n    %s,\n}\n"
BASE = {
    "Cargo.toml": '[workspace]\nmembers = ["tides", "shared"]\n',
    "tides/Cargo.toml": CRATE.replace('"app"', '"tides"') + '[dependencies]\nclap = "4"\n',
    "tides/src/main.rs": MAIN,
    "tides/src/sync.rs": ARGS % ("SyncArgs", "", "dry: bool"),
    "shared/Cargo.toml": CRATE.replace('"app"', '"shared"'),
    "shared/src/lib.rs": ARGS % ("LogArgs", ' = "log-file"', "path: String"),
}


def shell(commands: str, path: str = "README.md") -> dict[str, str]:
    return {**BASE, path: f"# Guide\n\n```bash\n{commands}\n```\n"}


@pytest.mark.parametrize(
    "call",
    [
        "cargo run -- --epoch-seconds 5",
        "cargo run -p tides --release -- sync --epoch-seconds=$N",
        "cargo run --bin tides -- --epoch-seconds 5",
        "./target/release/tides --epoch-seconds 5",
        "tides sync --dry --epoch-seconds 5",
        "tides sync \\\n  --dry \\\n  --epoch-seconds 5",
    ],
)
def test_an_option_that_no_source_has_is_named_with_its_line(call: str) -> None:
    (found,) = ask("documented-option-exists", shell(call))
    assert places([found]) == [("README.md", 4 + call.count("\n"))]
    assert found.message == (
        "gives --epoch-seconds to a program of tides: no Rust source here has such a name"
    )


@pytest.mark.parametrize(
    "call",
    [
        "cargo run -- --epoch-start 5 sync --dry",
        "cargo run -- --log-file x --help",
        "cargo run --epoch-seconds",  # cargo's own
        "cargo run -- sync -- --epoch-seconds",
        "cargo run --example demo -- --epoch-seconds 5",
        "cargo run -p shared -- --epoch-seconds 5",
        "cargo run -- --$NAME",
        "other --epoch-seconds 5",
        "git clone https://x/y && cargo run -- --epoch-seconds 5",
    ],
)
def test_an_option_that_a_source_has_or_of_another_program_is_not_accused(call: str) -> None:
    assert ask("documented-option-exists", shell(call)) == []


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("tides/src/main.rs", "crate::log::LogArgs", "sc_cli::RunCmd"),  # of another crate
        ("tides/src/main.rs", "Sync(SyncArgs)", "Sync(outside::Sync)"),
        ("tides/src/main.rs", "Sync(SyncArgs)", "#[command(external_subcommand)] Other(Vec<String>)"),
        ("tides/src/main.rs", "Cli::parse()", "reth::Node::parse()"),
        ("tides/src/main.rs", "#[arg(short, long)]", "#[arg(long, last = true)]"),
        ("tides/src/main.rs", "#[arg(short, long)]", "#[arg(long = NAME)]"),
        ("tides/src/sync.rs", "dry: bool", "epoch_seconds: bool"),
        ("shared/src/lib.rs", "log-file", "epoch-seconds"),
        ("tides/Cargo.toml", "clap", "bpaf"),
    ],
)
def test_a_program_that_may_take_more_options_is_not_accused(path: str, before: str, after: str) -> None:
    files = shell("cargo run -- --epoch-seconds 5")
    assert before in files[path]
    assert ask("documented-option-exists", {**files, path: files[path].replace(before, after)}) == []


def test_an_option_with_the_underscores_of_its_field_is_named_with_its_right_name() -> None:
    (found,) = ask("documented-option-exists", shell("cargo run -- --epoch_start 5"))
    assert found.message == "a program of tides takes --epoch-start and not --epoch_start"
    files = shell("cargo run -- --epoch_start 5")
    kept = MAIN.replace("#[derive(Parser)]", '#[derive(Parser)]\n#[command(rename_all = "snake_case")]')
    assert ask("documented-option-exists", {**files, "tides/src/main.rs": kept}) == []


def test_what_a_workflow_runs_of_the_workspace_is_looked_at_and_installed_programs_are_not() -> None:
    built = {**BASE, CI: job("- run: cargo run --bin tides -- --epoch-seconds 5\n- run: tides --gone-option")}
    assert places(ask("documented-option-exists", built)) == [(CI, 6)]


def test_proposals_and_pages_for_others_are_not_accused() -> None:
    for path in ("docs/sips/new.md", "docs/0012-options.md", "CHANGELOG.md"):
        assert ask("documented-option-exists", shell("tides --epoch-seconds 5", path)) == []

import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job, places


def ci(step: str, extra: str = "") -> dict[str, str]:
    return {CI: job(f"- uses: actions/checkout@v4\n{step}", extra=extra)}


@pytest.mark.parametrize(
    ("call", "option", "hint"),
    [
        ("cargo build --realease", "--realease", "is --release meant?"),
        ("cargo build --workspce --release", "--workspce", "is --workspace meant?"),
        ("cargo test --nocapture", "--nocapture", "stands behind `--`"),
        ("cargo clippy -D warnings", "-D", "stands behind `--`"),
        ("cargo bench --release", "--release", ""),
        ("cargo fmt --workspace", "--workspace", ""),
        ("cargo run --bins", "--bins", "is --bin meant?"),
        ("cargo install --release ripgrep", "--release", ""),
        ("cargo build -o out", "-o", ""),
        ("cargo +stable check --feature=a", "--feature", "is --features meant?"),
        ("cargo install cargo-sbom && cargo sbom -o x.xml", "-o", ""),
    ],
)
def test_an_option_that_the_subcommand_refuses_blocks(call: str, option: str, hint: str) -> None:
    found = ask("cargo-option-known", ci(f"- run: {call}"))
    assert places(found) == [(CI, 7)]
    assert found[0].subject.endswith(f" {option}")
    assert found[0].blocks
    assert hint in found[0].message


@pytest.mark.parametrize(
    "call",
    [
        "cargo build --release --features a,b -j4 -vv --target-dir=x -p app",
        "cargo --locked --config net.offline=true build",
        "cargo -C sub build -Z unstable-options",
        "cargo test NAME --release -- --nocapture --test-threads=1",
        "cargo clippy --all-targets --fix --allow-dirty -- -D warnings",
        "cargo fmt --all -- --check --config x=y",
        "cargo run --release tool --bins --realease",
        "cargo run -- --realease",
        "cargo build $FLAGS --manifest-path $DIR/Cargo.toml",
        "cargo build --$MODE",
        "cargo install --git https://example.com/x --rev -abc ripgrep",
        "cargo +nightly build --artifact-directory x",
        "cargo nextest run --realease",
        "cargo xtask --anything",
        "cross build --realease",
        "cargo clippy --version",
        "cargo install cargo-sbom --version 0.1.0 && cargo sbom -o x",
        "cargo install cargo-sbom@0.1.0 && cargo sbom -o x",
        "cargo sbom --output-format cyclone_dx_json_1_4 > x.json",
        "cargo test --locked ${{ env.FEATURES }}",
        "if cargo build --realease; then true; fi",
    ],
)
def test_what_the_subcommand_takes_or_nobody_knows_is_not_accused(call: str) -> None:
    assert ask("cargo-option-known", ci(f"- run: {call}")) == []


def test_a_tool_that_may_be_of_any_version_is_not_accused() -> None:
    assert ask("cargo-option-known", ci("- run: make tools\n- run: cargo sbom -o x")) == []


def test_options_that_an_expression_fills_in_are_not_taken_for_one() -> None:
    env = "env: {FEATURES: --no-default-features --features a}"
    assert ask("cargo-option-known", ci("- run: cargo test ${{ env.FEATURES }}", env)) == []


def test_a_nightly_job_and_an_alias_are_not_accused() -> None:
    nightly = "- uses: dtolnay/rust-toolchain@nightly\n- run: cargo build --newest"
    assert ask("cargo-option-known", ci(nightly)) == []
    alias = {".cargo/config.toml": '[alias]\nsbom = "run -p sbom --"\n'}
    assert ask("cargo-option-known", ci("- run: cargo sbom -o x") | alias) == []


@pytest.mark.parametrize("call", ["cargo audit json > x", "cargo audit -q list"])
def test_cargo_audit_has_no_such_subcommand(call: str) -> None:
    (found,) = ask("cargo-option-known", ci(f"- run: {call}"))
    assert found.subject.startswith("ci.yml: cargo audit ")


@pytest.mark.parametrize(
    "call",
    ["cargo audit", "cargo audit --json > x", "cargo audit --ignore RUSTSEC-2020-0001", "cargo audit bin x"],
)
def test_cargo_audit_with_what_it_knows_is_not_accused(call: str) -> None:
    assert ask("cargo-option-known", ci(f"- run: {call}")) == []


def test_a_call_that_may_fail_warns() -> None:
    (found,) = ask("cargo-option-known", ci("- {run: cargo build --realease, continue-on-error: true}"))
    assert found.weight is Weight.WARNING


def test_a_variable_without_quotes_stands_for_as_many_options_as_it_holds() -> None:
    step = '- run: |\n    targets="--lib --bins"\n    cargo check $targets'
    assert ask("cargo-option-known", ci(step)) == []


def test_a_precise_update_of_no_package_is_refused_however_its_failure_is_hidden() -> None:
    call = "cargo update --workspace --precise ${{ github.ref_name }}"
    (found,) = ask("cargo-option-known", ci(f"- run: {call} 2>/dev/null || cargo generate-lockfile"))
    assert (places([found]), found.weight) == ([(CI, 7)], Weight.WARNING)
    (found,) = ask("cargo-option-known", ci(f"- run: {call}"))
    assert found.blocks


@pytest.mark.parametrize(
    "call",
    ["cargo update -p a --precise 1.0.0", "cargo update a --precise 1", "cargo update $ARGS --precise 1"],
)
def test_a_precise_update_of_a_package_is_not_accused(call: str) -> None:
    assert ask("cargo-option-known", ci(f"- run: {call}")) == []

from typing import Any

import pytest

from tasks.domain.cargo_run import CargoBuild, CargoClippy, CargoDoc, CargoOutcome, CargoTest, Warned
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Verdict, Weight
from tests.checks.testing import CI, CRATE, ask, job, places

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
UNUSED = Warned(place=PLACE, lint="unused_variables")


def denied(files: dict[str, str], *warnings: Warned) -> list[Finding]:
    run = a_run(CargoBuild, CargoOutcome.PASSED, warnings=warnings or (UNUSED,))
    return ask("cargo-warnings-denied", files, run, a_run(CargoTest, CargoOutcome.PASSED))


def action(version: str, inputs: str = "") -> str:
    given = f", with: {{{inputs}}}" if inputs else ""
    return f"- {{uses: actions-rust-lang/setup-rust-toolchain@{version}{given}}}\n"


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (ci(BUILD, "env:\n  RUSTFLAGS: -D warnings"), 6),
        (ci(BUILD, "env: {RUSTFLAGS: -Dwarnings}"), 5),
        (ci("- run: cargo build\n  env: {RUSTFLAGS: --deny=warnings -C opt-level=1}"), 8),
        (ci("- run: RUSTFLAGS='-D warnings' cargo build"), 7),
        (ci("- run: |\n    export RUSTFLAGS='-D warnings'\n    cargo build"), 8),
        (ci("- run: echo RUSTFLAGS=-Dwarnings >> $GITHUB_ENV\n" + BUILD), 7),
        ({CI: "env: {RUSTFLAGS: -D warnings}\n" + ci(BUILD)[CI]}, 1),
        (ci(EXPORTS + BUILD), 7),
        (ci(action("v1", "rustflags: -D warnings") + BUILD), 7),
        (ci(action("v2") + BUILD), 7),
        (ci(action("v2", "rustflags: -D warnings") + BUILD), 7),
        (ci(action("0267444a0b1c2d3e4f50617283940a1b2c3d4e5f") + BUILD), 7),
        (ci(BUILD, "env: {CARGO_BUILD_WARNINGS: deny}"), 5),
    ],
)
def test_a_warning_blocks_where_a_job_denies_warnings(files: dict[str, str], line: int) -> None:
    found = denied(files)
    assert places(found) == [(CI, line)]
    assert (found[0].subject, found[0].blocks) == ("ci.yml: build", True)


SETUP = ".github/actions/setup/action.yml"


def by_local(use: str) -> dict[str, str]:
    steps = f"name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n    {use}"
    return {**ci("- uses: ./.github/actions/setup\n" + BUILD), SETUP: steps}


def test_what_an_action_of_the_repository_exports_denies_warnings_too() -> None:
    found = denied(by_local(EXPORTS))
    assert places(found) == [(SETUP, 6)]
    assert found[0].blocks


@pytest.mark.parametrize(
    "files",
    [
        by_local("- uses: dtolnay/rust-toolchain@stable\n"),
        by_local(action("v1", "rustflags: ''")),
        by_local(EXPORTS.replace("- uses", "- if: runner.arch == 'X64'\n      uses")),
        ci(BUILD),
        ci("- uses: dtolnay/rust-toolchain@stable\n" + BUILD),
        ci(BUILD, "env: {RUSTFLAGS: -C target-cpu=native}"),
        ci(BUILD, "env: {RUSTFLAGS: -D warnings -A unused-variables}"),
        ci(BUILD, "env: {RUSTFLAGS: '${{ vars.FLAGS }}'}"),
        ci(action("v1", "rustflags: ''") + BUILD),
        ci(action("v2", "build-warnings: ''") + BUILD),
        ci(action("v2", "toolchain: '1.80'") + BUILD),
        ci(action("0267444a0b1c2d3e4f50617283940a1b2c3d4e5f", "rustflags: ''") + BUILD),
        ci(EXPORTS + BUILD, "env: {RUSTFLAGS: -C target-cpu=native}"),
        ci(BUILD + "\n" + EXPORTS),
        ci("- run: cargo build\n  env: {RUSTFLAGS: ''}", "env: {RUSTFLAGS: -D warnings}"),
        ci("- run: RUSTFLAGS= cargo build", "env: {RUSTFLAGS: -D warnings}"),
        ci("- run: cargo build || true", "env: {RUSTFLAGS: -D warnings}"),
        ci("- {run: cargo build, continue-on-error: true}", "env: {RUSTFLAGS: -D warnings}"),
        ci("- run: make", "env: {RUSTFLAGS: -D warnings}"),
        ci("- run: cargo fmt", "env: {RUSTFLAGS: -D warnings}"),
        ci(BUILD, "env: {RUSTDOCFLAGS: -D warnings}"),
    ],
)
def test_a_warning_that_no_job_denies_is_not_accused(files: dict[str, str]) -> None:
    assert denied(files) == []


def test_cargos_own_configuration_denies_only_where_no_variable_is_set_for_it() -> None:
    config = {".cargo/config.toml": '[build]\nwarnings = "deny"\n', "Cargo.toml": CRATE, "src/lib.rs": ""}
    assert places(denied(ci(BUILD) | config)) == [(".cargo/config.toml", 2)]
    assert denied(ci(BUILD, "env: {RUSTFLAGS: -C opt-level=1}") | config) == []


def test_a_build_without_warnings_is_not_accused() -> None:
    run = a_run(CargoBuild, CargoOutcome.PASSED)
    assert ask("cargo-warnings-denied", ci(BUILD, "env: {RUSTFLAGS: -D warnings}"), run) == []


def test_a_warning_that_is_no_lint_is_denied_by_nobody() -> None:
    assert denied(ci(BUILD, "env: {RUSTFLAGS: -D warnings}"), Warned(place=PLACE)) == []


def test_a_call_on_one_package_meets_the_warnings_of_that_package() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
        **{f"{one}/Cargo.toml": CRATE.replace("app", one) for one in "ab"},
        **{f"{one}/src/lib.rs": "" for one in "ab"},
    }
    warned = Warned(place=Evidence(source="cargo", file="a/src/lib.rs", line=1), lint="dead_code")
    env = "env: {RUSTFLAGS: -D warnings}"
    assert denied(files | ci("- run: cargo build -p b", env), warned) == []
    assert len(denied(files | ci("- run: cargo build -p a", env), warned)) == 1


def test_a_warning_of_the_tests_blocks_the_job_that_compiles_them() -> None:
    tests = a_run(CargoTest, CargoOutcome.PASSED, warnings=(UNUSED,))
    build = a_run(CargoBuild, CargoOutcome.PASSED)
    env = "env: {RUSTFLAGS: -D warnings}"
    assert len(ask("cargo-warnings-denied", ci("- run: cargo test", env), build, tests)) == 1
    assert ask("cargo-warnings-denied", ci(BUILD, env), build, tests) == []


def test_the_call_that_ends_its_job_is_the_one_that_is_shown() -> None:
    files = ci("- run: cargo clippy -- -D warnings || true\n- run: cargo clippy")
    (found,) = ask("cargo-clippy", files, a_run(CargoClippy, places=(PLACE,)))
    assert [(one.file, one.line) for one in found.evidence] == [("src/a.rs", 8), (CI, 8)]

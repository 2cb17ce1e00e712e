import pytest

from tasks.domain.cargo_plan import CargoPlan, cargo_plan
from tasks.domain.crate import Manifests
from tasks.domain.script import Scripts
from tests.checks.testing import CI, CRATE, job, snapshot


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


def flags(workflow: str, config: str = '[build]\nrustflags = ["-D", "warnings"]\n') -> str | None:
    seen = snapshot({CI: workflow, "Cargo.toml": CRATE, ".cargo/config.toml": config})
    scripts, manifests = seen.get(Scripts), seen.get(Manifests)
    assert isinstance(scripts, Scripts)
    assert isinstance(manifests, Manifests)
    return cargo_plan(scripts, manifests).flags


def test_flags_of_every_job_that_builds_replace_those_of_a_configuration() -> None:
    whole = job("- uses: actions/checkout@v4\n- run: cargo clippy\n- run: cargo test")
    given = "env:\n  RUSTFLAGS: -C debuginfo=0 -D warnings\n"
    assert flags(given + whole) == "-C debuginfo=0"
    assert flags(given.replace("-C debuginfo=0 ", "") + whole) == ""
    assert flags(whole) is None
    assert flags(given.replace("debuginfo=0", "link-arg=-fuse-ld=mold") + whole) is None
    assert flags(given + whole, "[net]\noffline = true\n") is None
    assert flags(given.replace("-C debuginfo=0", "${{ vars.FLAGS }}") + whole) is None
    once = whole.replace("- run: cargo test", "- run: cargo test\n        env: {RUSTFLAGS: -C opt-level=1}")
    assert flags(once) is None  # near miss: clippy runs with the configuration's
    assert flags(given + once) is None  # two that differ: none is the workflows'


def test_clippy_and_documentation_are_asked_as_the_workflow_asks() -> None:
    made = plan("- run: cargo clippy --workspace -- -D warnings\n- run: cargo doc --no-deps")
    assert made.clippy == ("--workspace", "--", "-D", "warnings")
    assert made.doc == ("--no-deps",)


def test_clippy_looks_at_the_targets_that_the_workflow_names_benchmarks_among_them() -> None:
    made = plan("- run: cargo clippy --all-targets --tests --benches -- -D warnings")
    assert made.clippy == ("--all-targets", "--tests", "--benches", "--", "-D", "warnings")
    assert plan("- run: cargo clippy --tests").clippy == ("--tests",)


@pytest.mark.parametrize("call", ["cargo clippy -p a -- -D warnings", "cargo clippy $FLAGS", "cargo test"])
def test_clippy_of_one_package_or_with_unknown_options_is_not_asked(call: str) -> None:
    assert plan(f"- run: {call}").clippy is None


def job_of(text: str) -> CargoPlan:
    scripts = snapshot({CI: text}).get(Scripts)
    assert isinstance(scripts, Scripts)
    return cargo_plan(scripts)


LANES = """
    on: push
    jobs:
      a:
        runs-on: ${{ matrix.os }}
        strategy:
          matrix:
            os: [macos-latest, ubuntu-latest]
            rust: [RUST]
        steps:
          - uses: actions/checkout@v4
          - STEP
          - run: cargo build --all-features
"""


@pytest.mark.parametrize(
    "step",
    [
        "{uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ matrix.rust }}'}}",
        "{uses: actions-rs/toolchain@v1, with: {toolchain: '${{ matrix.rust }}'}}",
        "{run: 'rustup default ${{ matrix.rust }}'}",
        "{run: rustup override set nightly}",
        "{uses: dtolnay/rust-toolchain@nightly}",
    ],
)
def test_what_only_nightly_is_asked_for_is_not_tried_with_another(step: str) -> None:
    made = job_of(LANES.replace("RUST", "nightly").replace("STEP", step))
    assert made.build == ("--workspace",)
    assert made.nightly is not None
    assert (made.nightly.file, made.nightly.line) == (CI, 13)


def test_one_combination_that_this_machine_could_run_is_enough() -> None:
    step = "{uses: dtolnay/rust-toolchain@master, with: {toolchain: '${{ matrix.rust }}'}}"
    made = job_of(LANES.replace("RUST", "nightly, stable").replace("STEP", step))
    assert (made.build, made.nightly) == (("--all-features",), None)


EXPORTS = "- uses: actions-rust-lang/setup-rust-toolchain@v1\n"


def test_the_lint_levels_of_the_environment_are_asked_of_clippy_before_its_own() -> None:
    assert plan(f"{EXPORTS}- run: cargo clippy").clippy == ("--", "-D", "warnings")
    made = plan(f"{EXPORTS}- run: cargo clippy --all -- -W clippy::pedantic")
    assert made.clippy == ("--all", "--", "-D", "warnings", "-W", "clippy::pedantic")
    assert plan("- uses: dtolnay/rust-toolchain@stable\n- run: cargo clippy").clippy == ()


def test_the_strictest_call_that_ends_its_job_is_asked() -> None:
    made = plan(
        "- run: cargo clippy || true\n- run: cargo clippy --tests\n- run: cargo clippy -- -D warnings"
    )
    assert made.clippy == ("--", "-D", "warnings")
    made = plan("- run: cargo clippy -- -D warnings || true\n- run: cargo clippy --tests")
    assert made.clippy == ("--tests",)


def test_the_features_of_a_lint_are_kept() -> None:
    assert plan("- run: cargo clippy --features a,b -F c").clippy == ("--features", "a,b", "-F", "c")


def test_the_flags_of_rustdoc_are_those_of_the_call() -> None:
    made = plan(
        "- run: cargo doc --no-deps\n- {run: cargo doc, env: {RUSTDOCFLAGS: --cfg docsrs -D warnings}}"
    )
    assert (made.doc, made.rustdoc) == ((), "-D warnings")
    assert plan("- {run: cargo doc, env: {RUSTFLAGS: -D warnings}}").rustdoc == ""


NIGHTLY = "- uses: dtolnay/rust-toolchain@nightly\n"


@pytest.mark.parametrize(
    ("steps", "style"),
    [
        ("- run: cargo +nightly-2026-04-15 fmt --check", "nightly-2026-04-15"),
        (NIGHTLY + "- run: cargo fmt --all --check", "nightly"),
        (
            "- run: rustup toolchain install nightly-2026-04-15 --component rustfmt && cargo x fmt --check",
            "nightly-2026-04-15",
        ),
        ("- run: rustup toolchain install nightly --component miri\n- run: cargo x fmt", None),
        ("- run: cargo +nightly fmt\n- run: cargo +stable fmt", None),
        ("- run: cargo fmt --check", None),
        ("- run: cd fuzz && cargo +nightly fmt --check", None),
    ],
)
def test_the_nightly_that_workflows_format_with_is_the_one_that_is_asked(
    steps: str, style: str | None
) -> None:
    assert plan(steps).style == style


def test_a_toolchain_file_chooses_the_formatter_before_the_jobs_default() -> None:
    files = {CI: job(f"{NIGHTLY}- run: cargo fmt --check"), "rust-toolchain": "nightly-2024-04-27\n"}
    seen = snapshot({**files, "Cargo.toml": CRATE})
    scripts, manifests = seen.get(Scripts), seen.get(Manifests)
    assert isinstance(scripts, Scripts)
    assert isinstance(manifests, Manifests)
    assert cargo_plan(scripts, manifests).style is None

import pytest

from tasks.domain.cargo_calls import MOST
from tasks.domain.cargo_plan import cargo_plan
from tasks.domain.cargo_trial import CargoTrials
from tasks.domain.cargo_trials import cargo_trials
from tasks.domain.crate import Manifests
from tasks.domain.script import Scripts
from tasks.domain.workflow import Workflows
from tests.checks.testing import CI, job, snapshot
from tests.domain.test_cargo_calls import FILES

CHECKOUT = "- uses: actions/checkout@v4\n"
FIRST = "- run: cargo clippy --workspace -- -D warnings\n"
STRICT = "- run: cargo clippy --workspace --features a/metric -- -D warnings"


def trials(steps: str, *, extra: str = "", more: dict[str, str] | None = None) -> CargoTrials:
    seen = snapshot({CI: job(CHECKOUT + steps, extra=extra), **FILES, **(more or {})})
    scripts, manifests, workflows = seen.get(Scripts), seen.get(Manifests), seen.get(Workflows)
    assert isinstance(scripts, Scripts)
    assert isinstance(manifests, Manifests)
    assert isinstance(workflows, Workflows)
    return cargo_trials(scripts, manifests, workflows, cargo_plan(scripts, manifests), ())


def commands(steps: str, *, extra: str = "", more: dict[str, str] | None = None) -> list[str]:
    return [one.command for one in trials(steps, extra=extra, more=more).trials]


@pytest.mark.parametrize(
    ("call", "tried"),
    [
        ("cargo clippy --workspace --features a/metric -- -D warnings", None),
        ("cargo clippy --all-targets -- -D warnings", None),
        ("cargo clippy -p a -F metric -- -Dwarnings -A clippy::all", None),
        ("cargo check --benches --release", "cargo check --benches"),
        ("cargo bench --no-run", "cargo check --benches"),
        (
            "cargo test --no-run -p a --features metric",
            "cargo check -p a --features metric --tests --examples",
        ),
        ("cargo doc --document-private-items", "cargo doc --document-private-items --no-deps"),
        ("cargo test --doc -p a --features metric", None),
        ("cargo check --target wasm32-unknown-unknown", None),
        ("cd a && cargo clippy --all-features", "cargo clippy --manifest-path a/Cargo.toml --all-features"),
        ("cargo +1.70 check -p a -F metric", None),
        ("sudo apt-get install -y x && cargo check -p a -F metric", "cargo check -p a -F metric"),
    ],
)
def test_a_certain_call_is_tried_with_its_own_options(call: str, tried: str | None) -> None:
    docs = "- run: cargo doc --no-deps\n"
    assert commands(f"{FIRST}{docs}- run: {call}") == [tried or call]


@pytest.mark.parametrize(
    "steps",
    [
        "- run: cargo clippy -- -D warnings",  # part of the first
        "- run: cargo clippy -p a --bins --lib -- -D warnings",
        "- run: cargo clippy --workspace",  # which lets more pass
        "- run: cargo clippy -p c --all-features -- -D warnings",  # which has none
        "- run: cargo check",
        "- run: cargo test --doc",
        f"{STRICT} || true",
        f"{STRICT}\n  continue-on-error: true",
        f"{STRICT}\n  shell: cmd",
        "- run: cargo clippy --features $FEATURES -- -D warnings",
        "- run: cargo clippy --all-features --fix",
        "- run: cargo +nightly clippy --all-features",
        "- run: cargo clippy --all-features -Zunstable-options",
        f"- uses: someone/generates@v1\n{STRICT}",
        f"- run: ./generate.sh\n{STRICT}",
        f"- run: cargo run -p b\n{STRICT}",
        f"- run: cargo update\n{STRICT}",
        f"- run: echo RUSTFLAGS=-A >> $GITHUB_ENV\n{STRICT}",
        f"{STRICT}\n  env:\n    DATABASE_URL: postgres://x",
        f"{STRICT}\n  env:\n    RUSTFLAGS: ${{{{ vars.FLAGS }}}}",
        f"{STRICT}\n  env:\n    RUSTFLAGS: -C link-arg=-fuse-ld=mold",
    ],
)
def test_a_call_that_is_covered_or_not_certain_here_is_not_tried(steps: str) -> None:
    assert trials(f"{FIRST}{steps}") == CargoTrials()


@pytest.mark.parametrize(
    "extra",
    ["continue-on-error: true", "container: rust:1", "services: {db: {image: postgres}}", "if: false"],
)
def test_a_job_that_may_fail_or_has_what_this_machine_lacks_is_not_tried(extra: str) -> None:
    assert trials(f"{FIRST}{STRICT}") != CargoTrials()
    seen = trials(STRICT, extra=extra, more={".github/workflows/a.yml": job(f"{CHECKOUT}{FIRST}")})
    assert seen == CargoTrials()


def test_the_flags_of_a_step_are_those_of_the_call_and_levels_are_looked_for_among_the_warnings() -> None:
    call = "- run: cargo check -p a -F metric\n  env:\n    RUSTFLAGS: {}"
    (one,) = trials(call.format("-D warnings --cfg loom -C debuginfo=0")).trials
    assert (one.denied, one.env) == (("-D", "warnings"), (("RUSTFLAGS", "--cfg loom"),))
    assert one.command == "RUSTFLAGS='-D warnings --cfg loom' cargo check -p a -F metric"
    (one,) = trials(call.format("-D warnings -A dead_code")).trials
    assert one.allowed == {"dead_code"}


def test_each_lane_of_a_matrix_gives_its_own_features() -> None:
    call = "- run: cargo clippy -p a --features ${{ matrix.feature }} -- -D warnings"
    extra = "strategy: {matrix: {feature: [metric]}}"
    assert commands(FIRST + call, extra=extra) == ["cargo clippy -p a --features metric -- -D warnings"]


def test_the_widest_of_several_calls_is_tried_and_too_many_are_left() -> None:
    narrow = "- run: cargo check -p a --features metric\n"
    wide = "- run: cargo check -p a --features metric --all-targets\n"
    assert commands(narrow + wide + narrow) == ["cargo check -p a --features metric --all-targets"]
    flags = ("-p a --features metric", "-p b --features metric", "--features a/metric", "--features b/metric",
             "--no-default-features", "--all-features")  # fmt: skip
    found = trials(FIRST + "".join(f"- run: cargo clippy {one} -- -D warnings\n" for one in flags))
    assert len(found.trials) == MOST
    assert len(found.left) == len(flags) - MOST


SUB = {"sub/Cargo.toml": '[package]\nname = "s"\nversion = "0.1.0"\n[workspace]\n', "sub/src/lib.rs": ""}


@pytest.mark.parametrize(
    ("step", "cwd", "arguments"),
    [
        ("- run: cargo test\n  working-directory: sub", "sub", ()),
        ("- run: cd sub && cargo test", "sub", ()),
        ("- run: cargo test --manifest-path sub/Cargo.toml", "", ("--manifest-path", "sub/Cargo.toml")),
        ("- run: cd a && cargo test --manifest-path ../sub/Cargo.toml", "a",
         ("--manifest-path", "../sub/Cargo.toml")),
    ],
)  # fmt: skip
def test_a_workspace_below_the_root_is_tried_where_the_workflow_calls_for_it(
    step: str, cwd: str, arguments: tuple[str, ...]
) -> None:
    (one,) = trials(step, more=SUB).trials
    assert (one.cwd, one.directory, one.root, one.arguments) == (cwd, "sub", "sub", arguments)
    assert one.command == "cargo test --manifest-path sub/Cargo.toml"

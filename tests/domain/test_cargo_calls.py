import pytest

from tasks.domain.cargo_calls import MOST, FurtherCalls, further_calls
from tasks.domain.crate import Manifests
from tasks.domain.script import Scripts
from tasks.domain.workflow import Workflows
from tests.checks.testing import CI, job, snapshot

ROOT = '[workspace]\nresolver = "2"\nmembers = ["a", "b", "c"]\n'
MEMBER = '[package]\nname = "{}"\nversion = "0.1.0"\nedition = "2021"\n[features]\nmetric = []\n'
FILES = {
    "Cargo.toml": ROOT,
    "a/Cargo.toml": MEMBER.format("a"),
    "a/src/lib.rs": "",
    "b/Cargo.toml": MEMBER.format("b"),
    "b/src/main.rs": "fn main() {}",
    "c/Cargo.toml": MEMBER.format("c").partition("[features]")[0],
    "c/src/lib.rs": "",
}


def further(steps: str, *subcommands: str) -> FurtherCalls:
    seen = snapshot({CI: job(f"- uses: actions/checkout@v4\n{steps}"), **FILES})
    scripts, manifests, workflows = seen.get(Scripts), seen.get(Manifests), seen.get(Workflows)
    assert isinstance(scripts, Scripts)
    assert isinstance(manifests, Manifests)
    assert isinstance(workflows, Workflows)
    return further_calls(scripts, manifests, workflows, subcommands or ("test",), ("--workspace",))


def test_a_call_with_other_features_is_made_too_with_its_place() -> None:
    found = further(
        "- run: cargo test --workspace --locked\n- run: cargo test -p a --features metric --locked"
    )
    assert [one.options for one in found.made] == [("-p", "a", "--features", "metric")]
    assert found.made[0].place.file == CI
    assert (found.made[0].place.excerpt or "").endswith("--features metric --locked")


def test_a_release_build_with_features_is_made_without_optimization() -> None:
    call = "cargo build --release -p b --features metric --target x86_64-unknown-linux-gnu"
    (one,) = further(f"- run: {call}", "build", "check").made
    assert (one.subcommand, one.options) == ("build", ("-p", "b", "--features", "metric"))


@pytest.mark.parametrize(
    "steps",
    [
        "- run: cargo test -p a",  # part of the first
        "- run: cargo test --workspace --lib",
        "- run: cargo test -p $NAME --features metric",
        "- run: cargo test --features metric -- --ignored",
        "- run: cargo test -p a --features metric || true",
        "- run: cargo test -p a --features metric\n  continue-on-error: true",
        "- run: cargo test -p a --features metric\n  env:\n    DATABASE: x",
        "- run: cargo test -p a --features metric --target x86_64-pc-windows-gnu",
        "- run: cargo test -p a --features metric --release",
        "- run: cargo +nightly test -p a --features metric",
        "- run: docker compose up -d\n- run: cargo test -p a --features metric",
        "- uses: someone/database@v1\n- run: cargo test -p a --features metric",
        "- run: cargo test -p a --features test-registry",
        "- run: cargo test -p c --all-features",  # which has none
        "- run: cd a && cargo test --features metric",
    ],
)
def test_a_call_that_is_covered_or_not_certain_here_is_not_made(steps: str) -> None:
    assert further(steps) == FurtherCalls()


def test_equal_calls_are_made_once_and_too_many_are_counted() -> None:
    same = "- run: cargo test -p a --features metric\n"
    assert len(further(same + same).made) == 1
    flags = ("-p a --features metric", "-p b --features metric", "--features a/metric", "--features b/metric",
             "--no-default-features", "--all-features")  # fmt: skip
    found = further("".join(f"- run: cargo test {one}\n" for one in flags))
    assert (len(found.made), found.untried) == (MOST, 2)


def test_a_variable_that_only_the_shell_reads_keeps_no_build_from_being_tried() -> None:
    build = "- run: cargo build -p b --features metric\n  env:\n    {}: b\n- run: cp target/debug/$BIN dist/"
    assert further(build.format("BIN"), "build").made
    assert further(build.format("RUSTFLAGS"), "build") == FurtherCalls()
    assert further(build.format("VERSION"), "build") == FurtherCalls()

"""The calls of cargo that workflows make beside the first of each kind, made on real little workspaces."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasks.facts import cargo_further
from tests.checks.testing import job
from tests.flows.test_odd_repositories import look, repository

pytestmark = pytest.mark.processes
CALLS = "cargo-further-calls"
LINT = ".github/workflows/build.yml"
MORE = ".github/workflows/more.yml"
MANIFEST = '[package]\nname = "moon"\nversion = "0.1.0"\nedition = "2021"\n\n[features]\nmetric = []\n'
LOCK = 'version = 3\n\n[[package]]\nname = "moon"\nversion = "0.1.0"\n'
GOOD = "//! Moon.\n\n/// One.\npub fn one() -> u8 {\n    1\n}\n"
OF_METRIC = '#[cfg(feature = "metric")]\npub fn two() -> u8 {\n    %s\n}\n'
FAULT = OF_METRIC % "return 2;"  # clippy::needless_return, on line 9 behind GOOD
FINE = OF_METRIC % "2"
FIRST = job(
    "- uses: actions/checkout@v5\n- run: cargo clippy -- -D warnings\n"
    "- run: RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
)


def steps(*runs: str, extra: str = "") -> str:
    return job("- uses: actions/checkout@v5\n" + "".join(f"- run: {one}\n" for one in runs), extra=extra)


def crate(library: str, **more: str) -> dict[str, str]:
    return {"Cargo.toml": MANIFEST, "Cargo.lock": LOCK, "src/lib.rs": library, LINT: FIRST, **more}


def seen(files: Mapping[str, str], tmp_path: Path, capsys: Any, *only: str) -> list[Any]:
    """Return the findings about further calls."""
    _, report = look(repository(tmp_path / "moon", dict(files)), capsys, *(only or ("--only", CALLS)))
    return [one for one in report["findings"] if one["check"] == CALLS]


def places(finding: Any) -> list[tuple[str, int]]:
    return [(one["file"], one["line"]) for one in finding["evidence"]]


STRICT = steps("cargo clippy --all-features -- -D warnings")


def test_clippy_that_fails_only_with_a_feature_is_told_at_the_source_and_at_the_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = seen(crate(GOOD + FAULT, **{MORE: STRICT}), tmp_path, capsys)
    assert places(found) == [("src/lib.rs", 9), (MORE, 7)]
    assert (found["verdict"], found["weight"], found["phase"]) == ("broken", "blocker", "first-run")
    assert found["remedy"]["commands"][0].endswith("cargo clippy --all-features -- -D warnings)")


@pytest.mark.parametrize(
    ("library", "workflow"),
    [
        pytest.param(GOOD + FINE, STRICT, id="it passes"),
        pytest.param(GOOD + FAULT, steps("cargo clippy --all-features -- -D warnings || true"), id="masked"),
        pytest.param(
            GOOD + FAULT,
            steps("cargo clippy --all-features -- -D warnings", extra="continue-on-error: true"),
            id="a job that may fail",
        ),
        pytest.param(GOOD + FAULT, steps("cargo clippy --all-features"), id="warnings pass"),
        pytest.param(
            GOOD + FAULT,
            steps("./make.sh", "cargo clippy --all-features -- -D warnings"),
            id="a job that makes something before",
        ),
    ],
)
def test_a_call_that_passes_or_stops_no_job_is_not_told(
    library: str, workflow: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert seen(crate(library, **{MORE: workflow}), tmp_path, capsys) == []


LINK = '#[cfg(feature = "metric")]\n/// See [`Nothing`].\npub fn two() {}\n'
DENIED = "env:\n  RUSTDOCFLAGS: -D warnings"


@pytest.mark.parametrize(
    ("workflow", "expected"),
    [
        (steps("cargo doc --no-deps --all-features", extra=DENIED), [("src/lib.rs", 8), (MORE, 9)]),
        (steps('RUSTDOCFLAGS="-D warnings" cargo doc -F metric'), [("src/lib.rs", 8), (MORE, 7)]),
        (steps("cargo doc --no-deps --all-features"), None),
        (steps("cargo doc --no-deps", extra=DENIED), None),
    ],
)
def test_documentation_with_the_flags_of_its_step(
    workflow: str, expected: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = seen(crate(GOOD + LINK, **{MORE: workflow}), tmp_path, capsys)
    assert [places(one) for one in found] == ([expected] if expected else [])


UNUSED = '#[cfg(feature = "metric")]\nfn two() {}\n'
FLAGS = "env:\n  RUSTFLAGS: -Dwarnings"


@pytest.mark.parametrize(
    ("workflow", "fails"),
    [
        (steps("cargo check -F metric", extra=FLAGS), True),
        (steps("cargo build --features metric --release", extra=FLAGS), True),
        (steps("cargo bench --no-run --features metric", extra=FLAGS), True),
        (steps("cargo check -F metric"), False),
        (steps("cargo check -F metric", extra="env:\n  RUSTFLAGS: -D warnings -A dead_code"), False),
        (steps("cargo check", extra=FLAGS), False),
    ],
)
def test_warnings_that_the_environment_of_a_call_denies_are_met_with_its_features(
    workflow: str, fails: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = seen(crate(GOOD + UNUSED, **{MORE: workflow}), tmp_path, capsys)
    line = 7 if "env" not in workflow else 9
    assert [places(one) for one in found] == ([[("src/lib.rs", 8), (MORE, line)]] if fails else [])


def test_what_the_action_exports_is_met_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workflow = job(
        "- uses: actions/checkout@v5\n- uses: actions-rust-lang/setup-rust-toolchain@v1\n"
        "- run: cargo build -F metric"
    )
    (found,) = seen(crate(GOOD + UNUSED, **{MORE: workflow}), tmp_path, capsys)
    assert places(found) == [("src/lib.rs", 8), (MORE, 8)]


EXAMPLE = '#[cfg(feature = "metric")]\n/// ```\n/// assert_eq!(moon::one(), 2);\n/// ```\npub fn two() {}\n'
BENCH = '[[bench]]\nname = "fast"\nharness = false\nrequired-features = ["metric"]\n'


@pytest.mark.parametrize("value", ["1", "2"])
def test_documentation_tests_with_a_feature(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow = steps("cargo test --doc -F metric")
    files = crate(GOOD + EXAMPLE.replace("2)", f"{value})"), **{MORE: workflow})
    found = seen(files, tmp_path, capsys)
    assert [(MORE, 7) in places(one) for one in found] == ([True] if value == "2" else [])


@pytest.mark.parametrize("body", ["moon::one();", "moon::gone();"])
def test_a_benchmark_that_is_only_compiled(
    body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = crate(GOOD, **{MORE: steps("cargo bench --no-run --all-features")})
    files |= {"Cargo.toml": f"{MANIFEST}\n{BENCH}", "benches/fast.rs": f"fn main() {{\n    {body}\n}}\n"}
    found = seen(files, tmp_path, capsys)
    assert [places(one) for one in found] == ([[("benches/fast.rs", 2), (MORE, 7)]] if "gone" in body else [])


def test_one_fault_that_several_calls_meet_is_one_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = ("cargo clippy --all-features -- -D warnings", "cargo clippy -F metric --tests -- -D warnings")
    (found,) = seen(crate(GOOD + FAULT, **{MORE: steps(*calls)}), tmp_path, capsys)
    assert places(found) == [("src/lib.rs", 9), (MORE, 7), (MORE, 8)]
    assert "1 more call" in found["message"]


def test_what_the_first_call_finds_is_not_told_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = crate(GOOD.replace("    1\n", "    return 1;\n"), **{MORE: STRICT})
    _, report = look(repository(tmp_path / "moon", files), capsys)
    of_lints = [one for one in report["findings"] if one["check"] in ("cargo-clippy", CALLS)]
    assert [one["check"] for one in of_lints] == ["cargo-clippy"]


def test_a_target_and_a_toolchain_that_are_not_here_are_unknown_and_accuse_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = ("cargo check --target riscv32imac-unknown-none-elf", "cargo +1.31.1 check --all-features")
    (found,) = seen(crate(GOOD + FAULT, **{MORE: steps(*calls)}), tmp_path, capsys)
    assert (found["verdict"], found["weight"], found["blocks"]) == ("unknown", "note", False)
    assert "target riscv32imac-unknown-none-elf is not on this machine" in found["message"]
    assert "toolchain 1.31.1 is not on this machine" in found["message"]
    assert found["remedy"]["commands"] == [
        "rustup target add riscv32imac-unknown-none-elf",
        "rustup toolchain install 1.31.1",
    ]


SUB = {
    "sub/Cargo.toml": MANIFEST.replace("moon", "sun") + "\n[workspace]\n",
    "sub/Cargo.lock": LOCK.replace("moon", "sun"),
}
TESTED = "#[test]\nfn adds() {\n    assert_eq!(1 + 1, %s);\n}\n"
IN_SUB = (
    job("- uses: actions/checkout@v5\n- run: cargo test\n  working-directory: sub"),
    job("- uses: actions/checkout@v5\n- run: cd sub && cargo test --locked"),
    job("- uses: actions/checkout@v5\n- run: cargo test --manifest-path sub/Cargo.toml"),
)


@pytest.mark.parametrize("workflow", IN_SUB)
@pytest.mark.parametrize("root", [True, False])
def test_a_test_that_fails_in_a_workspace_below_the_root_is_told(
    workflow: str, root: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = crate(GOOD) if root else {}
    files = {**whole, **SUB, "sub/src/lib.rs": TESTED % "3", MORE: workflow}
    (found,) = seen(files, tmp_path, capsys)
    assert places(found)[0] == ("sub/src/lib.rs", 3)
    assert places(found)[-1][0] == MORE
    assert found["weight"] == "blocker"
    assert "cargo test --manifest-path sub/Cargo.toml" in found["remedy"]["commands"][0]


def test_a_workspace_below_the_root_that_passes_is_tried_and_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lints = job(
        "- uses: actions/checkout@v5\n- run: cargo clippy --all-targets -- -D warnings\n"
        "  working-directory: sub\n- run: cargo test\n  working-directory: sub"
    )
    files = {**crate(GOOD), **SUB, "sub/src/lib.rs": TESTED % "2", MORE: lints}
    path = repository(tmp_path / "moon", files)
    assert look(path, capsys, "--only", CALLS)[1]["findings"] == []
    assert look(path, capsys, "--only", "cargo-workspaces-tried")[1]["findings"] == []


def test_clippy_below_the_root_names_the_file_as_the_repository_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = "pub fn one() -> u8 {\n    return 1;\n}\n"
    workflow = steps("cargo clippy --manifest-path sub/Cargo.toml -- -D warnings")
    (found,) = seen({**SUB, "sub/src/lib.rs": library, MORE: workflow}, tmp_path, capsys)
    assert places(found) == [("sub/src/lib.rs", 2), (MORE, 7)]


def test_crates_that_are_not_here_leave_a_workspace_below_the_root_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = SUB["sub/Cargo.toml"] + '\n[dependencies]\nno-crate-is-called-so = "1"\n'
    files = {"sub/Cargo.toml": manifest, "sub/src/lib.rs": "", MORE: steps("cd sub && cargo test")}
    (found,) = seen(files, tmp_path, capsys)
    assert (found["verdict"], found["blocks"]) == ("unknown", False)
    assert "no registry is asked" in found["message"]
    assert "cargo fetch --manifest-path sub/Cargo.toml" in found["remedy"]["commands"][0]


def test_a_lock_file_below_the_root_that_is_not_its_manifests_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        **SUB,
        "sub/Cargo.lock": LOCK,
        "sub/src/lib.rs": "",
        MORE: steps("cd sub && cargo test --locked"),
    }
    (found,) = seen(files, tmp_path, capsys)
    assert [one["file"] for one in found["evidence"]] == ["sub/Cargo.lock", MORE]
    assert "cargo update --workspace --manifest-path sub/Cargo.toml" in found["remedy"]["commands"][0]


HANGS = '#[test]\nfn hangs() {\n    let _ = std::process::Command::new("sleep").arg("%s").status();\n}\n'


def test_a_call_that_is_over_its_time_leaves_no_process_and_accuses_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cargo_further, "FURTHER", 8.0)
    seconds = f"9{os.getpid()}"  # names the process that is looked for
    files = {**SUB, "sub/src/lib.rs": HANGS % seconds, MORE: steps("cd sub && cargo test")}
    started = time.monotonic()
    (found,) = seen(files, tmp_path, capsys)
    assert time.monotonic() - started < 30
    assert (found["verdict"], found["blocks"]) == ("unknown", False)
    assert "did not end within 8 seconds" in found["message"]
    assert not any(one.info["cmdline"] == ["sleep", seconds] for one in psutil.process_iter(["cmdline"]))

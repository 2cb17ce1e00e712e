from dataclasses import replace
from typing import Any

import pytest

from tasks.domain import limit
from tasks.domain.cargo_run import (
    CargoBuild,
    CargoFormat,
    CargoMetadata,
    CargoNightly,
    CargoOutcome,
    CargoTest,
    RefusedManifest,
    UnusedKey,
)
from tasks.domain.critical_path import causes
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Verdict, Weight
from tasks.domain.git_state import GitState
from tasks.domain.limit import Limit
from tasks.domain.rust_syntax import Reach, RustSyntax, SyntaxFault
from tasks.domain.work_tree import WorkTree
from tests.checks.testing import CI, CRATE, answers, ask, job, places

PLACE = Evidence(source="cargo", file="src/a.rs", line=8, excerpt="error[E0308]: mismatched types\n --> x")


def a_run(kind: Any, outcome: Any = CargoOutcome.PASSED, **more: Any) -> Any:
    return kind(command="cargo build --locked", outcome=outcome, seconds=60.0, **more)


def test_a_build_that_fails_blocks_and_names_the_place_and_the_command() -> None:
    (found,) = ask("cargo-build", {}, a_run(CargoBuild, CargoOutcome.FAILED, places=(PLACE,)))
    assert found.blocks
    assert (found.evidence[0].file, found.evidence[0].line) == ("src/a.rs", 8)
    assert "mismatched types" in found.message
    assert found.remedy is not None
    assert found.remedy.commands[0] == "cargo build --locked"


def test_a_build_that_passes_is_no_finding() -> None:
    assert ask("cargo-build", {}, a_run(CargoBuild)) == []
    assert answers("cargo-build", {}, a_run(CargoBuild))[0].verdict is Verdict.HOLDS


def test_failing_tests_are_named() -> None:
    run = a_run(CargoTest, CargoOutcome.FAILED, failures=("a", "b", "c", "d", "e", "f"), failed=6)
    (found,) = ask("cargo-test", {}, run)
    assert "6 tests fail: a, b, c, d, e and 1 more" in found.message


def test_a_machine_that_lacks_something_is_unknown_and_stops_nothing() -> None:
    (found,) = ask("cargo-test", {}, a_run(CargoTest, CargoOutcome.IMPOSSIBLE, last="--offline"))
    assert found.verdict is Verdict.UNKNOWN
    assert found.weight is Weight.WARNING
    assert not found.blocks


def test_what_is_lacking_is_said_with_the_command_that_brings_it() -> None:
    lacks = Limit(what="Rust 1.98 is asked for", obtain="rustup toolchain install 1.98")
    (found,) = ask("cargo-build", {}, a_run(CargoBuild, CargoOutcome.IMPOSSIBLE, lacks=lacks))
    assert "Rust 1.98 is asked for" in found.message
    assert found.remedy
    assert found.remedy.commands == ("rustup toolchain install 1.98",)
    assert (found.verdict, found.blocks) == (Verdict.UNKNOWN, False)


def unlinked(ci: str, library: str = "asound") -> Any:
    files = {
        "Cargo.toml": CRATE,
        "src/main.rs": "fn main() {}\n",
        "build.rs": f'fn main() {{\n    println!("cargo:rustc-link-lib={library}");\n}}\n',
        CI: ci,
    }
    lacks = Limit(what=f"the linker finds no library {library} (-l{library})")
    run = a_run(CargoBuild, CargoOutcome.IMPOSSIBLE, lacks=lacks, library=library, last="ld: cannot find it")
    (found,) = ask("cargo-build", files, run)
    return found


def test_a_library_that_a_job_installs_is_only_not_on_this_machine() -> None:
    for ci in (
        job("- uses: actions/checkout@v6\n- run: sudo apt-get install -y libasound2-dev\n- run: cargo build"),
        "on: push\njobs: {}\n",
    ):
        found = unlinked(ci)
        assert (found.verdict, found.blocks) == (Verdict.UNKNOWN, False)
        assert places([found])[0] == ("build.rs", 2)
        assert found.remedy.commands == ("sudo apt-get install libasound2-dev",)
    assert unlinked(job("- uses: actions/checkout@v6\n- run: cargo build"), "ours").verdict is Verdict.UNKNOWN


def test_a_library_that_no_image_has_and_no_job_installs_stops_the_build() -> None:
    found = unlinked(job("- uses: actions/checkout@v6\n- run: cargo build"))
    assert found.blocks
    assert "no job installs libasound2-dev" in found.message
    assert places([found])[0] == ("build.rs", 2)


@pytest.mark.parametrize(
    ("untracked", "told", "first"),
    [
        (("src/a.csv",), "src/a.csv lies in the work tree and is not committed", "git add -- src/a.csv"),
        ((), "not committed: git ignores it", "git add --force -- src/a.csv"),
    ],
)
def test_a_file_that_a_build_misses_and_that_lies_there_only_has_to_be_committed(
    untracked: Any, told: str, first: str
) -> None:
    state = GitState(commit="a" * 40, branch="main", origin=None, untracked=untracked)
    missing = replace(PLACE, excerpt="error: couldn't read `src/a.csv`: No such file or directory")
    run = a_run(CargoBuild, CargoOutcome.FAILED, places=(missing,), lying=("src/a.csv",))
    (found,) = ask("cargo-build", {}, run, WorkTree(state=state))
    assert found.message.endswith(told)
    assert found.remedy is not None
    assert found.remedy.commands[0] == first
    (other,) = ask("cargo-build", {}, replace(run, lying=()), WorkTree(state=state))
    assert other.remedy is not None
    assert other.remedy.commands[0] == "cargo build --locked"


def test_nightly_that_is_not_here_is_unknown_at_the_call_that_asks_for_it() -> None:
    run = a_run(CargoNightly, CargoOutcome.IMPOSSIBLE, asked=PLACE, lacks=limit.toolchain("nightly"))
    (found,) = ask("cargo-nightly", {}, run)
    assert (found.verdict, found.blocks) == (Verdict.UNKNOWN, False)
    assert found.evidence[0] == PLACE
    assert found.remedy
    assert found.remedy.commands == ("rustup toolchain install nightly",)
    assert ask("cargo-nightly", {}, a_run(CargoNightly, asked=PLACE)) == []


def test_formatting_warns_and_does_not_block() -> None:
    (found,) = ask("cargo-fmt", {}, a_run(CargoFormat, CargoOutcome.FAILED, places=(PLACE,)))
    assert not found.blocks
    assert found.remedy is not None
    assert found.remedy.commands == ("cargo fmt --all", f"git commit -- {PLACE.file}")


def test_what_only_nightly_can_format_is_formatted_with_it() -> None:
    run = a_run(CargoFormat, CargoOutcome.FAILED, places=(PLACE,))
    (found,) = ask("cargo-fmt", {}, replace(run, command="cargo +nightly fmt --all --check"))
    assert found.remedy is not None
    assert found.remedy.commands[0] == "cargo +nightly fmt --all"


def test_a_file_that_rustfmt_cannot_read_is_not_called_unformatted() -> None:
    fault = Evidence(source="rustc", file="src/b.rs", line=3, excerpt="error: unclosed")
    run = a_run(CargoFormat, CargoOutcome.FAILED, stopped=True, unread=(fault,))
    (found,) = ask("cargo-fmt", {}, run)
    assert found.message == "rustfmt stops at a file that it cannot read"
    assert found.evidence[0] == fault
    (found,) = ask("cargo-fmt", {}, replace(run, places=(PLACE,)))
    assert found.message == "not every file is formatted, and rustfmt stops at a file that it cannot read"


def test_formatting_that_stops_for_a_missing_module_stands_at_the_line_of_the_module() -> None:
    place = Evidence(source="rustc", file="src/main.rs", line=17, excerpt="file not found for module `a`")
    absent = SyntaxFault(place=place, message="file not found", reach=Reach.BUILD, package="app")
    run = a_run(CargoFormat, CargoOutcome.FAILED, stopped=True, last="failed to resolve mod `a`")
    (found,) = ask("cargo-fmt", {}, run, RustSyntax(absent=(absent,)))
    assert places([found]) == [("src/main.rs", 17)]


MISSING = "Error writing files: failed to resolve mod `a`: m/src/proto/a.rs does not exist"
STOPPED = a_run(CargoFormat, CargoOutcome.FAILED, stopped=True, last=MISSING)
BUILD_SCRIPT = 'fn main() {\n    prost_build::Config::new().out_dir("src/proto");\n}\n'


@pytest.mark.parametrize(
    ("more", "commands", "line"),
    [
        ({"m/build.rs": BUILD_SCRIPT}, ("cargo build", "cargo build --locked"), 2),
        ({".gitignore": "m/src/proto/a.rs\n"}, ("cargo build --locked",), None),
        ({".gitignore": "*.rs\n", "m/build.rs": "fn main() {}\n"}, ("cargo build --locked",), None),
    ],
)
def test_a_module_that_a_build_makes_is_unknown_and_the_build_comes_first(
    more: dict[str, str], commands: tuple[str, ...], line: int | None
) -> None:
    (found,) = ask("cargo-fmt", {"m/Cargo.toml": CRATE, **more}, STOPPED)
    assert (found.verdict, found.weight, found.evidence[0].line) == (Verdict.UNKNOWN, Weight.NOTE, line)
    assert "m/src/proto/a.rs, which is not committed" in found.message
    assert found.remedy is not None
    assert found.remedy.commands == commands


def test_a_module_that_nothing_makes_is_missing() -> None:
    for more in ({}, {"m/build.rs": 'fn main() { println!("cargo:rerun-if-changed=src"); }\n'}):
        (found,) = ask("cargo-fmt", {"m/Cargo.toml": CRATE, **more}, STOPPED)
        assert found.verdict is Verdict.BROKEN


def test_a_job_that_formats_before_anything_makes_the_module_fails() -> None:
    files = {"m/Cargo.toml": CRATE, "m/build.rs": BUILD_SCRIPT}
    alone = {**files, CI: job("- uses: actions/checkout@v4\n- run: cargo fmt --check")}
    (found,) = ask("cargo-fmt", alone, STOPPED)
    assert (found.verdict, found.weight) == (Verdict.BROKEN, Weight.BLOCKER)
    assert found.remedy is not None
    assert "build before it formats" in found.remedy.summary
    after = {**files, CI: job("- uses: actions/checkout@v4\n- run: cargo build\n- run: cargo fmt --check")}
    (found,) = ask("cargo-fmt", after, STOPPED)
    assert (found.verdict, found.weight) == (Verdict.UNKNOWN, Weight.NOTE)


def test_a_manifest_that_cargo_cannot_read_says_nothing_about_formatting() -> None:
    run = a_run(CargoFormat, CargoOutcome.FAILED, last="`cargo metadata` exited with an error")
    assert [one.message for one in ask("cargo-fmt", {}, run)] == ["the formatting could not be checked"]


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("missing field `package.name`", 1),
        ("rust-version 1.80 is incompatible with the version (1.85.0) required by the edition (2024)", 3),
    ],
)
def test_a_manifest_that_cargo_cannot_read_is_told_at_the_key_it_names(reason: str, line: int) -> None:
    manifest = '[package]\nedition = "2024"\nrust-version = "1.80"\n'
    refused = RefusedManifest(file="a/Cargo.toml", reason=reason)
    run = a_run(CargoMetadata, CargoOutcome.FAILED, last="error: no", refused=refused)
    (found,) = ask("cargo-metadata", {"a/Cargo.toml": manifest}, run)
    assert places([found]) == [("a/Cargo.toml", line)]
    assert reason in found.message


def test_a_member_that_is_not_there_is_told_where_the_workspace_names_it() -> None:
    root = "[workspace]\nmembers = [\n  'a',\n  'b',\n]\n"
    refused = RefusedManifest(file="b/Cargo.toml", reason="No such file or directory (os error 2)")
    run = a_run(CargoMetadata, CargoOutcome.FAILED, last="error: no", refused=refused)
    files = {"Cargo.toml": root, "a/Cargo.toml": CRATE, "a/src/lib.rs": ""}
    (found,) = ask("cargo-metadata", files, run)
    (exists,) = ask("cargo-members-exist", files)
    assert places([found]) == places([exists]) == [("Cargo.toml", 4)]
    assert "b/Cargo.toml: No such file" in found.message
    (cause,) = causes([found, exists])
    assert cause.findings == (exists, found)


def test_a_member_with_a_workspace_of_its_own_is_told_at_that_table() -> None:
    reason = "error inheriting `edition` from workspace root manifest's `workspace.package.edition`"
    refused = RefusedManifest(file="a/Cargo.toml", reason=reason)
    manifest = "[package]\nname = 'a'\nedition.workspace = true\n[workspace]\n"
    root = "[workspace]\nmembers = ['a']\n[workspace.package]\nedition = '2021'\n"
    run = a_run(CargoMetadata, CargoOutcome.FAILED, refused=refused)
    (found,) = ask("cargo-metadata", {"Cargo.toml": root, "a/Cargo.toml": manifest}, run)
    assert places([found]) == [("a/Cargo.toml", 4)]


def test_a_refused_lock_file_is_told_at_the_key_that_cargo_ignores_or_as_the_lock_file() -> None:
    files = {"a/Cargo.toml": "[package]\nname = 'a'\n[dependancies]\n"}
    run = a_run(CargoBuild, CargoOutcome.FAILED, unlocked=True, last="error: cannot update")
    (found,) = ask(
        "cargo-build", files, replace(run, unused=(UnusedKey(file="a/Cargo.toml", key="dependancies"),))
    )
    assert found.blocks
    assert (places([found]), "`dependancies`" in found.message) == ([("a/Cargo.toml", 3)], True)
    (found,) = ask("cargo-build", files, run)
    assert places([found]) == [("Cargo.lock", None)]


def test_the_toolchain_that_the_repository_names_and_that_is_not_here_is_told_at_its_line() -> None:
    files = {"Cargo.toml": CRATE, "rust-toolchain.toml": "[toolchain]\nchannel = '1.84.1'\n"}
    run = a_run(CargoBuild, CargoOutcome.IMPOSSIBLE, lacks=limit.toolchain("1.84.1"))
    (found,) = ask("cargo-build", files, run)
    (parser,) = ask("rust-syntax", files, RustSyntax(unseen=str(run.lacks)))
    assert places([found, parser]) == [("rust-toolchain.toml", 2)] * 2
    assert found.remedy == parser.remedy
    (other,) = ask("cargo-build", files, replace(run, lacks=limit.toolchain("1.98")))
    assert places([other]) == [(None, None)]


INSTALLS = "rustup toolchain install 1.84.1"


@pytest.mark.parametrize(
    ("stand_in", "commands"),
    [("stable-x86_64-unknown-linux-gnu", (INSTALLS, "cargo fetch")), (None, ("cargo fetch",))],
)
def test_the_named_toolchain_is_installed_before_cargo_where_another_stood_in(
    stand_in: str | None, commands: tuple[str, ...]
) -> None:
    files = {"Cargo.toml": CRATE, "rust-toolchain.toml": "[toolchain]\nchannel = '1.84.1'\n"}
    run = a_run(CargoBuild, CargoOutcome.IMPOSSIBLE, lacks=limit.CRATES, stand_in=stand_in)
    (found,) = ask("cargo-build", files, run)
    assert found.remedy is not None
    assert found.remedy.commands == commands


def test_a_build_that_fails_with_a_stand_in_is_repeated_with_the_named_toolchain() -> None:
    files = {"Cargo.toml": CRATE, "rust-toolchain.toml": "[toolchain]\nchannel = '1.84.1'\n"}
    run = a_run(CargoBuild, CargoOutcome.FAILED, places=(PLACE,), stand_in="stable")
    (found,) = ask("cargo-build", files, run)
    assert found.remedy is not None
    assert found.remedy.commands == (INSTALLS, "cargo build --locked", "git commit --all")


def test_the_crates_that_a_missing_toolchain_hides_are_got_too() -> None:
    files = {"Cargo.toml": CRATE, "rust-toolchain.toml": "[toolchain]\nchannel = '1.84.1'\n"}
    run = a_run(CargoBuild, CargoOutcome.IMPOSSIBLE, lacks=limit.toolchain("1.84.1"))
    registry = 'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
    locked = f'version = 4\n[[package]]\nname = "a"\nversion = "1.0.0"\n{registry}'
    (found,) = ask("cargo-build", {**files, "Cargo.lock": locked}, run)
    assert "its crates were not looked for" in found.message
    assert found.remedy is not None
    assert found.remedy.commands == ("rustup toolchain install 1.84.1", "cargo fetch")
    (alone,) = ask("cargo-build", files, run)
    assert alone.remedy is not None
    assert alone.remedy.commands == ("rustup toolchain install 1.84.1",)


def test_a_workspace_that_cargo_cannot_read_shows_cargos_words() -> None:
    (found,) = ask("cargo-metadata", {}, a_run(CargoMetadata, CargoOutcome.FAILED, last="failed to parse"))
    assert found.evidence[0].excerpt == "failed to parse"
    assert found.evidence[0].file is None


@pytest.mark.parametrize(
    ("steps", "blocks"),
    [
        ("- run: cargo fmt --all -- --check", True),
        ("- run: cargo fmt --check", True),
        ("- run: cargo fmt --check || true", False),
        ("- {run: cargo fmt --check, continue-on-error: true}", False),
        ("- run: cargo fmt", False),
    ],
)
def test_formatting_blocks_where_a_job_fails_for_it(steps: str, blocks: bool) -> None:
    files = {CI: job(f"- uses: actions/checkout@v4\n{steps}")}
    (found,) = ask("cargo-fmt", files, a_run(CargoFormat, CargoOutcome.FAILED, places=(PLACE,)))
    assert found.blocks is blocks
    assert [one.line for one in found.evidence] == ([8, 7] if blocks else [8])


def test_a_further_call_that_fails_is_named_with_its_place_in_the_workflow() -> None:
    asked = Evidence(file=CI, line=9)
    (found,) = ask("cargo-test", {}, a_run(CargoTest, CargoOutcome.FAILED, failures=("a",), further=asked))
    assert "`cargo build --locked`: 1 tests fail: a" in found.message
    assert (CI, 9) in [(one.file, one.line) for one in found.evidence]


def test_calls_that_were_not_tried_are_no_finding() -> None:
    assert ask("cargo-test", {}, a_run(CargoTest, passed=1, untried=2)) == []

from typing import Any

from tasks.domain.cargo_run import CargoOutcome, CargoRun
from tasks.domain.cargo_trial import CargoFurther, Trial, Tried
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.limit import Limit, target
from tests.checks.testing import CI, CRATE, ask, job, places

FAULT = Evidence(source="cargo", file="src/lib.rs", line=8, excerpt="error: unused variable\n --> x")
OTHER = Evidence(source="cargo", file="src/b.rs", line=3, excerpt="error: mismatched types\n")
FILES = {CI: job("- uses: actions/checkout@v4\n- run: cargo clippy --all-features\n- run: cargo doc")}


def tried(*faults: Evidence, line: int = 7, outcome: Any = CargoOutcome.FAILED, **more: Any) -> Tried:
    trial = Trial(
        subcommand="clippy",
        options=("--features", str(line)),
        place=Evidence(file=CI, line=line),
        of="ci.yml: build",
        root=more.pop("root", ""),
        directory=more.pop("directory", ""),
    )
    run = CargoRun(
        command=trial.command,
        outcome=outcome,
        seconds=1.0,
        places=faults,
        unlocked=more.pop("unlocked", False),
    )
    return Tried(**{"trial": trial, "run": run, **more})


def found(*calls: Tried, known: tuple[object, ...] = ()) -> list[Finding]:
    return ask("cargo-further-calls", FILES, CargoFurther(tried=calls, known=frozenset(known)))


def test_a_call_that_fails_is_told_at_the_source_and_at_the_call() -> None:
    (one,) = found(tried(FAULT))
    assert [(at.file, at.line) for at in one.evidence] == [("src/lib.rs", 8), (CI, 7)]
    assert one.blocks
    assert one.message.endswith("error: unused variable")


def test_a_call_that_passes_is_not_told() -> None:
    assert found(tried(outcome=CargoOutcome.PASSED)) == []


def test_one_fault_of_several_calls_is_one_finding_and_two_faults_are_two() -> None:
    one, other = found(tried(FAULT), tried(OTHER, line=8), tried(FAULT, line=8))
    assert places([one, other]) == [("src/lib.rs", 8), ("src/b.rs", 3)]
    assert [(at.file, at.line) for at in one.evidence] == [("src/lib.rs", 8), (CI, 7), (CI, 8)]


def test_what_another_check_tells_is_not_told_again() -> None:
    assert found(tried(FAULT), known=(("src/lib.rs", 8),)) == []
    assert places(found(tried(FAULT, OTHER), known=(("src/lib.rs", 8),))) == [("src/b.rs", 3)]
    assert found(tried(failures=("a::b",)), known=("a::b",)) == []
    assert len(found(tried(failures=("a::b", "c")), known=("a::b",))) == 1


def test_calls_that_gave_no_answer_are_one_note_with_their_reasons() -> None:
    slow = Limit(what="it did not end within 9 seconds")
    (one,) = found(tried(lacks=target("wasm32-wasip1")), tried(line=8, lacks=slow))
    assert (one.verdict, one.weight, one.blocks) == (Verdict.UNKNOWN, Weight.NOTE, False)
    assert "target wasm32-wasip1 is not on this machine" in one.message
    assert "it did not end within 9 seconds" in one.message
    assert one.remedy is not None
    assert one.remedy.commands == ("rustup target add wasm32-wasip1",)


def test_a_stale_lock_file_below_the_root_has_the_command_that_mends_it() -> None:
    (one,) = found(tried(root="sub", directory="sub", unlocked=True))
    assert places([one]) == [("sub/Cargo.lock", None)]
    assert one.remedy is not None
    assert one.remedy.commands[0] == "cargo update --workspace --manifest-path sub/Cargo.toml"


ONE = {"service/Cargo.toml": CRATE, "service/src/lib.rs": ""}


def test_a_workspace_below_the_root_that_was_tried_is_not_said_to_be_untried() -> None:
    passed = tried(root="service", outcome=CargoOutcome.PASSED)
    assert ask("cargo-workspaces-tried", ONE, CargoFurther(tried=(passed,))) == []
    assert len(ask("cargo-workspaces-tried", ONE, CargoFurther())) == 1

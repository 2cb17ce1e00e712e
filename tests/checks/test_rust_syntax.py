from typing import Any

import pytest

from tasks.domain.cargo_run import CargoFormat, CargoOutcome
from tasks.domain.critical_path import causes
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Verdict, Weight
from tasks.domain.git_state import GitState
from tasks.domain.limit import Limit
from tasks.domain.rust_syntax import Reach, RustSyntax, SyntaxFault
from tasks.domain.work_tree import WorkTree
from tests.checks.testing import answers, ask, places


def a_fault(reach: Reach = Reach.BUILD, **more: Any) -> SyntaxFault:
    place = Evidence(source="rustc", file="src/a.rs", line=8, excerpt="error: unclosed")
    given = {"place": place, "message": "this file contains an unclosed delimiter", "package": "app"}
    return SyntaxFault(**{**given, "reach": reach, **more})


@pytest.mark.parametrize(("reach", "said"), [(Reach.BUILD, "cargo build"), (Reach.TEST, "cargo test")])
def test_a_file_that_the_build_reads_blocks_and_says_what_it_hides(reach: Reach, said: str) -> None:
    (found,) = ask("rust-syntax", {}, RustSyntax(faults=(a_fault(reach),)))
    assert (found.subject, places([found])) == ("src/a.rs", [("src/a.rs", 8)])
    assert found.blocks
    assert f"the committed file cannot be parsed, so `{said}` fails" in found.message
    assert "in types or tests, is hidden until it is corrected" in found.message


@pytest.mark.parametrize("reach", [Reach.BENCH, Reach.NEVER])
def test_a_file_that_no_plain_build_reads_stops_nothing(reach: Reach) -> None:
    (found,) = ask("rust-syntax", {}, RustSyntax(faults=(a_fault(reach),)))
    assert (found.weight, found.blocks) == (Weight.WARNING, False)


@pytest.mark.parametrize("check", ["rust-syntax", "rust-module-committed"])
def test_a_machine_without_rustfmt_stops_nobody(check: str) -> None:
    (found,) = ask(check, {}, RustSyntax(unseen="toolchain 1.97.0 is not on this machine"))
    assert (found.verdict, found.blocks) == (Verdict.UNKNOWN, False)
    assert "toolchain 1.97.0" in found.message


def test_what_this_machine_lacks_is_one_remedy_for_all_who_want_it() -> None:
    lacks = Limit(what="the component rustfmt is not on this machine", obtain="rustup component add rustfmt")
    run = CargoFormat(command="cargo fmt", outcome=CargoOutcome.IMPOSSIBLE, seconds=0.1, lacks=lacks)
    seen = RustSyntax(unseen=lacks.what, lacks=lacks)
    asked = ("cargo-fmt", "rust-syntax", "rust-module-committed")
    found = [one for check in asked for one in ask(check, {}, run, seen)]
    assert len(found) == len(asked)
    assert len(causes(found)) == 1


def test_a_correction_that_is_not_committed_is_named() -> None:
    (found,) = ask("rust-syntax", {}, RustSyntax(faults=(a_fault(corrected=True),)))
    assert "is corrected, but not committed" in found.message
    assert found.remedy
    assert found.remedy.commands == ("git commit -m 'Correct syntax' -- src/a.rs",)


def test_a_fault_that_is_not_committed_is_a_note_and_the_commit_holds() -> None:
    found = answers("rust-syntax", {}, RustSyntax(uncommitted=(a_fault(Reach.NEVER),)))
    assert [(one.verdict, one.weight) for one in found if one.subject == "src/a.rs"] == [
        (Verdict.BROKEN, Weight.NOTE)
    ]
    assert [one.verdict for one in found if one.subject == "the committed tree"] == [Verdict.HOLDS]


def test_a_look_that_did_not_come_to_its_end_says_so() -> None:
    found = ask("rust-syntax", {}, RustSyntax(faults=(a_fault(),), complete=False))
    assert [one.verdict for one in found] == [Verdict.BROKEN, Verdict.UNKNOWN]


def test_files_that_can_be_read_are_not_accused() -> None:
    assert ask("rust-syntax", {}, RustSyntax()) == []


def test_a_module_without_a_file_blocks() -> None:
    seen = RustSyntax(absent=(a_fault(message="file not found for module `gone`"),))
    (found,) = ask("rust-module-committed", {}, seen)
    assert (found.subject, found.blocks) == ("src/a.rs: `gone`", True)


def test_a_module_whose_file_lies_there_only_has_to_be_committed() -> None:
    state = GitState(commit="a" * 40, branch="main", origin=None, untracked=("src/gone.rs",))
    seen = RustSyntax(absent=(a_fault(message="file not found for module `gone`", lying="src/gone.rs"),))
    run = CargoFormat(command="cargo fmt", outcome=CargoOutcome.FAILED, seconds=0.1, stopped=True)
    asked = ("rust-module-committed", "cargo-fmt")
    found = [one for check in asked for one in ask(check, {}, seen, run, WorkTree(state=state))]
    assert "src/gone.rs lies in the work tree and is not committed" in found[0].message
    assert [one.remedy and one.remedy.commands[0] for one in found] == ["git add -- src/gone.rs"] * 2
    assert len(causes(found)) == 1


def test_a_module_that_only_a_bench_names_stops_nothing() -> None:
    seen = RustSyntax(absent=(a_fault(Reach.BENCH, message="file not found for module `gone`"),))
    assert [one.blocks for one in ask("rust-module-committed", {}, seen)] == [False]
    assert ask("rust-module-committed", {}, RustSyntax(faults=(a_fault(),))) == []

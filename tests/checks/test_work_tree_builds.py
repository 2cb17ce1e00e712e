from dataclasses import replace

from tasks.domain.cargo_run import CargoBuild, CargoOutcome, CargoWorkTree
from tasks.domain.evidence import Evidence
from tasks.domain.git_state import GitState
from tasks.domain.limit import CRATES
from tasks.domain.work_tree import WorkTree
from tests.checks.testing import answers, ask

BUILT = CargoBuild(command="cargo build", outcome=CargoOutcome.PASSED, seconds=1.0)
FAULT = Evidence(source="cargo", file="src/lib.rs", line=9, excerpt="error[E0425]: no `bas`\n --> src/lib.rs")
ELSEWHERE = replace(FAULT, file="src/main.rs", line=2)
BROKEN = CargoWorkTree(
    command="cargo check --locked",
    outcome=CargoOutcome.FAILED,
    seconds=1.0,
    files=("src/lib.rs",),
    places=(FAULT, ELSEWHERE),
)
FINE = replace(BROKEN, outcome=CargoOutcome.PASSED, places=())


def test_what_only_the_work_tree_cannot_compile_is_told_with_the_files_that_are_not_committed() -> None:
    (found,) = ask("work-tree-builds", {}, BROKEN, BUILT)
    assert (found.verdict, found.weight, found.blocks) == ("broken", "warning", False)
    assert "with src/lib.rs as it lies there it does not: error[E0425]: no `bas`" in found.message
    assert [(one.file, one.committed) for one in found.evidence] == [
        ("src/lib.rs", False),
        ("src/main.rs", True),
    ]
    assert found.remedy
    assert found.remedy.commands == ("cargo check --locked", "git diff HEAD -- src/lib.rs")


def test_a_work_tree_that_compiles_or_fails_like_the_commit_is_not_accused() -> None:
    (found,) = answers("work-tree-builds", {}, FINE, BUILT)
    assert (found.verdict, found.message) == ("holds", "compiles")
    (found,) = answers("work-tree-builds", {}, replace(FINE, files=()), BUILT)
    assert found.verdict == "holds"
    assert ask("work-tree-builds", {}, BROKEN, replace(BUILT, outcome=CargoOutcome.FAILED)) == []


def test_what_could_not_be_compiled_here_is_unknown() -> None:
    lacking = replace(BROKEN, outcome=CargoOutcome.IMPOSSIBLE, places=(), lacks=CRATES)
    (found,) = ask("work-tree-builds", {}, lacking, BUILT)
    assert (found.verdict, found.weight) == ("unknown", "note")


def test_a_build_that_the_work_tree_mends_says_so_with_the_command_that_commits_it() -> None:
    failed = replace(BUILT, outcome=CargoOutcome.FAILED, places=(FAULT,))
    work = WorkTree(state=GitState(commit="c", branch="main", origin=None, unstaged=("src/lib.rs",)))
    (found,) = ask("cargo-build", {}, failed, FINE, work)
    assert found.message.endswith("; fixed in the work tree (src/lib.rs), not committed")
    assert found.remedy
    assert found.remedy.commands == (
        "git add -- src/lib.rs",
        "git commit -m 'Commit src/lib.rs' -- src/lib.rs",
    )
    (other,) = ask("cargo-build", {}, failed, BROKEN, work)
    assert "fixed" not in other.message

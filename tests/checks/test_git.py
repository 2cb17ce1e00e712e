from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.forge import ForgeBranch, ForgeToken, TokenKind
from tasks.domain.git_state import GitState
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tasks.domain.tree import SUBMODULE, Entry, Tree
from tasks.domain.work_tree import Difference, Ignored, LocalCommit, TreeDifference, WorkTree
from tests.checks.testing import CI, CRATE, answers, ask, job, places, snapshot

FLOW = ".github/workflows/ci.yml"


def work(**state: Any) -> WorkTree:
    more: dict[str, Any] = {key: state.pop(key) for key in ("unpushed", "ignored", "fetched") if key in state}
    given = {"commit": "c" * 40, "branch": "main", "origin": None, "default_branch": "main", **state}
    seen = GitState(**given)
    known: dict[str, Any] = {"ahead": seen.ahead, "fetched": seen.upstream is not None}
    return WorkTree(state=seen, **{**known, **more})


def test_another_branch_than_the_default_one_is_told() -> None:
    (found,) = ask("default-branch-checked-out", {}, work(branch="feature"))
    assert found.remedy
    assert found.remedy.commands == ("git switch main", "git merge feature")


def test_a_commit_that_no_branch_is_at_is_told_with_the_command_that_makes_one() -> None:
    (found,) = ask("default-branch-checked-out", {}, work(branch=None))
    assert (found.weight, found.subject) == (Weight.WARNING, "branch")
    assert "detached HEAD" in found.message
    assert found.remedy
    assert found.remedy.commands == ("git switch -c work-cccccccc", "git switch main")


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"default_branch": None},
        {"branch": None, "commit": None},
        {"branch": None, "in_progress": "rebase"},
        {"branch": None, "linked_worktree": True},
    ],
)
def test_the_default_branch_or_an_unknown_one_is_not_accused(state: Any) -> None:
    assert ask("default-branch-checked-out", {}, work(**state)) == []


def test_unpushed_commits_are_listed_and_workflow_files_among_them_named() -> None:
    commit = LocalCommit(id="a" * 40, title="Add CI", paths=(FLOW, "src/a.rs"))
    (found,) = ask("commits-pushed", {}, work(ahead=1, upstream="b" * 40, unpushed=(commit,)))
    assert "ci.yml" in found.message
    assert found.message.startswith("1 commit is not pushed")
    assert "Add CI" in str(found.evidence[0].excerpt)
    assert found.weight is Weight.NOTE


def test_where_nothing_was_ever_fetched_a_push_brings_every_workflow_file() -> None:
    seen = work(ahead=1, unpushed=(LocalCommit(id="a" * 40, title="More", paths=("src/a.rs",)),))
    (found,) = ask("commits-pushed", {CI: job("- run: echo")}, seen)
    assert "it changes ci.yml, and pushing that takes the `workflow` scope" in found.message
    (found,) = ask("commits-pushed", {CI: job("- run: echo")}, replace(seen, fetched=True))
    assert "ci.yml" not in found.message


@pytest.mark.parametrize("ahead", [0, None])
def test_nothing_unpushed_or_not_known_is_not_accused(ahead: Any) -> None:
    assert ask("commits-pushed", {}, work(ahead=ahead)) == []


def test_a_branch_that_went_apart_is_told() -> None:
    (found,) = ask("branch-up-to-date", {}, work(ahead=2, behind=3, upstream="b" * 40))
    assert "lacks 3 commits of the remote and has 2 of its own" in found.message


def test_a_branch_that_was_made_anew_is_not_told_to_take_the_old_commits_in() -> None:
    seen = work(ahead=1, behind=1, upstream="b" * 40, rewritten=True)
    (found,) = ask("branch-up-to-date", {}, seen)
    assert "made anew here" in found.message
    assert found.remedy
    assert found.remedy.commands[-1] == "git push --force-with-lease origin HEAD:main"
    assert "git pull --rebase origin main" in found.remedy.summary
    (found,) = ask("branch-up-to-date", {}, work(ahead=1, behind=1, upstream="b" * 40))
    assert found.remedy
    assert found.remedy.commands[-1] == "git pull --rebase origin main"
    (found,) = ask("branch-up-to-date", {}, work(ahead=0, behind=1, upstream="b" * 40))
    assert found.remedy
    assert found.remedy.commands == ("git pull --ff-only",)


@pytest.mark.parametrize("behind", [0, None])
def test_a_branch_that_lacks_nothing_is_not_accused(behind: Any) -> None:
    assert ask("branch-up-to-date", {}, work(ahead=2, behind=behind)) == []


def test_staged_changed_and_untracked_files_are_told_apart() -> None:
    found = ask("work-tree-clean", {}, work(staged=("a",), unstaged=("b", "c"), untracked=("d",)))
    assert [one.subject for one in found] == ["staged", "changed", "untracked"]
    assert places(found) == [("a", None), ("b", None), ("d", None)]
    assert {one.weight for one in found} == {Weight.NOTE}
    assert [one.message.partition(" and ")[0] for one in found] == [
        "1 file is staged",
        "2 files are changed",
        "1 file is untracked",
    ]


def test_what_is_uncommitted_is_committed_by_commands_that_offer_it() -> None:
    found = ask("work-tree-clean", {}, work(staged=("a",), unstaged=("b",), untracked=("d e", "f")))
    typed = {one.subject: one.remedy.commands for one in found if one.remedy is not None}
    look, commit = "git status --short", "git commit"
    assert typed == {
        "staged": (look, commit),
        "changed": (look, "git add --patch", commit),
        "untracked": (look, "git add -- 'd e' f", commit),
    }
    (many,) = ask("work-tree-clean", {}, work(untracked=tuple("abcdefghijklmnopqrstuvwxyz")))
    assert many.remedy is not None
    assert many.remedy.commands == (look, "git add --interactive", commit)


def test_a_clean_work_tree_is_not_accused() -> None:
    assert ask("work-tree-clean", {}, work()) == []


def test_a_half_done_rebase_names_the_files_in_conflict() -> None:
    (found,) = ask("no-merge-in-progress", {}, work(in_progress="rebase", conflicted=("src/a.rs",)))
    assert places([found]) == [("src/a.rs", None)]
    assert "rebase" in found.message


def test_nothing_half_done_is_not_accused() -> None:
    assert ask("no-merge-in-progress", {}, work()) == []


def test_an_uncommitted_workflow_file_is_named_with_the_command() -> None:
    state = work(untracked=(FLOW,), unstaged=(".github/workflows/b.yml",))
    found = ask("workflow-files-committed", {}, state)
    assert sorted(one.subject for one in found) == [".github/workflows/b.yml", FLOW]
    assert found[1].remedy
    assert found[1].remedy.commands[0] == f"git add '{FLOW}'"


def test_workflow_files_that_are_deleted_here_are_one_finding_that_brings_them_back() -> None:
    other = ".github/workflows/b.yml"
    state = work(unstaged=(other,), staged=(FLOW,), deleted=(FLOW, other))
    (found,) = ask("workflow-files-committed", {}, state)
    assert found.message == "2 files are deleted here, and GitHub runs the committed ones: ci.yml, b.yml"
    assert [one.file for one in found.evidence] == [FLOW, other]
    assert found.remedy
    assert found.remedy.commands[0].startswith("git restore ")


def test_a_committed_workflow_file_that_the_index_has_no_more_is_not_said_to_be_uncommitted() -> None:
    state = work(staged=(FLOW, "a b"), deleted=(FLOW, "a b"), untracked=(FLOW, "a b"))
    (found,) = ask("workflow-files-committed", {}, state)
    told = "1 committed file is taken out of git's index, so the next commit deletes it: ci.yml"
    assert (found.subject, found.message) == ("taken out", told)
    (found,) = ask("work-tree-clean", {}, state)
    assert (found.subject, [one.file for one in found.evidence]) == ("taken out", [FLOW, "a b"])
    assert found.remedy
    assert found.remedy.commands == (f"git restore --staged -- {FLOW} 'a b'",)


def test_other_uncommitted_files_are_no_workflow_files() -> None:
    assert ask("workflow-files-committed", {}, work(untracked=(".github/CODEOWNERS", "src/a.rs"))) == []


def test_an_ignored_workflow_file_is_named_with_the_rule() -> None:
    ignored = Ignored(path=FLOW, rule="*.yml", file=".gitignore", line=3)
    (found,) = ask("needed-file-not-ignored", {}, work(ignored=(ignored,)))
    assert places([found]) == [(".gitignore", 3)]


def test_an_ignored_lock_file_matters_to_programs_only() -> None:
    ignored = work(ignored=(Ignored(path="Cargo.lock", rule="Cargo.lock", file=".gitignore", line=1),))
    program = {"Cargo.toml": CRATE, "src/main.rs": ""}
    library = {"Cargo.toml": CRATE, "src/lib.rs": ""}
    assert len(ask("needed-file-not-ignored", program, ignored)) == 1
    assert ask("needed-file-not-ignored", library, ignored) == []


def test_a_shallow_clone_is_a_note() -> None:
    assert [one.weight for one in ask("history-complete", {}, work(shallow=True))] == [Weight.NOTE]
    assert ask("history-complete", {}, work()) == []


def with_submodule(checkout: str) -> list[Finding]:
    manifest = CRATE + '[dependencies]\nx = { path = "vendor/x" }\n'
    files = {"Cargo.toml": manifest, "src/main.rs": "", CI: job(f"{checkout}\n- run: cargo build")}
    entries = {path: Entry(path=path) for path in files}
    entries["vendor/x"] = Entry(path="vendor/x", mode=SUBMODULE, size=None)
    return ask("submodule-checked-out", files, Tree(origin="literal", entries=entries))


def test_a_build_without_the_submodule_that_it_needs_is_named() -> None:
    assert places(with_submodule("- uses: actions/checkout@v4")) == [(CI, 6)]


@pytest.mark.parametrize(
    "checkout",
    [
        "- {uses: actions/checkout@v4, with: {submodules: true}}",
        "- uses: actions/checkout@v4\n- run: git submodule update --init",
    ],
)
def test_a_build_that_fetches_its_submodules_is_not_accused(checkout: str) -> None:
    assert with_submodule(checkout) == []


def test_a_recipe_that_fetches_submodules_may_be_called_by_any_job() -> None:
    manifest = CRATE + '[dependencies]\nx = { path = "x" }\n'
    files = {"Cargo.toml": manifest, CI: job("- uses: actions/checkout@v4\n- run: cargo build")}
    files["Makefile"] = "deps:\n\tgit submodule update --init\n"
    entries = {"x": Entry(path="x", mode=SUBMODULE, size=None)}
    assert ask("submodule-checked-out", files, Tree(origin="literal", entries=entries)) == []


def test_a_submodule_of_another_workspace_is_not_needed() -> None:
    files = {
        "Cargo.toml": CRATE,
        "src/main.rs": "",
        "tests/cfo/Cargo.toml": f'[workspace]\n{CRATE}[dependencies]\nx = {{ path = "deps/x" }}\n',
        "tests/cfo/src/lib.rs": "",
    }
    for run, told in (("cargo build", 0), ("cd tests/cfo && cargo build", 1), ("cargo install x", 0)):
        files[CI] = job(f"- uses: actions/checkout@v4\n- run: {run}")
        entries = {path: Entry(path=path) for path in files}
        entries["tests/cfo/deps/x"] = Entry(path="tests/cfo/deps/x", mode=SUBMODULE, size=None)
        tree = Tree(origin="literal", entries=entries)
        assert len(ask("submodule-checked-out", files, tree)) == told, run


def pushing(scopes: Any, theirs: str = "old") -> list[Finding]:
    tree = Tree(origin="commit x", entries={FLOW: Entry(path=FLOW, blob="new")})
    branch = ForgeBranch(name="main", commit="a" * 40, workflows={FLOW: theirs})
    token = ForgeToken(kind=TokenKind.CLASSIC, login="me", scopes=scopes)
    return ask("workflow-push-right", {}, tree, branch, token)


def test_a_token_without_the_scope_for_a_changed_workflow_blocks() -> None:
    (found,) = pushing(frozenset({"repo"}))
    assert found.blocks
    assert places([found]) == [(FLOW, None)]


def test_a_token_with_the_scope_of_unknown_scopes_or_for_nothing_changed_is_not_accused() -> None:
    assert pushing(frozenset({"repo", "workflow"})) == []
    assert pushing(None) == []
    assert pushing(frozenset({"repo"}), theirs="new") == []


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        world=WorldKind.EMBEDDED,
        repository_path=tmp_path,
        owner="acme",
        name="app",
        branch="main",
        commit="c" * 40,
        state_directory=tmp_path,
    )


def remote(settings: Settings, commit: str | None, theirs: str) -> list[Finding]:
    tree = Tree(origin="commit x", entries={FLOW: Entry(path=FLOW, blob="new")})
    branch = ForgeBranch(name="main", commit=commit, workflows={FLOW: theirs})
    return answers("remote-has-workflows", {}, tree, branch, settings)


def test_a_pushed_commit_whose_workflow_is_another_on_github_is_named(settings: Settings) -> None:
    (found,) = remote(settings, settings.commit, "old")
    assert (found.verdict, found.subject) == (Verdict.BROKEN, FLOW)


def test_before_the_push_nothing_is_asked_of_the_remote(settings: Settings) -> None:
    assert remote(settings, "f" * 40, "old") == []
    assert [one.verdict for one in remote(settings, settings.commit, "new")] == [Verdict.HOLDS]


def apart(committed: Verdict | None, lying: Verdict | None, **more: Any) -> Difference:
    given = {"check": "workflow-parses", "subject": "ci.yml", "line": 4, "message": "no YAML", "file": FLOW}
    return Difference(**{**given, "committed": committed, "lying": lying, **more})


@pytest.mark.parametrize(
    ("weight", "expected"), [("blocker", "warning"), ("warning", "warning"), ("note", "note")]
)
def test_what_is_broken_in_the_work_tree_alone_names_the_file_that_makes_the_difference(
    weight: str, expected: str
) -> None:
    one = apart(Verdict.HOLDS, Verdict.BROKEN, weight=Weight(weight), phase=Phase.FIRST_RUN)
    (found,) = ask("commit-and-work-tree-agree", {}, TreeDifference(compared=True, found=(one,)))
    assert (places([found]), found.weight) == ([(FLOW, 4)], expected)
    assert "broken in the work tree and not in the commit" in found.message
    assert ("would block the first-run" in found.message) is (weight == "blocker")
    assert found.remedy is not None
    assert found.remedy.commands == (f"git diff HEAD -- {FLOW}",)


def test_what_is_broken_in_the_work_tree_is_not_called_about_the_commit() -> None:
    line = Evidence(source="file", file="a.toml", line=2)
    for one in (apart(None, Verdict.BROKEN), apart(None, Verdict.BROKEN, places=(line,))):
        changed = frozenset({FLOW, "a.toml"})
        difference = TreeDifference(compared=True, found=(one,), changed=changed)
        (found,) = ask("commit-and-work-tree-agree", {}, difference)
        assert difference.told(found) == found
        elsewhere = replace(found, evidence=(line,))  # near miss: what another check says of a commit's file
        assert difference.told(elsewhere).message.endswith("this is about the commit")


def test_git_shows_no_difference_of_a_file_that_it_does_not_know() -> None:
    one = apart(None, Verdict.BROKEN, new=True)
    (found,) = ask("commit-and-work-tree-agree", {}, TreeDifference(compared=True, found=(one,)))
    assert found.remedy is not None
    assert found.remedy.commands == ()


def test_what_is_broken_in_the_commit_alone_is_told_by_its_own_check_as_put_right_and_not_committed() -> None:
    one = apart(Verdict.BROKEN, Verdict.HOLDS, file="a b.yml")
    difference = TreeDifference(compared=True, found=(one,), asked=frozenset({"workflow-parses"}))
    assert ask("commit-and-work-tree-agree", {}, difference) == []
    finding = Finding(
        check="workflow-parses",
        phase=Phase.PREFLIGHT,
        subject="ci.yml",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message="no YAML",
    )
    told = difference.told(finding)
    assert told.message == "no YAML; fixed in the work tree (a b.yml), not committed"
    assert told.blocks
    assert told.remedy is not None
    assert told.remedy.commands[0] == "git add -- 'a b.yml'"
    assert difference.told(told) == told
    assert difference.told(replace(finding, subject="other.yml")).message == "no YAML"


def test_a_commit_and_a_work_tree_that_agree_are_not_accused() -> None:
    assert ask("commit-and-work-tree-agree", {}, TreeDifference(compared=True)) == []


def test_a_deleted_file_is_told_as_deleted_with_what_brings_it_back() -> None:
    (found,) = ask("work-tree-clean", {}, work(staged=("a b",), unstaged=("c",), deleted=("a b", "c")))
    assert (found.subject, found.message) == ("deleted", "2 files are committed and deleted here: a b, c")
    assert found.remedy
    assert found.remedy.commands == ("git restore --source=HEAD --staged --worktree -- 'a b' c",)


def test_a_file_that_the_clone_does_not_hold_is_no_change_of_the_work_tree() -> None:
    lacked = work(staged=("a.gif",), deleted=("a.gif",), lacked=("a.gif",))
    assert ask("work-tree-clean", {}, lacked) == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Evidence(source="cargo", file="src/lib.rs", line=3), True),
        (Evidence(source="rustc", file="src/lib.rs", line=3), True),
        (Evidence(source="rustc", file="src/lib.rs", line=3, committed=False), False),
        (Evidence(source="cargo", file="src/written_by_build.rs", line=3), None),
        (Evidence(source="cargo", file="/registry/other-1.0.0/src/lib.rs", line=3), None),
        (Evidence(source="cargo"), None),
        (Evidence(source="aws", file="src/lib.rs"), None),
    ],
)
def test_what_the_compiler_says_of_a_file_of_the_commit_is_about_the_committed_one(
    place: Evidence, expected: bool | None
) -> None:
    tree = snapshot({"src/lib.rs": ""}).get(Tree)
    assert isinstance(tree, Tree)
    finding = Finding(
        check="cargo-build",
        phase=Phase.PREFLIGHT,
        subject="the committed tree",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message="does not build",
        evidence=(place,),
    )
    (marked,) = work(unstaged=("src/lib.rs",)).marked(finding, tree).evidence
    assert marked == replace(place, committed=expected)

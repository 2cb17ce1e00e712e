import os
import subprocess
from pathlib import Path

import pytest

from tasks.checks import load
from tasks.domain.credential import PastCredentials
from tasks.domain.finding import Verdict
from tasks.domain.unpushed import MB, LargeFile, UnpushedFiles
from tasks.facts.collect import collect
from tasks.facts.tree import LiteralFiles, OneChanged
from tasks.facts.work_tree import differences, history, named, tree_difference, unpushed_files, work_tree
from tasks.systems.git import Git
from tasks.systems.git_log import GitLog, UnreadHistory
from tasks.systems.git_tree import CommittedFiles, WorkTreeFiles
from tasks.systems.shell import Shell
from tests.checks.test_secrets import github_token
from tests.checks.testing import ask, places

pytestmark = pytest.mark.processes
FLOW = ".github/workflows/ci.yml"
GOOD = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo}]}}\n"


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.git("init", "-q", "-b", "main")

    def git(self, *argv: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *argv]
        return subprocess.run(
            command, cwd=self.path, check=True, capture_output=True, text=True
        ).stdout.strip()

    def write(self, path: str, text: str) -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_text(text)

    def commit(self, title: str) -> str:
        self.git("add", ".")
        self.git("commit", "-qm", title)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.write("a.txt", "a")
    made.git("update-ref", "refs/remotes/origin/main", made.commit("one"))
    return made


def shell() -> Shell:
    return Shell({"PATH": os.environ["PATH"], "HOME": "/nonexistent"})


def test_unpushed_commits_are_listed_with_the_files_they_touch(repository: Repository) -> None:
    repository.write(FLOW, GOOD)
    two = repository.commit("two")
    repository.write("b ü.txt", "b")
    repository.commit("three: with a colon")
    seen = work_tree(shell(), repository.path)
    assert [one.title for one in seen.unpushed] == ["three: with a colon", "two"]
    assert (seen.unpushed[1].id, seen.unpushed[1].paths) == (two, (FLOW,))
    assert seen.state.ahead == 2


def test_an_unpushed_merge_is_known_as_one(repository: Repository) -> None:
    repository.git("switch", "-qc", "side", "HEAD")
    repository.write("side", "x")
    repository.commit("side")
    repository.git("switch", "-q", "main")
    repository.write("own", "x")
    repository.commit("own")
    repository.git("merge", "-q", "--no-ff", "-m", "both", "side")
    seen = work_tree(shell(), repository.path).unpushed
    assert [(one.title, one.merges) for one in seen][:2] == [("both", True), ("own", False)]


def test_where_nothing_was_ever_fetched_every_commit_is_unpushed(tmp_path: Path) -> None:
    made = Repository(tmp_path)
    made.write("a", "a")
    made.commit("one")
    seen = work_tree(shell(), tmp_path)
    assert ([one.title for one in seen.unpushed], seen.ahead, seen.fetched) == (["one"], 1, False)


def test_a_branch_that_the_remote_lacks_has_unpushed_what_no_branch_of_the_remote_has(
    repository: Repository,
) -> None:
    repository.write("b.txt", "b")
    repository.git("update-ref", "refs/remotes/origin/release", repository.commit("on release"))
    repository.git("switch", "-qc", "feature")
    repository.write(FLOW, GOOD)
    repository.commit("a workflow")
    seen = work_tree(shell(), repository.path)
    assert [(one.title, one.paths) for one in seen.unpushed] == [("a workflow", (FLOW,))]
    assert (seen.state.upstream, seen.ahead, seen.fetched) == (None, 1, True)
    repository.write("large.bin", "x" * (60 * MB))
    repository.commit("large")
    assert [one.path for one in unpushed_files(shell(), repository.path, seen.state).large] == ["large.bin"]


def test_a_shallow_clone_without_a_branch_of_the_remote_tells_nothing_of_what_is_pushed(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("shallow")
    clone = Repository(place)
    clone.git("fetch", "-q", "--depth", "1", repository.path.as_uri(), "main")
    clone.git("checkout", "-q", "FETCH_HEAD")
    seen = work_tree(shell(), place)
    assert (seen.unpushed, seen.ahead) == ((), None)


def test_ignored_files_are_told_with_the_rule_and_its_line(repository: Repository) -> None:
    repository.write(".gitignore", "target\n*.yml\nCargo.lock\n")
    repository.write(FLOW, GOOD)
    repository.write("Cargo.lock", "version = 4\n")
    repository.write("target/x.yml", "")
    ignored = work_tree(shell(), repository.path).ignored
    assert sorted((one.path, one.rule, one.file, one.line) for one in ignored) == [
        (FLOW, "*.yml", ".gitignore", 2),
        ("Cargo.lock", "Cargo.lock", ".gitignore", 3),
    ]


def test_a_credential_that_was_taken_out_again_is_found_in_the_history(repository: Repository) -> None:
    repository.write("run.sh", f"export T={github_token()}\n")
    added = repository.commit("add")
    repository.write("run.sh", "export T=$T\n")
    repository.commit("take out")
    past = history(shell(), repository.path)
    assert isinstance(past, PastCredentials)
    (found,) = past.found
    assert (found.path, found.commit, found.kind) == ("run.sh", added, "GitHub token")


def test_the_history_is_searched_as_far_back_as_was_asked_for(repository: Repository) -> None:
    repository.write("a.txt", "T=" + github_token())
    added = repository.commit("two")
    repository.write("b.txt", "else")
    repository.commit("three")
    log = GitLog(shell(), repository.path)
    assert log.added(["ghp_"], count=2)[0] == f"commit {added}"
    assert log.added(["ghp_"], count=1) == ()


def test_an_uncommitted_correction_makes_the_difference(repository: Repository) -> None:
    repository.write(FLOW, GOOD.replace("push", "push\non: push"))
    repository.commit("twice")
    repository.write(FLOW, GOOD)
    difference = tree_difference(
        shell(),
        repository.path,
        Git(shell(), repository.path).state(),
        [c for c in load() if c.id == "workflow-parses"],
    )
    (found,) = difference.found
    assert (found.check, found.file, found.committed) == ("workflow-parses", FLOW, Verdict.BROKEN)
    assert found.lying is not Verdict.BROKEN


def test_a_commit_that_could_not_be_looked_at_differs_in_nothing(repository: Repository) -> None:
    repository.write(FLOW, GOOD.replace("push", "pushh"))
    seen = collect(WorkTreeFiles(shell(), repository.path))
    unseen = collect(CommittedFiles(shell(), repository.path, "f" * 40))
    assert differences(unseen, seen, [FLOW], load()).found == ()


def test_a_clean_work_tree_is_not_compared(repository: Repository) -> None:
    state = Git(shell(), repository.path).state()
    assert not tree_difference(shell(), repository.path, state, load()).compared


def test_large_files_are_found_in_commits_that_were_never_pushed_also_when_deleted(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("old.bin", "o" * (2 * MB))
    first = repository.commit("pushed")
    repository.write("data/new file.bin", "n" * (3 * MB))
    repository.commit("large")
    (tmp_path / "data/new file.bin").unlink()
    repository.commit("gone again")
    log = GitLog(shell(), tmp_path)
    new = LargeFile(path="data/new file.bin", size=3 * MB)
    assert log.large(MB, upstream=first) == (new,)
    assert log.large(MB, upstream=None) == (new, LargeFile(path="old.bin", size=2 * MB))
    assert log.large(4 * MB, upstream=None) == ()


def test_only_what_is_not_pushed_is_looked_through_for_large_files(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("a", "a")
    repository.commit("one")
    state = Git(shell(), tmp_path).state()
    assert unpushed_files(shell(), tmp_path, state) == UnpushedFiles()


def test_the_file_behind_a_difference_is_named_though_it_shows_elsewhere() -> None:
    member = '[package]\nname = "a"\nversion.workspace = true\n'
    before = {
        "Cargo.toml": '[workspace]\nmembers = ["a"]\n[workspace.package]\nversion = "1.0.0"\n',
        "a/Cargo.toml": member,
    }
    after = {**before, "Cargo.toml": '[workspace]\nmembers = ["a"]\n', "README.md": "# More\n"}
    changed = ("Cargo.toml", "README.md")
    one, two = LiteralFiles(before), LiteralFiles(after)
    told = differences(collect(one), collect(two), changed, load())
    (difference,) = [each for each in told.found if each.check == "cargo-workspace-inherits"]
    assert difference.file is None
    better = named(told, one, two, changed, load())
    assert {each.file for each in better.found if each.check == "cargo-workspace-inherits"} == {"Cargo.toml"}
    assert OneChanged(two, one, "README.md").tree.paths == ("Cargo.toml", "a/Cargo.toml")


def test_files_that_are_not_committed_are_searched_for_credentials(repository: Repository) -> None:
    line = f"export GH_TOKEN={github_token()}\n"
    repository.write(".gitignore", "*.local\n")
    repository.commit("two")
    for path in ("a.txt", "scripts/local.sh", "mine.local"):
        repository.write(path, line)
    work = work_tree(shell(), repository.path)
    assert [one.path for one in work.credentials.found] == ["a.txt", "scripts/local.sh"]
    assert work.holding == {"a.txt", "scripts/local.sh"}
    repository.commit("three")  # near miss: that is the commit's, which its own check tells of
    assert work_tree(shell(), repository.path).holding == frozenset()


def test_history_that_there_was_no_time_to_read_is_not_called_clean(repository: Repository) -> None:
    repository.write("run.sh", "true\n")
    repository.commit("add")
    with pytest.raises(UnreadHistory, match=r"did not read the last 1000 commits"):
        GitLog(shell(), repository.path, longest=0.0).added(["x"])


def test_a_difference_shows_the_lines_of_what_is_broken_also_where_another_file_makes_it_so(
    repository: Repository,
) -> None:
    line = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
    repository.write(FLOW, f"{line}      - uses: actions/checkout@v6\n      - run: bash scripts/ci.sh\n")
    repository.write("scripts/ci.sh", "true\n")
    repository.commit("two")
    (repository.path / "scripts/ci.sh").unlink()
    repository.write("a.txt", "b")
    state = Git(shell(), repository.path).state()
    told = tree_difference(shell(), repository.path, state, load())
    (one,) = [each for each in told.found if each.check == "workflow-script-exists"]
    assert one.file == "scripts/ci.sh"
    assert [(place.file, place.line, place.excerpt) for place in one.places] == [
        (FLOW, 7, "- run: bash scripts/ci.sh")
    ]
    (found,) = [
        finding
        for finding in ask("commit-and-work-tree-agree", {}, told)
        if "workflow-script-exists" in finding.subject
    ]
    assert places([found]) == [(FLOW, 7)]
    assert "scripts/ci.sh makes the difference" in found.message
    assert found.remedy is not None
    assert found.remedy.commands == ("git diff HEAD -- scripts/ci.sh",)


def test_what_only_the_index_has_lost_is_not_called_changed(repository: Repository) -> None:
    repository.write("b.txt", "b")
    repository.commit("two")
    repository.write("b.txt", "other")
    repository.git("rm", "--quiet", "--cached", "a.txt")
    state = Git(shell(), repository.path).state()
    assert state.unlisted == ("a.txt",)
    assert tree_difference(shell(), repository.path, state, load()).changed == {"b.txt"}

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flows import preflight
from flows.fixing import Fixed, Unfixed, fix
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.systems.shell import Shell

pytestmark = pytest.mark.processes

CI = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 9
    steps:
      - uses: actions/checkout@v5
      - run: ./tools/check.sh
      - run: cargo build --locked
"""


def git(path: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=path, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "app"
    for name, text in {
        ".github/workflows/ci.yml": CI,
        "tools/check.sh": "#!/bin/sh\n",
        "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
        "src/main.rs": "fn main() {}\n",
    }.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    git(path, "init", "--quiet", "--initial-branch", "main")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "Begin")
    return path


def fixed(path: Path, capsys: pytest.CaptureFixture[str], check: str) -> Any:
    preflight.main([str(path), "--offline", "--json", "--quiet", "--fix", "--only", check])
    return json.loads(capsys.readouterr().out)


def test_a_script_is_made_executable_and_the_way_back_is_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = fixed(repository, capsys, "workflow-script-executable")
    (left,) = report["findings"]
    assert left["message"].endswith("; fixed in the work tree (tools/check.sh), not committed")
    (note,) = report["notes"]
    assert "git update-index --cacheinfo 100755," in note
    assert git(repository, "ls-files", "--stage", "tools/check.sh").startswith("100755")
    undo = note.split("; `")[1].split("`")[0]
    subprocess.run(["sh", "-c", undo], cwd=repository, check=True)
    assert git(repository, "status", "--porcelain") == ""


def test_a_missing_lock_file_is_written_and_one_that_lies_there_is_left_alone(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = fixed(repository, capsys, "cargo-lock-committed")
    assert (repository / "Cargo.lock").is_file()
    assert "`rm Cargo.lock` takes it back" in report["notes"][0]
    (repository / ".gitignore").write_text("Cargo.lock\n")
    (repository / "Cargo.lock").write_text("mine")
    report = fixed(repository, capsys, "cargo-lock-committed")
    assert (repository / "Cargo.lock").read_text() == "mine"
    assert "did not put right" in report["notes"][0]


UGLY = 'fn main() {\n let x=1;println!("{x}");\n}\n'


def commit(path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "More")


def test_formatting_is_put_right_once_and_the_way_back_is_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(repository, {"src/main.rs": UGLY, "src/bin/two words.rs": UGLY})
    report = fixed(repository, capsys, "cargo-fmt")
    (note,) = report["notes"]
    assert "put right cargo-fmt: `cargo fmt --all`" in note
    (left,) = [one for one in report["findings"] if one["check"] == "cargo-fmt"]
    assert left["message"].endswith(" has changes that are not committed; this is about the commit")
    assert (repository / "src/main.rs").read_text() != UGLY
    (again,) = fixed(repository, capsys, "cargo-fmt")["notes"]
    assert "src/bin/two words.rs is changed and not committed" in again
    undo = note.split("; `")[1].split("`")[0]
    subprocess.run(["sh", "-c", undo], cwd=repository, check=True)
    assert git(repository, "status", "--porcelain", "--", "src") == ""


@pytest.mark.parametrize("name", ["src/main.rs", "src/bin/mine.rs"])
@pytest.mark.parametrize("staged", [False, True])
def test_files_that_a_person_has_not_committed_are_not_formatted(
    name: str, staged: bool, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(repository, {"src/lib.rs": "pub fn  a( ){}\n"})
    mine = f"// mine\n{UGLY}"
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text(mine)
    if staged:
        git(repository, "add", name)
    before = git(repository, "status", "--porcelain")
    (note,) = fixed(repository, capsys, "cargo-fmt")["notes"]
    assert f"did not put right cargo-fmt: {name} is changed and not committed" in note
    assert (repository / name).read_text() == mine
    assert (repository / "src/lib.rs").read_text() == "pub fn  a( ){}\n"
    assert git(repository, "status", "--porcelain") == before


def test_a_script_is_executable_after_its_remedy_is_typed_and_stays_so_in_a_later_commit(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [str(repository), "--offline", "--json", "--quiet", "--only", "workflow-script-executable"]
    assert preflight.main(asked) == 3
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    (command,) = found["remedy"]["commands"]
    git(repository, "config", "user.name", "a")
    git(repository, "config", "user.email", "a@b.example")
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    (repository / "src/main.rs").write_text("fn main() {} // more\n")
    git(repository, "commit", "--quiet", "--all", "--message", "More")
    assert git(repository, "ls-tree", "HEAD", "tools/check.sh").startswith("100755")
    assert preflight.main(asked) == 0


def test_edits_of_a_script_stay_unstaged_when_it_is_made_executable(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "tools/check.sh").write_text("#!/bin/sh\necho mine\n")
    fixed(repository, capsys, "workflow-script-executable")
    assert (repository / "tools/check.sh").read_text() == "#!/bin/sh\necho mine\n"
    assert "+echo mine" in git(repository, "diff", "--", "tools/check.sh")
    assert "echo mine" not in git(repository, "show", ":tools/check.sh")


def test_what_is_put_right_already_is_not_put_right_again(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remedy = Remedy(summary="x", commands=("git update-index --chmod=+x tools/check.sh",))
    finding = Finding(
        check="workflow-script-executable",
        phase=Phase.FIRST_RUN,
        subject="x",
        verdict=Verdict.BROKEN,
        weight=Weight.BLOCKER,
        message="x",
        remedy=remedy,
    )
    tools = Shell(dict(os.environ))
    first, again = (fix([finding], repository, tools) for _ in range(2))
    assert [type(one) for one in (*first, *again)] == [Fixed, Unfixed]
    assert "only has to be committed" in str(again[0])


def test_a_tree_that_cannot_be_written_is_told_and_ends_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(Path, "chmod", refuses)
    (note,) = fixed(repository, capsys, "workflow-script-executable")["notes"]
    assert "did not put right" in note
    assert "Read-only file system" in note


def test_what_nothing_puts_right_is_left_as_it_is(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = fixed(repository, capsys, "workflow-parses")
    assert report["notes"] == ["there is nothing that --fix puts right"]
    assert git(repository, "status", "--porcelain") == ""


def test_without_a_repository_there_is_nothing_to_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert preflight.main(["--fix", "--json"]) == 2
    assert "needs REPO" in capsys.readouterr().out

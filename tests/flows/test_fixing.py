import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flows import preflight

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
    assert report["findings"] == []
    (note,) = report["notes"]
    assert "git update-index --chmod=+x tools/check.sh" in note
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


def test_what_nothing_puts_right_is_left_as_it_is(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = fixed(repository, capsys, "workflow-parses")
    assert report["notes"] == ["there is nothing that --fix puts right"]
    assert git(repository, "status", "--porcelain") == ""


def test_without_a_repository_there_is_nothing_to_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert preflight.main(["--fix", "--json"]) == 2
    assert "needs REPO" in capsys.readouterr().out

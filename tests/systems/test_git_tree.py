import os
import subprocess
from pathlib import Path

import pytest

from tasks.domain.fact import Unseen
from tasks.domain.tree import SUBMODULE, SYMLINK
from tasks.domain.workflow import Workflows
from tasks.facts.collect import collect
from tasks.systems.git_tree import CommittedFiles, WorkTreeFiles
from tasks.systems.shell import Shell

pytestmark = pytest.mark.processes


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    def git(*argv: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *argv],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    git("init", "-q", "-b", "main")
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/ci.yml").write_text("on: push\njobs: {}\n")
    (tmp_path / "run.sh").write_text("make\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "name with ü\n.md").write_text("x")
    (tmp_path / "link").symlink_to("run.sh")
    (tmp_path / ".gitignore").write_text("ignored\n")
    git("add", ".")
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git("commit", "-qm", "one")
    return tmp_path


def shell() -> Shell:
    return Shell({"PATH": os.environ["PATH"], "HOME": "/nonexistent"})


def test_a_commit_is_read_with_modes_and_bytes(repository: Path) -> None:
    files = CommittedFiles(shell(), repository, "HEAD")
    assert files.tree.entries["run.sh"].executable
    assert files.tree.entries["link"].mode == SYMLINK
    assert (files.tree.entries["sub"].mode, files.tree.unseen("sub/x")) == (SUBMODULE, True)
    assert files.read(["run.sh", "link", "sub", "gone", "name with ü\n.md"]) == {
        "run.sh": b"make\n",
        "name with ü\n.md": b"x",
    }


def test_a_partial_clone_lacks_some_files_and_is_read_as_far_as_it_goes(repository: Path) -> None:
    blob = CommittedFiles(shell(), repository, "HEAD").tree.entries["run.sh"].blob
    assert blob is not None
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    files = CommittedFiles(shell(), repository, "HEAD")
    assert files.tree.entries["run.sh"].size is None
    assert list(files.read(["run.sh", ".gitignore"])) == [".gitignore"]


def test_the_work_tree_shows_what_is_changed_new_and_deleted_and_the_commit_does_not(
    repository: Path,
) -> None:
    (repository / "new.sh").write_text("echo\n")
    (repository / "ignored").write_text("x")
    (repository / "run.sh").unlink()
    lying = WorkTreeFiles(shell(), repository)
    assert "new.sh" in lying.tree.entries
    assert not {"run.sh", "ignored"} & lying.tree.entries.keys()
    assert lying.read(["new.sh"]) == {"new.sh": b"echo\n"}
    assert "run.sh" in CommittedFiles(shell(), repository, "HEAD").tree.entries


def test_a_snapshot_is_collected_from_a_commit(repository: Path) -> None:
    workflows = collect(CommittedFiles(shell(), repository, "HEAD")).get(Workflows)
    assert isinstance(workflows, Workflows)
    assert [one.file for one in workflows] == ["ci.yml"]


def test_a_commit_that_is_not_there_leaves_every_fact_unseen_with_the_reason(repository: Path) -> None:
    fact = collect(CommittedFiles(shell(), repository, "nothing")).get(Workflows)
    assert isinstance(fact, Unseen)
    assert fact.asked
    assert "could not be read" in fact.reason


def test_more_than_one_answer_can_hold_is_asked_for_in_parts(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = CommittedFiles(shell(), repository, "HEAD")
    paths = [one.path for one in files.tree]
    whole = files.read(paths)
    monkeypatch.setattr("tasks.systems.git_tree.AT_ONCE", 6)
    assert files.read(paths) == whole
    assert len(whole) == 4

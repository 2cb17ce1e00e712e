"""Somebody's repository is read, copied and left byte for byte as it was."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from deployments.embedded.original import CannotRehearse, copy, look, owner_and_name
from deployments.embedded.working_copy import WorkingCopy


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/acme/moon.git", ("acme", "moon")),
        ("https://github.com/acme/moon", ("acme", "moon")),
        ("https://user:pass@github.example:8443/acme/moon.rs.git/", ("acme", "moon.rs")),
        ("ssh://git@github.com:22/acme/moon.git", ("acme", "moon")),
        ("git@github.com:acme/moon.git", ("acme", "moon")),
        ("github.com:acme/moon", ("acme", "moon")),
        ("git://github.com/acme/moon.git", ("acme", "moon")),
        ("/srv/git/moon.git", ("local", "my-moon")),
        ("../elsewhere", ("local", "my-moon")),
        ("https://github.com/moon.git", ("local", "my-moon")),
        (None, ("local", "my-moon")),
    ],
)
def test_owner_and_name_come_from_the_address_of_origin(url: str | None, expected: tuple[str, str]) -> None:
    assert owner_and_name(url, "my moon") == expected


class Theirs:
    """A repository of somebody else's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Somebody")
        self.git("config", "user.email", "some@body.example")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", self.path, *arguments], capture_output=True, text=True, check=True, env=os.environ
        )
        return done.stdout.strip()

    def commit(self, name: str, content: str) -> str:
        (self.path / name).write_text(content)
        self.git("add", name)
        self.git("commit", "-q", "-m", f"Add {name}")
        return self.git("rev-parse", "HEAD")


def bytes_of(path: Path) -> dict[str, tuple[str, int]]:
    """Every file with its content, times included: a mere look refreshes no index."""
    return {
        str(file.relative_to(path)): (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


@pytest.fixture
def theirs(tmp_path: Path) -> Theirs:
    made = Theirs(tmp_path / "theirs")
    made.commit("a.txt", "a\n")
    return made


@pytest.fixture
def clone(tmp_path: Path) -> WorkingCopy:
    return WorkingCopy(tmp_path / "clone")


pytestmark = pytest.mark.processes


def test_a_repository_is_copied_and_left_as_it_was(theirs: Theirs, clone: WorkingCopy) -> None:
    theirs.git("tag", "-a", "v1", "-m", "one")
    theirs.git("branch", "other")
    theirs.git("remote", "add", "origin", "git@github.com:acme/moon.git")
    theirs.git("update-ref", "refs/remotes/origin/main", "HEAD")
    head = theirs.commit("b.txt", "b\n")
    (theirs.path / "a.txt").write_text("not committed\n")
    (theirs.path / "new.txt").write_text("not tracked\n")
    before = bytes_of(theirs.path)

    original = look(theirs.path)
    copy(original, clone)

    assert bytes_of(theirs.path) == before
    assert (original.owner, original.name, original.branch, original.commit) == ("acme", "moon", "main", head)
    assert original.live == theirs.git("rev-parse", "HEAD~1")
    assert (clone.path / "a.txt").read_text() == "a\n"
    assert not (clone.path / "new.txt").exists()
    assert clone.run("rev-parse", "v1^{commit}", "other").split() == [theirs.git("rev-parse", "HEAD~1")] * 2


def test_the_clone_shares_no_file_with_the_original(theirs: Theirs, clone: WorkingCopy) -> None:
    copy(look(theirs.path), clone)
    assert not (clone.path / ".git/objects/info/alternates").exists()
    inodes = {file.stat().st_ino for file in theirs.path.rglob("*") if file.is_file()}
    assert not inodes & {file.stat().st_ino for file in clone.path.rglob("*") if file.is_file()}


def test_a_later_copy_follows_the_original_and_keeps_what_was_built(
    theirs: Theirs, clone: WorkingCopy
) -> None:
    theirs.commit(".gitignore", "target/\n")
    copy(look(theirs.path), clone)
    (clone.path / "target").mkdir()
    (clone.path / "target/built").touch()
    (clone.path / "stray.txt").touch()
    theirs.git("rm", "-q", "a.txt")
    head = theirs.commit("b.txt", "b\n")
    copy(look(theirs.path), clone)
    assert clone.run("rev-parse", "HEAD") == head
    assert sorted(file.name for file in clone.path.iterdir()) == [".git", ".gitignore", "b.txt", "target"]
    assert (clone.path / "target/built").exists()


def test_a_subdirectory_means_the_repository_around_it(theirs: Theirs) -> None:
    (theirs.path / "deep/er").mkdir(parents=True)
    assert look(theirs.path / "deep/er").path == theirs.path


def test_without_remote_nothing_is_live(theirs: Theirs) -> None:
    original = look(theirs.path)
    assert (original.owner, original.name, original.live) == ("local", "theirs", None)


def test_a_detached_head_is_rehearsed_as_the_default_branch_and_said(
    theirs: Theirs, clone: WorkingCopy
) -> None:
    theirs.git("checkout", "-q", "--detach")
    original = look(theirs.path)
    copy(original, clone)
    assert original.branch == "main"
    assert "detached" in original.notes[0]
    assert clone.run("symbolic-ref", "--short", "HEAD") == "main"


def test_a_shallow_clone_can_be_rehearsed_and_is_said_to_be_one(
    theirs: Theirs, clone: WorkingCopy, tmp_path: Path
) -> None:
    theirs.commit("b.txt", "b\n")
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{theirs.path}", tmp_path / "shallow"], check=True
    )
    original = look(tmp_path / "shallow")
    copy(original, clone)
    assert "shallow" in original.notes[0]
    assert clone.run("rev-parse", "HEAD") == original.commit


def test_a_linked_worktree_and_a_bare_repository_can_be_rehearsed(theirs: Theirs, tmp_path: Path) -> None:
    theirs.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    subprocess.run(["git", "clone", "-q", "--bare", theirs.path, tmp_path / "bare.git"], check=True)
    for name, path, branch in (("one", "side", "side"), ("two", "bare.git", "main")):
        into = WorkingCopy(tmp_path / name)
        original = look(tmp_path / path)
        copy(original, into)
        assert original.branch == branch
        assert (into.path / "a.txt").exists()


def test_submodules_are_said_not_to_be_filled_in(theirs: Theirs, clone: WorkingCopy) -> None:
    theirs.commit(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ../x\n')
    original = look(theirs.path)
    copy(original, clone)
    assert original.notes == ("submodules are not filled in",)


def test_what_cannot_be_rehearsed_is_told_why(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    empty = Theirs(tmp_path / "empty")
    for path, reason in (
        (tmp_path / "nowhere", "is not a directory"),
        (tmp_path / "plain", "is not a git repository"),
        (empty.path, "has no commit yet"),
    ):
        with pytest.raises(CannotRehearse, match=reason):
            look(path)

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tasks.systems.git import Git, pushed
from tasks.systems.shell import Ended, Shell

pytestmark = pytest.mark.processes


def shell(home: Path) -> Shell:
    identity = {f"GIT_{who}_{what}": "t@t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    return Shell({"PATH": os.environ["PATH"], "HOME": str(home), **identity, **quiet})


@pytest.fixture
def git(tmp_path: Path) -> Git:
    path = tmp_path / "work"
    path.mkdir()
    runner = shell(tmp_path)
    runner.check("git", "init", "-q", "-b", "main", cwd=path)
    (path / "a.txt").write_text("one\n")
    runner.check("git", "add", ".", cwd=path)
    runner.check("git", "commit", "-q", "-m", "first", cwd=path)
    return Git(runner, path)


def run(git: Git, *arguments: str) -> None:
    git._shell.check("git", *arguments, cwd=git.path)


def test_a_clean_tree_says_so(git: Git) -> None:
    state = git.state()
    assert state.clean
    assert (state.branch, state.commit, state.upstream, state.ahead) == ("main", git.head(), None, None)


def test_staged_unstaged_and_untracked_files_are_told_apart_and_the_index_is_left_alone(git: Git) -> None:
    (git.path / "b with space.txt").write_text("b")
    run(git, "add", "b with space.txt")
    (git.path / "a.txt").write_text("two\n")
    (git.path / "c.txt").write_text("c")
    before = (git.path / ".git/index").stat().st_mtime_ns, (git.path / ".git/index").read_bytes()
    state = git.state()
    assert (state.staged, state.unstaged, state.untracked) == (("b with space.txt",), ("a.txt",), ("c.txt",))
    assert ((git.path / ".git/index").stat().st_mtime_ns, (git.path / ".git/index").read_bytes()) == before


def test_a_staged_rename_is_one_path(git: Git) -> None:
    run(git, "mv", "a.txt", "z.txt")
    assert git.state().staged == ("z.txt",)


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    run_in = shell(tmp_path)
    run_in.check("git", "init", "-q", "-b", "main", ".", cwd=tmp_path)
    state = Git(run_in, tmp_path).state()
    assert (state.commit, state.branch) == (None, "main")


def test_a_detached_head_has_no_branch(git: Git) -> None:
    run(git, "checkout", "-q", "--detach")
    assert git.state().branch is None


def test_ahead_and_behind_count_against_the_remote_tracking_branch(git: Git, tmp_path: Path) -> None:
    run(git, "clone", "-q", "--bare", str(git.path), str(tmp_path / "remote.git"))
    run(git, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run(git, "fetch", "-q", "origin")
    run(git, "commit", "-q", "--allow-empty", "-m", "second")
    state = git.state()
    assert (state.ahead, state.behind) == (1, 0)


def test_the_tags_and_the_remote_branches_that_were_fetched_are_listed(git: Git, tmp_path: Path) -> None:
    assert (git.state().tags, git.state().remote_branches) == ((), frozenset())
    run(git, "branch", "release/next")
    assert git.state().branches == ("main", "release/next")
    run(git, "clone", "-q", "--bare", str(git.path), str(tmp_path / "remote.git"))
    run(git, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run(git, "fetch", "-q", "origin")
    run(git, "remote", "set-head", "origin", "main")
    run(git, "tag", "v0.1.0")
    run(git, "tag", "app/v0.2.0")
    state = git.state()
    assert state.tags == ("app/v0.2.0", "v0.1.0")
    assert state.remote_branches == {"main", "release/next"}
    assert state.branches == ()


def test_the_tags_that_are_at_the_commit_are_known(git: Git) -> None:
    run(git, "tag", "old")
    run(git, "commit", "-q", "--allow-empty", "-m", "second")
    run(git, "tag", "light")
    run(git, "tag", "-a", "heavy", "-m", "heavy")
    state = git.state()
    assert (state.tags, state.tags_here) == (("heavy", "light", "old"), frozenset({"heavy", "light"}))


def test_an_amended_commit_is_the_remotes_made_anew(git: Git, tmp_path: Path) -> None:
    run(git, "commit", "-q", "--allow-empty", "-m", "second")
    run(git, "clone", "-q", "--bare", str(git.path), str(tmp_path / "remote.git"))
    run(git, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run(git, "fetch", "-q", "origin")
    run(git, "commit", "-q", "--allow-empty", "--amend", "-m", "second, said better")
    assert (git.state().ahead, git.state().behind, git.state().rewritten) == (1, 1, True)
    run(git, "commit", "-q", "--allow-empty", "--amend", "-m", "mine", "--author", "Else <e@x>")
    assert (git.state().ahead, git.state().behind, git.state().rewritten) == (1, 1, False)


def test_another_commit_of_the_same_second_is_not_the_remotes_made_anew(git: Git, tmp_path: Path) -> None:
    def committed(name: str, said: str) -> None:
        (git.path / name).write_text(said)
        run(git, "add", name)
        run(git, "commit", "-q", "-m", said, "--date", "2026-11-01T12:00:00+00:00")

    committed("a.txt", "theirs")
    run(git, "clone", "-q", "--bare", str(git.path), str(tmp_path / "remote.git"))
    run(git, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run(git, "fetch", "-q", "origin")
    run(git, "reset", "-q", "--hard", "HEAD~1")
    committed("b.txt", "mine")
    assert (git.state().ahead, git.state().behind, git.state().rewritten) == (1, 1, False)
    run(git, "reset", "-q", "--hard", "HEAD~1")
    committed("a.txt", "theirs, said better")
    assert (git.state().ahead, git.state().behind, git.state().rewritten) == (1, 1, True)


def test_a_push_arrives_and_a_second_one_is_no_refusal(git: Git, tmp_path: Path) -> None:
    remote = str(tmp_path / "remote.git")
    run(git, "init", "-q", "--bare", remote)
    assert git.push(remote, "HEAD:refs/heads/main").ok
    assert git.push(remote, "HEAD:refs/heads/main").ok
    assert git.remote_refs(remote) == {"refs/heads/main": git.head()}


def test_a_push_that_would_lose_commits_is_refused_in_gits_words(git: Git, tmp_path: Path) -> None:
    remote = str(tmp_path / "remote.git")
    run(git, "init", "-q", "--bare", remote)
    first = git.head()
    run(git, "commit", "-q", "--allow-empty", "-m", "second")
    git.push(remote, "HEAD:refs/heads/main")
    outcome = git.push(remote, f"{first}:refs/heads/main")
    assert not outcome.ok
    assert outcome.refused[0].ref == "refs/heads/main"
    assert "non-fast-forward" in outcome.refused[0].reason


def test_a_remote_that_is_not_there_is_a_failure_not_a_refusal(git: Git, tmp_path: Path) -> None:
    outcome = git.push(str(tmp_path / "nowhere.git"), "HEAD:refs/heads/main")
    assert outcome.refused == ()
    assert outcome.failure is not None


def test_the_workflow_scope_refusal_is_read_verbatim() -> None:
    reason = (
        "refusing to allow an OAuth App to create or update workflow `.github/workflows/x.yml` "
        "without `workflow` scope"
    )
    out = f"To http://127.0.0.1/a/b.git\n!\tHEAD:refs/heads/main\t[remote rejected] ({reason})\nDone\n"
    ended = Ended(argv=("git",), exit=1, stdout=out.encode(), stderr=b"remote: hello\n", seconds=0.1)
    outcome = pushed(ended)
    assert outcome.refused[0].reason == f"[remote rejected] ({reason})"
    assert outcome.refused[0].remote_lines == ("hello",)


def test_a_worktree_is_the_committed_tree_and_is_gone_afterwards(git: Git) -> None:
    (git.path / "a.txt").write_text("dirty\n")
    before = sorted(str(path) for path in (git.path / ".git").rglob("*"))
    commit = git.head()
    assert commit
    with git.worktree(commit) as tree:
        assert (tree / "a.txt").read_text() == "one\n"
    assert not tree.exists()
    assert sorted(str(path) for path in (git.path / ".git").rglob("*")) == before


def test_a_tag_object_made_twice_has_one_id_and_makes_no_ref_here(git: Git, tmp_path: Path) -> None:
    commit = git.head()
    assert commit
    made = git.tag_object("v1", commit, "Release 1")
    assert git.tag_object("v1", commit, "Release 1") == made
    assert git.commit("refs/tags/v1") is None
    remote = str(tmp_path / "remote.git")
    run(git, "init", "-q", "--bare", remote)
    assert git.push(remote, f"{made}:refs/tags/v1").ok
    assert git.remote_refs(remote) == {"refs/tags/v1": made, "refs/tags/v1^{}": commit}


def test_the_tree_lists_files_with_their_blob_ids(git: Git) -> None:
    commit = git.head()
    assert commit
    (blob,) = git.tree(commit)
    assert (blob.path, blob.mode) == ("a.txt", "100644")
    assert git.tree(commit, ".github/workflows") == ()
    assert git.show(commit, "a.txt") == b"one\n"
    assert git.show(commit, "b.txt") is None


def test_a_deleted_file_is_told_apart_from_one_that_the_clone_does_not_hold(git: Git, tmp_path: Path) -> None:
    runner = shell(tmp_path)
    (git.path / "b.gif").write_text("picture\n")
    runner.check("git", "add", ".", cwd=git.path)
    runner.check("git", "commit", "-q", "-m", "second", cwd=git.path)
    blob = runner.check("git", "rev-parse", "HEAD:b.gif", cwd=git.path).out.strip()
    for name in ("a.txt", "b.gif"):
        (git.path / name).unlink()
    runner.check("git", "rm", "-q", "--cached", "b.gif", cwd=git.path)
    assert (git.state().deleted, git.state().lacked) == (("a.txt", "b.gif"), ())
    (git.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert (git.state().deleted, git.state().lacked) == (("a.txt", "b.gif"), ("b.gif",))

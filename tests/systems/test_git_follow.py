"""After a push by URL, the tracking branch says what GitHub has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tasks.systems.git import Git
from tasks.systems.shell import Shell

pytestmark = pytest.mark.processes


def repository(path: Path, origin: str | None) -> Git:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(path), *words], check=True, capture_output=True)

    path.mkdir()
    git("init", "-q", "-b", "main")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "one")
    if origin is not None:
        git("remote", "add", "origin", origin)
    return Git(Shell({"PATH": os.environ["PATH"], "HOME": str(path)}), path)


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.example/acme/moon.git",
        "https://github.example/acme/moon",
        "https://ada@github.example/acme/moon.git",
        "git@github.example:acme/moon.git",
        "ssh://git@github.example/Acme/Moon.git/",
    ],
)
def test_the_tracking_branch_follows_a_push_to_the_same_repository(tmp_path: Path, origin: str) -> None:
    git = repository(tmp_path / "work", origin)
    head = git.head()
    assert head is not None
    assert git.state().ahead is None
    git.follow("https://github.example/acme/moon.git", "main", head)
    assert git.state().ahead == 0


@pytest.mark.parametrize("origin", [None, "https://github.example/ada/moon.git", "/srv/acme/moon.git"])
def test_a_push_elsewhere_moves_no_tracking_branch(tmp_path: Path, origin: str | None) -> None:
    git = repository(tmp_path / "work", origin)
    head = git.head()
    assert head is not None
    git.follow("https://github.example/acme/moon.git", "main", head)
    assert git.commit("refs/remotes/origin/main") is None

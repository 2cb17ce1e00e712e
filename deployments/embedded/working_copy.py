"""A git work tree that belongs to the world, asked and changed through the git program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deployments.embedded.scenarios import Commit

AUTHOR = "Ada Almanac"
EMAIL = "ada@acme.example"


class GitRefused(Exception):  # noqa: N818 - it is git that refused, with its own words
    """Git did not do what it was asked; the message is its own."""


class EditDoesNotFit(ValueError):  # noqa: N818 - reads as the sentence it is
    """A file does not hold the text that a prepared commit replaces."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what every git process sees: no settings of the user, no prompt, no lock for a mere look."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        **(extra or {}),
    }


def git(directory: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
    """Run git in a directory and return what it printed, without the last line end."""
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(extra),
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise GitRefused(f"git {arguments[0]} in {directory}: {said or f'exit code {done.returncode}'}")
    return done.stdout.decode(errors="replace").rstrip("\n")


def asked(directory: Path, *arguments: str) -> str | None:
    """Return what git prints, or None when it says that there is no such thing."""
    try:
        return git(directory, *arguments)
    except GitRefused:
        return None


class WorkingCopy:
    """One private clone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        """Tell whether it was made already."""
        return (self.path / ".git" / "HEAD").is_file()

    def create(self, branch: str) -> None:
        """Make an empty one; commits in it are by its own author unless the person sets another."""
        self.path.mkdir(parents=True)
        self.run("init", "-q", "-b", branch)
        for name, value in (("user.name", AUTHOR), ("user.email", EMAIL), ("gc.auto", "0")):
            self.run("config", name, value)

    def run(self, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        """Run git here and return what it printed."""
        return git(self.path, *arguments, extra=extra)

    def point_origin(self, url: str) -> None:
        """Set the address of `origin`: the world's ports may differ from start to start."""
        if asked(self.path, "config", "remote.origin.url") is None:
            self.run("remote", "add", "origin", url)
        else:
            self.run("remote", "set-url", "origin", url)

    def remember_remote(self, branch: str, commit: str) -> None:
        """Note what `origin` holds, as a clone from it would."""
        self.run("update-ref", f"refs/remotes/origin/{branch}", commit)
        self.run("symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{branch}")
        self.run("config", f"branch.{branch}.remote", "origin")
        self.run("config", f"branch.{branch}.merge", f"refs/heads/{branch}")

    def commit_all(self, message: str, *, when: str | None = None) -> str:
        """Commit everything in the work tree and return the commit; `when` fixes both dates."""
        self.run("add", "--all")
        extra = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} if when else None
        self.run("commit", "-q", "-m", message, extra=extra)
        return self.run("rev-parse", "HEAD")

    def apply(self, commit: Commit, *, when: str | None = None) -> str | None:
        """Make a prepared commit; None when all of it is in the files already."""
        for edit in commit.edits:
            file = self.path / edit.file
            text = file.read_text() if file.exists() else ""
            if edit.after in text and (
                not edit.before or edit.before in edit.after or edit.before not in text
            ):
                continue
            if edit.before not in text or (not edit.before and text):
                raise EditDoesNotFit(f"{file} was changed: it no longer holds {edit.before.strip()!r}")
            file.write_text(text.replace(edit.before, edit.after, 1) if edit.before else edit.after)
        if not self.run("status", "--porcelain", "--", *{edit.file for edit in commit.edits}):
            return None
        self.run("add", "--", *{edit.file for edit in commit.edits})
        extra = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} if when else None
        self.run("commit", "-q", "-m", commit.message, extra=extra)
        return self.run("rev-parse", "HEAD")

"""The files of a repository as git has them: those of a commit, and those of the work tree as it lies there.

Each question is one process, however many files there are; nothing is checked out and the index is
not touched.
"""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tasks.domain.tree import EXECUTABLE, SUBMODULE, SYMLINK, WORK_TREE, Entry, Tree
from tasks.systems.git_objects import checked
from tasks.systems.shell import Shell

LONGEST = 120.0  # seconds for one question
LARGEST = 8 * 1024 * 1024
"""Bytes of one file that is still read; nothing that people write is longer."""
AT_ONCE = 32 * 1024 * 1024
"""Bytes of files asked of git in one call: half of what is kept of a program's output."""

_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1"}


class CommittedFiles:
    """The files of one commit."""

    def __init__(self, shell: Shell, path: Path, commit: str) -> None:
        self._shell = shell
        self._path = path
        self.commit = commit
        self.origin = f"commit {commit}"

    @functools.cached_property
    def tree(self) -> Tree:
        """All files of the commit."""
        listing = _git(
            self._shell,
            self._path,
            "ls-tree",
            "-r",
            "-z",
            "--long",
            "--full-tree",
            "--end-of-options",
            self.commit,
        )
        return Tree(origin=self.origin, entries={one.path: one for one in _listed(listing)})

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of files; links, submodules, absent and over-long ones are left out."""
        asked: dict[str, str] = {}
        for path in paths:
            entry = self.tree.entries.get(path)
            if entry is not None and entry.blob and _plain(entry):
                asked[path] = entry.blob
        if not asked:
            return {}
        contents: dict[str, bytes] = {}
        for ids in self._batches(asked):
            wanted = "".join(f"{blob}\n" for blob in ids).encode()
            answer = _git(self._shell, self._path, "cat-file", "--batch", "--buffer", stdin=wanted)
            contents.update(_contents(answer))
        return {path: contents[blob] for path, blob in asked.items() if blob in contents}

    def _batches(self, asked: Mapping[str, str]) -> Iterator[list[str]]:
        """Split what is asked for so that no answer of git's is longer than can be kept of one."""
        sizes = {blob: self.tree.entries[path].size or 0 for path, blob in asked.items()}
        batch: list[str] = []
        length = 0
        for blob, size in sizes.items():
            if batch and length + size > AT_ONCE:
                yield batch
                batch, length = [], 0
            batch.append(blob)
            length += size
        yield batch


class WorkTreeFiles:
    """The files of the work tree as they lie there: tracked or not, without those that git ignores."""

    def __init__(self, shell: Shell, path: Path) -> None:
        self._shell = shell
        self._path = path

    @functools.cached_property
    def tree(self) -> Tree:
        """All files that a commit of everything would hold."""
        listing = _git(
            self._shell, self._path, "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        )
        root = os.fspath(self._path)
        found = (_lying(root, path) for path in dict.fromkeys(_decoded(listing).split("\0")) if path)
        return Tree(origin=WORK_TREE, entries={one.path: one for one in found if one is not None})

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of files; links, submodules, absent and over-long ones are left out."""
        found: dict[str, bytes] = {}
        for path in paths:
            entry = self.tree.entries.get(path)
            if entry is not None and _plain(entry):
                found[path] = (self._path / path).read_bytes()
        return found


def _plain(entry: Entry) -> bool:
    return entry.mode not in (SYMLINK, SUBMODULE) and entry.size is not None and entry.size <= LARGEST


def _listed(listing: bytes) -> Iterator[Entry]:
    for row in _decoded(listing).split("\0"):
        about, _, path = row.partition("\t")
        if path:
            # A partial clone does not have every file: git then calls the size BAD.
            mode, _, blob, size = about.split()
            yield Entry(path=path, mode=mode, size=int(size) if size.isdecimal() else None, blob=blob)


def _lying(root: str, path: str) -> Entry | None:
    try:
        about = os.lstat(f"{root}/{path}")  # making a Path of each of many thousand files takes as long again
    except (FileNotFoundError, NotADirectoryError):
        return None  # deleted, but not yet from the index
    if stat.S_ISDIR(about.st_mode):
        return Entry(path=path.rstrip("/"), mode=SUBMODULE, size=None)
    if stat.S_ISLNK(about.st_mode):
        return Entry(path=path, mode=SYMLINK, size=about.st_size)
    mode = EXECUTABLE if about.st_mode & stat.S_IXUSR else "100644"
    return Entry(path=path, mode=mode, size=about.st_size)


def _contents(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Take the answer of ``cat-file --batch`` apart: a line with id, type and size, then the bytes."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        words = answer[at:end].decode().split()
        at = end + 1
        if len(words) == 3:
            size = int(words[2])
            yield words[0], answer[at : at + size]
            at += size + 1


def _decoded(listing: bytes) -> str:
    """Read names; those that are no UTF-8 keep their bytes as Python's own file names do."""
    return os.fsdecode(listing)


def _git(shell: Shell, path: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    ended = checked(shell.run("git", *arguments, cwd=path, env=_QUIET, stdin=stdin, timeout=LONGEST))
    if ended.dropped:
        raise OversizedAnswer(f"git {arguments[0]} answered {ended.dropped} bytes more than can be kept")
    return ended.stdout


class OversizedAnswer(Exception):  # noqa: N818 - reads as the sentence it is
    """A repository holds more than one look can keep in memory."""

    retryable = False

"""Where the facts about a repository's files come from: a commit, the work tree, or literal texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from tasks.domain.tree import Entry, Tree


class Files(Protocol):
    """The files of a repository at one moment; ``tasks.systems.git_tree`` has two of these."""

    @property
    def tree(self) -> Tree:
        """All files, without their contents."""

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of files; those that cannot be read as plain files are left out."""


class LiteralFiles:
    """Files that are given as texts or bytes."""

    def __init__(self, contents: Mapping[str, str | bytes], *, executable: Iterable[str] = ()) -> None:
        self._contents = {
            path: content.encode() if isinstance(content, str) else content
            for path, content in contents.items()
        }
        runnable = frozenset(executable)
        self.tree = Tree(
            origin="literal",
            entries={
                path: Entry(path=path, size=len(content), mode="100755" if path in runnable else "100644")
                for path, content in self._contents.items()
            },
        )

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of files."""
        return {path: self._contents[path] for path in paths if path in self._contents}

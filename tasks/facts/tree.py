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


class OneChanged:
    """Files as they are in one tree, but for one path, which is as in another: there, changed or gone."""

    def __init__(self, before: Files, after: Files, path: str) -> None:
        self._before, self._after, self._path = before, after, path
        entries = {one.path: one for one in before.tree if one.path != path}
        if (other := after.tree.entries.get(path)) is not None:
            entries[path] = other
        self.tree = Tree(origin=before.tree.origin, entries=entries)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of files."""
        wanted = list(paths)
        own = [path for path in wanted if path == self._path]
        return {**self._before.read([path for path in wanted if path != self._path]), **self._after.read(own)}

"""The files of a repository at one moment: of a commit, or of the work tree."""

from __future__ import annotations

import bisect
import functools
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tasks.domain.cached import cached

EXECUTABLE, SYMLINK, SUBMODULE = "100755", "120000", "160000"
WORK_TREE = "work tree"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file; ``size`` is in bytes and None for a submodule, ``blob`` None when git has not stored it."""

    path: str
    mode: str = "100644"
    size: int | None = 0
    blob: str | None = None

    @property
    def executable(self) -> bool:
        """Tell whether it may be run by its name."""
        return self.mode == EXECUTABLE


@dataclass(frozen=True, kw_only=True)
class Tree:
    """All files by path; ``origin`` says what was looked at: ``commit <id>`` or ``work tree``."""

    origin: str
    entries: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    _matched: dict[str, tuple[str, ...]] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    @property
    def whole(self) -> bool:
        """Tell whether git could state the size of every file: of those a clone lacks it cannot."""
        return all(one.size is not None or one.mode == SUBMODULE for one in self)

    def has(self, path: str) -> bool:
        """Tell whether a file or a directory of that path is there; the empty path is the root."""
        return self.file(path) is not None or self.directory(path)

    def file(self, path: str) -> Entry | None:
        """Return a file."""
        return self.entries.get(posixpath.normpath(path))

    def directory(self, path: str) -> bool:
        """Tell whether a path is a directory with files in it."""
        clean = posixpath.normpath(path)
        return clean == "." or clean in self.directories

    @cached
    def directories(self) -> frozenset[str]:
        """Every directory that has a file somewhere below it, without the root."""
        found: set[str] = set()
        for path in self.entries:
            parent = path.rpartition("/")[0]
            while parent and parent not in found:
                found.add(parent)
                parent = parent.rpartition("/")[0]
        return frozenset(found)

    @cached
    def opaque(self) -> tuple[str, ...]:
        """Submodules and links: what is below them cannot be seen here."""
        return tuple(one.path for one in self if one.mode in (SUBMODULE, SYMLINK))

    def unseen(self, path: str) -> bool:
        """Tell whether a path lies below a submodule or a link, so that nobody can say it is missing."""
        return bool(self.opaque) and any(path == one or path.startswith(f"{one}/") for one in self.opaque)

    @cached
    def paths(self) -> tuple[str, ...]:
        """The paths of all files, in order."""
        return tuple(sorted(self.entries))

    @cached
    def top(self) -> frozenset[str]:
        """The names of the files and directories at the root."""
        return frozenset(path.partition("/")[0] for path in self.paths)

    @cached
    def named(self) -> Mapping[str, tuple[str, ...]]:
        """The paths of files and directories by their last part."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in (*self.directories, *self.entries):
            found[path.rpartition("/")[2]].append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    @cached
    def inside(self) -> Mapping[str, frozenset[str]]:
        """The names of the files and directories in each directory; the empty path is the root."""
        found: dict[str, set[str]] = defaultdict(set)
        for path in (*self.entries, *self.directories):
            above, _, name = path.rpartition("/")
            found[above].add(name)
        return {above: frozenset(names) for above, names in found.items()}

    def starting(self, beginning: str) -> Iterator[str]:
        """Go through the paths that begin with a text, in order; the others are not looked at."""
        for number in range(bisect.bisect_left(self.paths, beginning), len(self.paths)):
            if not self.paths[number].startswith(beginning):
                return
            yield self.paths[number]

    def below(self, directory: str) -> Iterator[Entry]:
        """Go through all files below a directory."""
        return (self.entries[path] for path in self.starting(f"{directory}/" if directory else ""))

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the files that a shell-like pattern names; ``*`` stays in one directory."""
        if pattern not in self._matched:
            asked = matcher(pattern)
            candidates = self.starting(literal_beginning(pattern))
            self._matched[pattern] = tuple(path for path in candidates if asked.fullmatch(path))
        return self._matched[pattern]


_MEANS_SOMETHING = re.compile(r"[*?\[\]+\\]")


def literal_beginning(pattern: str) -> str:
    """Return the text with which everything begins that a pattern can match, of a shell or of GitHub.

    In GitHub's patterns ``?`` and ``+`` act on the character before them.
    """
    found = _MEANS_SOMETHING.search(pattern)
    return pattern if found is None else pattern[: max(0, found.start() - 1)]


@functools.lru_cache(maxsize=512)
def matcher(pattern: str) -> re.Pattern[str]:
    """Compile a shell-like pattern: ``*`` and ``?`` within one directory, ``**`` over many, ``[a-z]``.

    One that is none, with a range that goes backwards for instance, stands for itself.
    """
    made: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            made.append("(?:.*/)?")
            at += 3
        elif pattern.startswith("**", at):
            made.append(".*")
            at += 2
        elif pattern[at] == "*":
            made.append("[^/]*")
            at += 1
        elif pattern[at] == "?":
            made.append("[^/]")
            at += 1
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end].replace("\\", "\\\\")
            made.append(f"[{'^' + inner[1:] if inner[0] in '!^' else inner}]")
            at = end + 1
        else:
            made.append(re.escape(pattern[at]))
            at += 1
    try:
        return re.compile("".join(made))
    except re.error:
        return re.compile(re.escape(pattern))

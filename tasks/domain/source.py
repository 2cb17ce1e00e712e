"""The text of one file of a repository, and how to point at a line of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tasks.domain.cached import cached
from tasks.domain.evidence import Evidence
from tasks.domain.text_index import TextIndex

LONGEST_EXCERPT = 200


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file's path relative to the repository's root, and its text.

    ``readable`` is False when the bytes were no UTF-8: the text then has replacement characters, and
    what it says must not be accused of. ``size`` is in bytes.
    """

    path: str
    text: str = field(repr=False)
    readable: bool = True

    @cached
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; a carriage return before a line feed belongs to the end."""
        lines = self.text.split("\n")
        return tuple(lines if "\r" not in self.text else [line.removesuffix("\r") for line in lines])

    def line(self, number: int) -> str | None:
        """Return a line counted from 1, or None when the file has no such line."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else None

    def line_of(self, needle: str, after: int = 0) -> int | None:
        """Return the first line below line ``after`` that contains the needle."""
        return next((n for n, line in enumerate(self.lines[after:], after + 1) if needle in line), None)

    def at(self, where: object) -> Evidence:
        """Return evidence for a line number, or for anything with a ``line``; the whole file for None."""
        number = where if isinstance(where, int) else getattr(where, "line", None)
        text = self.line(number) if isinstance(number, int) else None
        excerpt = None if text is None else text.strip()[:LONGEST_EXCERPT]
        return Evidence(file=self.path, line=None if text is None else number, excerpt=excerpt)


def source(path: str, content: bytes) -> Source:
    """Decode a file's bytes; a byte order mark is dropped, what is not UTF-8 is said to be so."""
    try:
        return Source(path=path, text=content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Source(path=path, text=content.decode("utf-8", errors="replace"), readable=False)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The texts of a tree that people write for machines or each other: not the programs' own source."""

    files: Mapping[str, Source] = field(default_factory=dict, repr=False)

    def __iter__(self) -> Iterator[Source]:
        return iter(self.files.values())

    def saying(self, *words: str) -> Iterator[Source]:
        """Go through those in whose text one of some words stands; all are searched once for each word."""
        every, index = self._index
        return (every[number] for number in sorted({one for word in words for one in index.holding(word)}))

    @cached
    def _index(self) -> tuple[tuple[Source, ...], TextIndex]:
        every = tuple(self.files.values())
        return every, TextIndex(one.text for one in every)

    def get(self, path: str) -> Source | None:
        """Return the text of a file that was read; None does not mean that the file is missing."""
        return self.files.get(path)

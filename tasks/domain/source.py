"""The text of one file of a repository, and how to point at a line of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.domain.cached import cached
from tasks.domain.evidence import Evidence
from tasks.domain.text_index import TextIndex

LONGEST_EXCERPT = 200
_MARKDOWN = (".md", ".mdx", ".markdown")


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


class _Searched:
    """Some sources, and which of them hold which words."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def saying(self, words: Iterable[str]) -> Iterator[Source]:
        numbers = {number for word in words for number in self._index.holding(word)}
        return (self._sources[number] for number in sorted(numbers))

    @cached
    def _index(self) -> TextIndex:
        return TextIndex(one.text for one in self._sources)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The texts of a tree that people write for machines or each other: not the programs' own source."""

    files: Mapping[str, Source] = field(default_factory=dict, repr=False)

    def __iter__(self) -> Iterator[Source]:
        return iter(self.files.values())

    def saying(self, *words: str, told: bool = True) -> Iterator[Source]:
        """Go through those in whose text one of some words stands; all are searched once for each word.

        Those in Markdown come last, without ``told`` not at all: what people are told is most of the text.
        """
        return (one for part in self._parts[: None if told else 1] for one in part.saying(words))

    @cached
    def _parts(self) -> tuple[_Searched, _Searched]:
        told = [one for one in self if one.path.endswith(_MARKDOWN)]
        return _Searched([one for one in self if not one.path.endswith(_MARKDOWN)]), _Searched(told)

    def get(self, path: str) -> Source | None:
        """Return the text of a file that was read; None does not mean that the file is missing."""
        return self.files.get(path)

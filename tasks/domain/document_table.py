"""Rows of a document's table that name a thing to set up: | secret `NAME` | where | value |."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.document import Document

_ROW = re.compile(
    r"^\s*\|\s*(?P<kind>secret|variable|environment|bucket)s?\s+"
    r"(?P<names>`[^`|]+`(?:(?:,\s*|\s+and\s+)`[^`|]+`)*)\s*\|(?P<rest>.*)\|\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*\|[\s|:-]+$")
_FIRST = re.compile(r"\s*\|\s*(?:\*\*)?`(?P<name>[\w/.-]+)`(?:\*\*)?\s*\|")
_SPAN = re.compile(r"`([^`]+)`")
_ON_GITHUB = re.compile(r"\b(?:repository|GitHub|Actions|organi[sz]ation)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: the kind of thing in lower case, the names it gives, its other cells, and its line."""

    line: int
    kind: str
    names: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def on_github(self) -> bool:
        """Tell whether the row says that the thing is set at GitHub."""
        return any(_ON_GITHUB.search(one) for one in self.cells)


def rows(document: Document, *kinds: str) -> Iterator[Row]:
    """Go through the rows that begin with a kind and the names of things of that kind."""
    if not any(one in document.source.text for one in ("| ", "|`")):
        return
    for number, line in document.prose:
        found = _ROW.match(line) if "|" in line and "`" in line else None
        if found is not None and found["kind"].lower() in kinds:
            yield Row(
                line=number,
                kind=found["kind"].lower(),
                names=tuple(_SPAN.findall(found["names"])),
                cells=tuple(one.strip(" `") for one in found["rest"].split("|")),
            )


@dataclass(frozen=True, kw_only=True)
class NameTable:
    """A table whose first column is headed by a kind alone, with the name in each row and its line."""

    names: tuple[tuple[str, int], ...]


def name_tables(document: Document, kind: str) -> Iterator[NameTable]:
    """Go through the tables with a first column of a kind, each of whose rows begins with one name in it."""
    head = re.compile(
        rf"^[ \t]*\|[ \t]*(?:GitHub |repository )?{kind}s?[ \t]*\|", re.IGNORECASE | re.MULTILINE
    )
    if not head.search(document.source.text):
        return
    before, inside, names = 0, False, list[tuple[str, int]]()
    for number, line in (*document.prose, (0, "")):
        if inside and number == before + 1 and "|" in line:
            before = number
            if _RULE.match(line):
                continue
            found = _FIRST.match(line)
            names.append((found["name"] if found is not None else "", number))
            continue
        if names and all(name for name, _ in names):
            yield NameTable(names=tuple(names))
        before, inside, names = number, head.match(line) is not None, []

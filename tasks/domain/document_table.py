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

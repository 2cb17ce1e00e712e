"""Lists of GitHub's secrets in documents: items or rows of a table, each with a name in backquotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.document import Document
from tasks.domain.section import sections

_AT_GITHUB = r"(?:GitHub(?:[ \t]+Actions)?|Actions|repository|repo|CI(?:/CD)?|workflow)"
_HEADING = re.compile(
    rf"^(?:#+[ \t]+)(?:[\d.)]+[ \t]+)?(?:required[ \t]+|needed[ \t]+)?(?P<explicit>(?:{_AT_GITHUB}[ \t]+)*)"
    r"secrets?(?:[ \t]+(?:needed|required))?[ \t]*:?$",
    re.IGNORECASE,
)
_COLUMN = re.compile(rf"(?P<explicit>(?:{_AT_GITHUB}[ \t]+)*)secrets?(?:[ \t]+names?)?", re.IGNORECASE)
_NAME_COLUMN = re.compile(r"names?", re.IGNORECASE)
"""What heads a column of names, of whatever the heading above says."""
_ITEM = re.compile(
    r"^[-*+][ \t]+(?:\[.\][ \t]+)?(?:\*\*)?`(?P<name>[A-Z][A-Z0-9_]+)`(?:\*\*)?[ \t]*(?:[:(\u2013\u2014-]|$)"
)
_ROW = re.compile(r"^\s*\|\s*(?P<first>[^|]*?)\s*\|")
_NAME = re.compile(r"(?:\*\*)?`(?P<name>[A-Z][A-Z0-9_]+)`(?:\*\*)?")


@dataclass(frozen=True, kw_only=True)
class SecretList:
    """The names of one list with their lines; ``explicit`` where its heading or column says GitHub's."""

    explicit: bool
    names: tuple[tuple[str, int], ...]


def secret_lists(document: Document) -> Iterator[SecretList]:
    """Go through the lists whose heading or first column says secrets, and of nothing else.

    Below such a heading a column may be called just names.
    """
    prose = dict(document.prose)
    for section in sections(document):
        heading = _HEADING.match((document.source.line(section.first) or "").strip())
        items: list[tuple[str, int]] = []
        column: re.Match[str] | None = None
        rows: list[tuple[str, int]] = []
        for number in range(section.first, section.last + 2):
            line = prose.get(number, "") if number <= section.last else ""
            row = _ROW.match(line)
            if row is None:
                if rows and column is not None:
                    explicit = bool(column["explicit"] or (heading and heading["explicit"]))
                    yield SecretList(explicit=explicit, names=tuple(rows))
                column, rows = None, []
                if heading and (item := _ITEM.match(line)):
                    items.append((item["name"], number))
            elif column is None and not rows:
                column = _COLUMN.fullmatch(row["first"])
                if column is None and heading and _NAME_COLUMN.fullmatch(row["first"]):
                    column = heading
                rows = [] if column else [("", 0)]
            elif column is not None and (name := _NAME.fullmatch(row["first"])):
                rows.append((name["name"], number))
        if items and heading:
            yield SecretList(explicit=bool(heading["explicit"]), names=tuple(items))

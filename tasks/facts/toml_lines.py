"""On which line each key of a TOML text stands; ``tomllib`` does not say.

The text is known to be valid TOML (``tomllib`` has read it), so the scan only has to find where keys,
headers and values begin and end, not to judge them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.?)""")
_QUOTES = ('"""', "'''", '"', "'")


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, of each table header and key; keys of inline tables are not listed.

    An array of tables counts its tables: ``("waive", 0, "check")``.
    """
    found: dict[Path, int] = {}
    counted: dict[Path, int] = {}
    table: Path = ()
    for position, line in _statements(text):
        start = text[position]
        if start == "[":
            many = text.startswith("[[", position)
            keys, _ = _key(text, position + (2 if many else 1))
            table = _within(keys, counted)
            if many:
                counted[table] = counted.get(table, -1) + 1
                found.setdefault(table, line)
                table = (*table, counted[table])
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], line)
        else:
            keys, _ = _key(text, position)
            for depth in range(1, len(keys) + 1):
                found.setdefault((*table, *keys[:depth]), line)
    return found


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of a path, or of the nearest thing around it that has one."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _within(keys: tuple[str, ...], counted: dict[Path, int]) -> Path:
    """Resolve a header below arrays of tables: ``[[a]] [a.b]`` is the last ``a``'s ``b``."""
    path: Path = ()
    for index, key in enumerate(keys):
        path = (*path, key)
        if path in counted and index < len(keys) - 1:
            path = (*path, counted[path])
    return path


def _key(text: str, position: int) -> tuple[tuple[str, ...], int]:
    """Return the parts of the dotted key at a position, and where it ends."""
    parts: list[str] = []
    while part := _PART.match(text, position):
        parts.append(next(group for group in part.groups()[:3] if group is not None))
        position = part.end()
        if not part[4]:
            break
    return tuple(parts), position


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offset and line of each header and each ``key = value``."""
    position, line, size = 0, 1, len(text)
    while position < size:
        char = text[position]
        if char == "\n":
            position, line = position + 1, line + 1
        elif char.isspace():
            position += 1
        elif char == "#":
            position = line_end(text, position)
        else:
            yield position, line
            end = _statement_end(text, position)
            line += text.count("\n", position, end)
            position = end


def _statement_end(text: str, position: int) -> int:
    """Return the offset of the line end that closes the statement; strings and brackets may span lines."""
    depth = 0
    while position < len(text):
        char = text[position]
        if char in "\"'":
            position = string_end(text, position)
            continue
        if char == "#":
            position = line_end(text, position)
            continue
        if char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        elif char == "\n" and depth <= 0:
            return position
        position += 1
    return position


def string_end(text: str, position: int) -> int:
    """Return the offset behind the string that begins at a position."""
    quote = next(mark for mark in _QUOTES if text.startswith(mark, position))
    position += len(quote)
    while position < len(text) and not text.startswith(quote, position):
        position += 2 if quote[0] == '"' and text[position] == "\\" else 1
    return position + len(quote)


def line_end(text: str, position: int) -> int:
    """Return the offset of the end of the line, or of the text."""
    end = text.find("\n", position)
    return len(text) if end < 0 else end

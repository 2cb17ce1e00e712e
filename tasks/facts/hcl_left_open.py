"""Where a text of HCL that cannot be read leaves something open: the line to look at, not the file's end."""

from __future__ import annotations

import re

_BEGINS_ALONE = re.compile(r"(?:resource|data|variable|output|module|provider|terraform|locals)\b[^=]*\{")
_HEREDOC = re.compile(r"<<[-~]?(\w+)\s*$")
_PAIRS = {"}": "{", "]": "[", ")": "("}
_NAMES = {"{": "brace", "[": "bracket", "(": "parenthesis", '"': "quote", "$": "interpolation"}


def left_open(text: str) -> tuple[int, str] | None:
    """Return the line on which what is never closed was opened, and what it is; None when nothing is.

    A quoted text ends on its line, and a block of the file's first level does not begin inside another:
    whatever is open there by then was not closed.
    """
    open_: list[tuple[str, int]] = []
    ends: str | None = None
    comment = False
    for number, line in enumerate(text.split("\n"), 1):
        if ends is not None:
            ends = None if line.strip() == ends else ends
            continue
        if _BEGINS_ALONE.match(line) and open_ and not comment:
            return _told(open_)
        comment, stray = _line(line, number, open_, comment=comment)
        if stray is not None:
            return stray
        if any(mark == '"' for mark, _ in open_) and all(mark != "$" for mark, _ in open_):
            return _told([one for one in open_ if one[0] == '"'])
        found = None if comment else _HEREDOC.search(line)
        ends = found[1] if found else None
    return _told(open_) if open_ else None


def _told(open_: list[tuple[str, int]]) -> tuple[int, str]:
    mark, line = open_[-1]
    return line, f"the {_NAMES[mark]} opened here is not closed"


def _line(
    line: str, number: int, open_: list[tuple[str, int]], *, comment: bool
) -> tuple[bool, tuple[int, str] | None]:
    """Follow one line: change what is open, and tell whether a comment goes on and what closes nothing."""
    at = 0
    while at < len(line):
        two, one = line[at : at + 2], line[at]
        quoted = bool(open_) and open_[-1][0] == '"'
        at += 1
        if comment:
            comment = two != "*/"
        elif quoted:
            if one == "\\" or two in ("$$", "%%"):
                at += 1
            elif two in ("${", "%{"):
                open_.append(("$", number))
                at += 1
            elif one == '"':
                open_.pop()
        elif two == "/*":
            comment = True
        elif one == "#" or two == "//":
            break
        elif one in '"{[(':
            open_.append((one, number))
        elif one in _PAIRS:
            if not open_ or (open_[-1][0] != _PAIRS[one] and not (one == "}" and open_[-1][0] == "$")):
                return comment, (number, f"nothing is open that {one} could close")
            open_.pop()
    return comment, None

"""TOML as cargo reads it: version 1.1 of the language, of which ``tomllib`` knows only 1.0.

Cargo reads 1.1 since 1.94: an inline table may go over several lines, hold comments and end with a comma.
"""

from __future__ import annotations

import tomllib

from tasks.facts.toml_lines import line_end, string_end


def loads(text: str) -> dict[str, object]:
    """Read a TOML text; what is wrong is told with its place in the text as it is written.

    Raises ``tomllib.TOMLDecodeError``, and ``RecursionError`` for what is nested too deep.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        joined = _joined(text)
        if joined == text:
            raise
        try:
            return tomllib.loads(joined)
        except tomllib.TOMLDecodeError:
            pass
        raise


def _joined(text: str) -> str:
    """Return the text with each inline table on one line, without its comments and its last comma."""
    made: list[str] = []
    open_: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        within = open_[-1:] == ["{"]
        end = position + 1
        if char in "\"'":
            end = string_end(text, position)
            made.append(text[position:end])
        elif char == "#":
            end = line_end(text, position)
            made.append("" if within else text[position:end])
        elif char == "\n" and within:
            made.append(" ")
        elif char == "}" and within:
            filled = (index for index in range(len(made) - 1, -1, -1) if made[index].strip())
            last, before = next(filled), next(filled, None)
            if made[last] == "," and before is not None and made[before] not in ("{", ","):
                made.pop(last)
            made.append(char)
        else:
            made.append(char)
        if char in "[{":
            open_.append(char)
        elif char in "]}" and open_:
            open_.pop()
        position = end
    return "".join(made)

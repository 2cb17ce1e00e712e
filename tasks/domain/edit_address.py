"""Where in a file ``sed`` finds what an edit replaces: by what stands there, not by the number of its line.

Other edits of the file may be made before, in any order, and add lines above. What replaces nothing a
second time is preferred, in this order:

- the words, with as many around them as the file has only once;
- the whole line, where it is the only one like it;
- from a line above, of which there is only one, to the next that is as it was or as it shall be.

Where none of these is certain the line keeps its number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tasks.domain.credential import masked
from tasks.domain.source import Source

_DELIMITERS = "/|,#@%"
_HEADING = re.compile(r"\s*(?:- name:.*|[\w.-]+:|(?:resource|module|data|variable|output)\b.*\{)")
_ADDED = re.compile(r"\s*(?:- )?(?:permissions|needs|env|concurrency):")  # by edits: soon there are two
_FURTHEST = 60  # lines from the one that is looked for up to the one that leads there
_LONGEST = 120


def located(
    source: Source, line: int, found: str, put: str, *, times: int = 1, others: Collection[int] = ()
) -> str | None:
    """Return the expression for sed, unquoted; None where only the line's number tells the place.

    ``others`` are the lines that the same command edits besides, with this one's number for a second edit.
    """
    text = source.line(line) or ""
    if text.count(found) != times:
        return None
    after = text.replace(found, put)
    if times == 1:
        for old in _windows(text, text.index(found), found):
            if source.text.count(old) == 1 and old not in after and _is_fit(old):
                return replaced(old, old.replace(found, put))
    if "\r" in source.text or line in others or not _is_fit(text):
        return None
    every = "g" if times > 1 else ""
    if source.lines.count(text) == 1 and text not in after.split("\n"):
        return f"/^{_pattern(text, '/')}$/{replaced(found, put)}{every}"
    return _ranged(source, line, found, put, others)


def replaced(old: str, new: str, *, whole: bool = False) -> str:
    """Return the substitution as sed reads it; ``whole`` where the text is all of the line."""
    mark = next(one for one in _DELIMITERS if one not in old + new)
    put = re.sub(r"([\\&])", r"\\\1", new).replace("\n", "\\n")
    wanted = _pattern(old, "")
    return f"s{mark}{f'^{wanted}$' if whole else wanted}{mark}{put}{mark}"


def _windows(line: str, start: int, found: str) -> Iterator[str]:
    """Go through what is looked for with ever more words beside it, at last all of the line."""
    end = start + len(found)
    begin, stop = len(line) - len(line.lstrip()), len(line.rstrip())
    yield found
    while start > begin or end < stop:
        if left := re.search(r"\S+\s*$", line[begin:start]):
            start = begin + left.start()
            yield line[start:end]
        if right := re.match(r"\s*\S+", line[end:stop]):
            end += right.end()
            yield line[start:end]
        elif not left:
            return


def _ranged(source: Source, line: int, found: str, put: str, others: Collection[int]) -> str | None:
    text = source.lines[line - 1]
    after = text.replace(found, put)
    first = after.partition("\n")[0]
    alike = next((n for n, (a, b) in enumerate(zip(text, first, strict=False)) if a != b), len(first))
    begin = re.sub(r"[\w-]+$", "", text[:alike])
    tails = [one[len(begin) :].partition(" ")[0] for one in (first, text)]
    if not all(tails) or tails[0] == tails[1]:
        begin, tails = "", [text[:alike]]  # the one goes on where the other ends
    above = _above(source, line, [begin + tail for tail in tails], found, others)
    if above is None or not tails[0].strip() or not _is_fit(first):
        return None
    if found not in first:
        made = replaced(found, put) + ("g" if text.count(found) > 1 else "")
    elif any(one not in text + after for one in _DELIMITERS):
        made = replaced(text, after, whole=True)
    else:
        return None
    either = r"\|".join(_pattern(one, "/") for one in tails)
    end = either if len(tails) == 1 else rf"{_pattern(begin, '/')}\({either}\)"
    return f"{above},/^{end}/{made}"


def _above(source: Source, line: int, ends: list[str], found: str, others: Collection[int]) -> str | None:
    """Return the address of a line further up, from which on the one that is meant is the first to fit."""
    nearest = None
    for number in range(line - 1, max(0, line - _FURTHEST), -1):
        text = source.lines[number - 1]
        if found in text:
            break
        plain = "'" not in text and _is_fit(text) and len(text.strip()) > 0 and len(text) <= _LONGEST
        stays = number not in others and not _ADDED.match(text)
        if plain and stays and source.lines.count(text) == 1:
            address = f"/^{_pattern(text, '/')}$/"
            if _HEADING.fullmatch(text):
                return address
            nearest = nearest or address
        if text.startswith(tuple(ends)):
            break
    else:
        if nearest is None and line <= _FURTHEST:
            return "0"
    return nearest


def _pattern(text: str, mark: str) -> str:
    escaped = re.sub(r"([\\.*\[\]^$])", r"\\\1", text)
    return escaped.replace(mark, "\\" + mark) if mark else escaped


def _is_fit(text: str) -> bool:
    """Tell whether a text can be shown in a command: it shows no credential and nothing that is unseen."""
    return text.isprintable() and masked(text) == text

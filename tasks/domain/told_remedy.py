"""What a document tells people to do about a failure: the words that name it, and every command against it.

A remedy is under a heading, in an item of a list or in a row of a table. It is only given here when its
whole text is commands: with other words it may tell to do something else, and is left out.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.document import CodeBlock, Document
from tasks.domain.located import Text
from tasks.domain.script import Command
from tasks.domain.section import Section, sections

_SPAN = re.compile(r"(?<!`)`(?!`)([^`\n]+)`(?!`)")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_RULE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*$")
_REMEDY = re.compile(
    r"\b(?:fix|remedy|solution|resolution|what to do|do this|action|answer)\b", re.IGNORECASE
)
_BELOW_ALL = 7
"""The level of a line in bold: below every heading."""
_BOLD = re.compile(r"\*\*[^*]+\*\*:?")
_COMMITS = re.compile(r"\bcommit\b", re.IGNORECASE)
_NAMES = re.compile(
    r"(?:\d+[.)]?\s*)?"
    r"(?:symptoms?|problem|(?:root )?causes?|reasons?|why|errors?(?: message)?|message|log)\b\W*$",
    re.IGNORECASE,
)
_FIXES = re.compile(
    r"(?:\d+[.)]?\s*)?(?:(?:the|quick) )?"
    r"(?:fix|remedy|solution|resolution|what to do|do this|action|answer)\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^[\s>*+-]*(?:symptoms?|problem|(?:root )?causes?|reasons?|why|errors?(?: message)?|message|log)\**\s*:",
    re.IGNORECASE,
)
"""What a heading or a line begins with that names a failure, and tells nothing to do."""
_OUTPUT = frozenset({"", "text", "txt", "log", "output", "plain", "plaintext"})
_COMMENT = re.compile(r"\s*# ")
_ASKS = re.compile(
    r"\b(?:check\w* (?:for|that|if|whether)|verif\w+|detect\w*|diagnos\w+|how to (?:find|see|check)|"
    r"reproduc\w+|inspect\w*|prevent\w*|avoid\w*|before)\b",
    re.IGNORECASE,
)
"""A heading of what people look at, and not of what they do about it."""
_NAME_ENDS = re.compile(r"(?:[\s`*\"')]+[\w./-]+){0,4}[\s`*\"')]*(?::|\s[-\u2013\u2014\u2192]\s|->)")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_TO_FIX = re.compile(r"\bto (?:fix|solve) (?:it|this|that)\b|\bfix(?:es)?\W*:", re.IGNORECASE)
"""What says that a remedy follows; `fix the file and push` would be one."""
_SAYING_NOTHING = frozenset(
    re.findall(
        r"\S+",
        "a again an and answer any build by changes ci command commands commit do execute failed "
        "failing first following for formatter formatting from here in is it job jobs just locally "
        "machine now of on once pipeline please push quick re-run rebuild remedy repo repository "
        "resolution result retry root run sign simply solution step steps terminal the then these "
        "this to try type use with workflow you your ",
    )
)
"""Words with which people are told to type commands, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class ToldRemedy:
    """The words that name a failure, and the commands against it; both in the order of the document."""

    failure: str
    commands: tuple[Command, ...] = field(repr=False)
    commits: bool = False  # people are told in words to commit what is changed


def told_remedies(
    parts: tuple[Section, ...], failure: re.Pattern[str], lines: frozenset[int]
) -> Iterator[ToldRemedy]:
    """Go through the remedies against a failure whose whole text is commands; it is named on some lines."""
    for number, part in enumerate(parts):
        if part.first > max(lines):
            return
        document = part.document
        below = _below(document, parts, number)
        last = below[-1].last if below else part.last
        if not any(part.first <= one <= last for one in lines):
            continue
        whole = _of_sections(document, part, below, failure)
        if whole is not None:
            yield whole
        else:
            within = [one for one in sorted(lines) if part.first <= one <= part.last]
            yield from _of_rows(document, within, failure)
            for item in _items(document, part):
                named = any(item.first <= one <= item.last for one in within)
                told = _of_sections(document, item, [], failure) if named else None
                yield from () if told is None else (told,)


def parts_of(document: Document) -> tuple[Section, ...]:
    """Return the sections of a document; lines in bold stand for headings too."""
    bold = [n for n, line in _all_prose(document) if line.startswith("**") and _is_title(line)]
    made: list[Section] = []
    for part in sections(document):
        found = [n for n in bold if part.first < n <= part.last]
        starts = [part.first, *found]
        ends = [*(one - 1 for one in found), part.last]
        made += (
            Section(document=document, first=first, last=last)
            for first, last in zip(starts, ends, strict=True)
        )
    return tuple(made)


@functools.lru_cache(maxsize=1)
def _all_prose(document: Document) -> tuple[tuple[int, str], ...]:
    return tuple(document.prose)


def _prose(document: Document, part: Section) -> tuple[tuple[int, str], ...]:
    """Return the lines of a part outside of blocks, with their numbers."""
    lines = _all_prose(document)
    return lines[bisect.bisect_left(lines, (part.first,)) : bisect.bisect_left(lines, (part.last + 1,))]


def _is_title(line: str) -> bool:
    return line.startswith("#") or (
        _BOLD.fullmatch(line.rstrip()) is not None
        and not _LABEL.match(line)
        and not _FIXES.match(line.strip("*: "))
    )


def _items(document: Document, part: Section) -> Iterator[Section]:
    """Go through the items of a section's lists, each with the blocks and lines that belong to it."""
    first = 0
    for number, line in _prose(document, part):
        if not line.strip() or line[0].isspace():
            continue
        if first:
            yield Section(document=document, first=first, last=number - 1)
        first = number if _ITEM.match(line) else 0
    if first:
        yield Section(document=document, first=first, last=part.last)


def _below(document: Document, parts: tuple[Section, ...], number: int) -> list[Section]:
    """Return the sections with a deeper heading that follow one."""
    level = _level(document, parts[number])
    below: list[Section] = []
    for one in parts[number + 1 :] if level else ():
        if _level(document, one) <= level:
            break
        below.append(one)
    return below


def _level(document: Document, part: Section) -> int:
    line = document.source.line(part.first) or ""
    if not line.startswith("#"):
        return _BELOW_ALL if _is_title(line) else 0
    return len(line) - len(line.lstrip("#"))


def _of_sections(
    document: Document, part: Section, below: list[Section], failure: re.Pattern[str]
) -> ToldRemedy | None:
    heading = document.source.line(part.first) or ""
    titles = [(one, (document.source.line(one.first) or "").strip("# ")) for one in below]
    if any(not _NAMES.match(title) and not _FIXES.match(title) for _, title in titles):
        return None
    if _is_title(heading) and _ASKS.search(failure.sub(" ", heading)):
        return None
    naming = [one for one, title in titles if _NAMES.match(title)]
    telling = [one for one in (part, *below) if one not in naming]
    commands = tuple(command for one in telling for command in one.commands)
    told = [line for one in telling for line in _lines(document, one, titled=one is part)]
    first = min((one.line for one in commands), default=part.last + 1)
    shown = [line for one in (part, *below) for n, line in _shown(document, one) if n < first]
    found = failure.search(heading) or next(
        (found for one in (*(one.text for one in naming), *shown) if (found := failure.search(one))), None
    )
    spoken = [(n, failure.search(line), line) for n, line in told]
    if found is None:
        named = next(((n, one, line) for n, one, line in spoken if one is not None), None)
        # Words before the failure may tell what to do first.
        if (
            named is None
            or named[0] > first
            or named[2] != spoken[0][2]
            or _SPAN.search(named[2][: named[1].start()])
        ):
            return None
        found = named[1]
    rest = [(n, line if one is None else _behind(line[one.end() :])) for n, one, line in spoken]
    comments = [line for one in telling for line in one.text.split("\n") if _COMMENT.match(line)]
    titled = {document.source.line(one.first) for one in telling}
    silent = all(_says_nothing(_SPAN.sub(" ", line)) for _, line in rest)
    if not silent or not all(_says_nothing(one) for one in comments if one not in titled):
        return None
    if _other_blocks(document, telling):
        return None
    every = [*(one for n, line in rest for one in _commands(document, line, n)), *commands]
    commits = any(_COMMITS.search(line) for _, line in rest)
    told_ = tuple(dict.fromkeys(every))
    return ToldRemedy(failure=found[0], commands=told_, commits=commits) if every else None


def _lines(document: Document, part: Section, *, titled: bool) -> Iterator[tuple[int, str]]:
    """Go through the lines that tell people something: no heading, and none that names the failure alone."""
    for number, line in _prose(document, part):
        within = line.strip()
        heading = number == part.first and _is_title(line) and (titled or _FIXES.match(line.strip("# ")))
        if within and not heading and not _LABEL.match(line):
            yield number, line


def _shown(document: Document, part: Section) -> Iterator[tuple[int, str]]:
    """Go through the lines that show the failure: those with a label for it, and what programs print."""
    for number, line in _prose(document, part):
        if _LABEL.match(line):
            yield number, line
    for block in document.blocks:
        if part.first <= block.line <= part.last and block.language in _OUTPUT:
            yield from enumerate(block.text.split("\n"), block.line)


def _other_blocks(document: Document, parts: list[Section]) -> bool:
    """Tell whether a block is neither shell nor output: people may have to write it into a file."""
    return any(
        not block.is_shell and block.language not in _OUTPUT
        for block in document.blocks
        if any(one.first <= block.line <= one.last for one in parts)
    )


def _of_rows(document: Document, numbers: list[int], failure: re.Pattern[str]) -> Iterator[ToldRemedy]:
    """Go through the rows of tables that name the failure, with the remedy in their last cell."""
    lines = document.source.lines
    for number in numbers:
        line = lines[number - 1]
        row = line.lstrip().startswith("|") and "`" in line
        *named, told = re.split(r"(?<!\\)\|", line.strip().strip("|")) if row else [""]
        found = failure.search("|".join(named))
        if found is None or not _REMEDY.search(_head(lines, number).strip().strip("|").split("|")[-1]):
            continue
        commands = tuple(_commands(document, told, number))
        if commands and _says_nothing(_SPAN.sub(" ", told)):
            yield ToldRemedy(failure=found[0], commands=commands, commits=_COMMITS.search(told) is not None)


def _behind(text: str) -> str:
    """Return a text without the few words that end the name of the failure, up to a colon or a dash."""
    found = _NAME_ENDS.match(text)
    return text[found.end() :] if found is not None else text


def _head(lines: tuple[str, ...], number: int) -> str:
    """Return the row of a table's names, empty when there is none above a line."""
    row = number - 1
    while row > 0 and lines[row - 1].lstrip().startswith("|"):
        row -= 1
    return lines[row] if row + 1 < len(lines) and _RULE.match(lines[row + 1]) else ""


def _commands(document: Document, text: str, line: int) -> Iterator[Command]:
    for found in _SPAN.finditer(text):
        said = Text(found[1].strip().removeprefix("$ "), line=line)
        yield from document.read(document.source, CodeBlock(language="sh", text=said)).commands


def _says_nothing(text: str) -> bool:
    return all(one.lower() in _SAYING_NOTHING for one in _WORD.findall(_TO_FIX.sub(" ", text)))

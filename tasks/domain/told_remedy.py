"""What a document tells people to do about a failure: the words that name it, and every command against it.

A remedy is under a heading, in an item of a list or in a row of a table. It is only given here when its
whole text is commands: with other words it may tell to do something else, and is left out.
"""

from __future__ import annotations

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
_ASKS = re.compile(
    r"\b(?:check\w* (?:for|that|if|whether)|verif\w+|detect\w*|diagnos\w+|how to (?:find|see|check)|"
    r"reproduc\w+|inspect\w*|prevent\w*|avoid\w*|before)\b",
    re.IGNORECASE,
)
"""A heading of what people look at, and not of what they do about it."""
_NAME_ENDS = re.compile(r"(?:[\s`*\"')]+[\w./-]+){0,4}[\s`*\"')]*(?::|\s[-\u2013\u2014\u2192]\s|->)")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_SAYING_NOTHING = frozenset(
    re.findall(
        r"\S+",
        "a again an and answer any by ci command commands do execute fix fixes following for from "
        "here in is it just locally machine now of on once please push re-run remedy repo "
        "repository resolution root run simply solution solve step steps the then these this to try "
        "type use with you your ",
    )
)
"""Words with which people are told to type commands, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class ToldRemedy:
    """The words that name a failure, and the commands against it; both in the order of the document."""

    failure: str
    commands: tuple[Command, ...] = field(repr=False)


def told_remedies(document: Document, failure: re.Pattern[str]) -> Iterator[ToldRemedy]:
    """Go through the remedies against a failure whose whole text is commands."""
    parts = tuple(sections(document))
    levels = [_level(document, one) for one in parts]
    for number, part in enumerate(parts):
        text = part.text
        if failure.search(text) is None:
            continue
        deeper = number + 1 < len(parts) and levels[number + 1] > levels[number] > 0
        whole = None if deeper else _of_section(document, part, failure)
        if whole is not None:
            yield whole
        else:
            yield from _of_lines(document, part, failure)


def _level(document: Document, part: Section) -> int:
    line = document.source.line(part.first) or ""
    return len(line) - len(line.lstrip("#")) if line.startswith("#") else 0


def _of_section(document: Document, part: Section, failure: re.Pattern[str]) -> ToldRemedy | None:
    if any(
        not one.is_shell and one.language for one in document.blocks if part.first <= one.line <= part.last
    ):
        return None
    prose = [(n, line) for n, line in document.prose if part.first <= n <= part.last and line.strip()]
    said = [(n, line, failure.search(line)) for n, line in prose]
    named = next(((n, found) for n, _, found in said if found), None)
    commands = tuple(part.commands)
    if named is None or not commands or min(one.line for one in commands) < named[0]:
        return None
    heading = document.source.line(part.first) or ""
    if heading.startswith("#") and _ASKS.search(failure.sub(" ", heading)):
        return None
    rest = [
        (n, _behind(line[found.end() :]) if found is not None else line)
        for n, line, found in said
        if not (n == part.first and line.startswith("#")) and n >= named[0]
    ]
    spoken = [*(one for n, line in rest for one in _commands(document, line, n)), *commands]
    silent = all(_says_nothing(_SPAN.sub(" ", line)) for _, line in rest)
    comments = [
        line for line in part.text.split("\n") if line.lstrip().startswith("# ") and line not in heading
    ]
    if not silent or not all(_says_nothing(one) for one in comments):
        return None
    return ToldRemedy(failure=named[1][0], commands=tuple(dict.fromkeys(spoken)))


def _of_lines(document: Document, part: Section, failure: re.Pattern[str]) -> Iterator[ToldRemedy]:
    """Go through the rows and items that name the failure and the remedy on one line."""
    lines = document.source.lines
    for number, line in document.prose:
        found = failure.search(line) if part.first <= number <= part.last else None
        if found is None or "`" not in line:
            continue
        if line.lstrip().startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            told = cells[-1] if len(cells) > 1 and failure.search("|".join(cells[:-1])) else ""
            told = told if _REMEDY.search(_head(lines, number).strip().strip("|").split("|")[-1]) else ""
        else:
            follows = lines[number] if number < len(lines) else ""
            alone = _ITEM.match(line) and (not follows.strip() or _ITEM.match(follows))
            told = _behind(line[found.end() :]) if alone else ""
        commands = tuple(_commands(document, told, number))
        if commands and _says_nothing(_SPAN.sub(" ", told)):
            yield ToldRemedy(failure=found[0], commands=commands)


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
    return all(one.lower() in _SAYING_NOTHING for one in _WORD.findall(text))

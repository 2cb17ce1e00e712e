"""Sections of documents that speak of another project: what they name is in its repository, not here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.document import Document
from tasks.domain.located import Text
from tasks.domain.tree import Tree

_LINK = re.compile(r"github\.com/[\w.-]+/([\w.-]*\w)")
_WORD = re.compile(r"\w[\w.-]*\w")


def of_another_project(document: Document, line: int, tree: Tree, own: frozenset[str]) -> bool:
    """Tell whether a line stands in a section that is named after a project of others, and about it.

    The heading has the name of a repository that the document links to, and the section links to it or says
    that it is a project. Who only has people run a tool of that name still speaks of this repository, and so
    may who is not known by a name of its ``own``.
    """
    text = document.source.text
    if not own or "github.com/" not in text:
        return False
    linked = {name.lower().removesuffix(".git") for name in _LINK.findall(text)} - own
    linked = {name for name in linked if name not in tree.named}
    lines = document.source.lines
    for title, first, last in _sections(document, line) if linked else ():
        section = "\n".join(lines[first - 1 : last - 1])
        names = linked & {word.lower() for word in _WORD.findall(title)}
        if any(_is_about(name, section) and not _is_run(name, document) for name in names):
            return True
    return False


def _sections(document: Document, line: int) -> Iterator[tuple[str, int, int]]:
    """Go through the sections around a line below the title: heading, its line, and that of the next one."""
    lines = document.source.lines
    headings: list[tuple[int, Text]] = []
    for one in document.headings:
        written = lines[one.line - 1].lstrip()
        headings.append((len(written) - len(written.lstrip("#")), one))
    for number, (depth, one) in enumerate(headings):
        behind = (other.line for deep, other in headings[number + 1 :] if deep <= depth)
        end = next(behind, len(lines) + 1)
        if depth > 1 and one.line <= line < end:
            yield str(one), one.line, end


def _is_about(name: str, section: str) -> bool:
    called = re.escape(name)
    return (
        re.search(
            rf"github\.com/[\w.-]+/{called}(?![\w-])|\b{called}\W{{0,2}} (?:project|repo(?:sitory)?)\b"
            rf"|\bhow {called}\b",
            section,
            re.IGNORECASE,
        )
        is not None
    )


def _is_run(name: str, document: Document) -> bool:
    """Tell whether a command of the document runs something of this name, as ``docker compose`` does."""
    run = re.compile(rf"^\W*(?:sudo )?(?:[\w-]+ )?{re.escape(name)}(?![\w/-])", re.IGNORECASE | re.MULTILINE)
    spoken = (one for one in document.spans if " " in one)
    return any(run.search(one.text) for one in document.blocks) or any(run.match(one) for one in spoken)

"""The parts of a document between two headings: what stands together is about one thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.document import Document
from tasks.domain.script import Command

_TOLD = ("cargo ", "terraform ", "tofu ", "git ", "gh ", "chmod ", "rustup ", "aws ", "export ")
"""What begins a command in a block without a language."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One heading's own lines, code included; ``first`` and ``last`` count from 1."""

    document: Document = field(repr=False)
    first: int
    last: int

    @property
    def text(self) -> str:
        """Its lines, with the heading."""
        return "\n".join(self.document.source.lines[self.first - 1 : self.last])

    @property
    def commands(self) -> Iterator[Command]:
        """Go through the commands of its shell blocks, and of blocks that do not say what they are."""
        for script in self.document.scripts:
            if self.first <= script.line <= self.last:
                yield from script.commands
        for script in self.document.lines_with(*_TOLD):
            if self.first <= script.line <= self.last:
                yield from script.commands


def sections(document: Document) -> Iterator[Section]:
    """Go through the sections in the order of the document; the lines above the first heading are one."""
    starts = [1, *(one.line for one in document.headings if one.line > 1)]
    ends = [*(start - 1 for start in starts[1:]), len(document.source.lines)]
    for first, last in zip(starts, ends, strict=True):
        yield Section(document=document, first=first, last=last)

"""What a repository's documents tell people: commands in code blocks, paths and names in code spans."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tasks.domain.located import Text
from tasks.domain.script import Script
from tasks.domain.source import Source

_FENCE = re.compile(r"^(?P<indent> {0,12})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_SPAN = re.compile(r"(?<!`)`(?!`)([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(\s*<?([^()\s>][^)\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)")
_COMMENT = re.compile(r"<!--.*?-->")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$")
_PROMPT = re.compile(r"^\s*(?:\$|%|>)\s+(.*)$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s")
_NOT_YET = re.compile(
    r"\b(?:new|plan|planned|will|would|should|todo|future|propos\w+|example|e\.g|like|such|rename\w*|remov\w+|"
    r"delet\w+|former\w*|old|miss\w+|not|no|never|without|fails?|error|your|instead|or|template|previous\w*)\b|n't\b|n\u2019t\b",
    re.IGNORECASE,
)
SHELLS = frozenset({"bash", "sh", "shell", "console", "zsh", "shell-session", "terminal"})


@dataclass(frozen=True, kw_only=True)
class CodeBlock:
    """A fenced block; ``text`` knows the line of its first character, ``language`` is in lower case."""

    language: str
    text: Text

    @property
    def line(self) -> int:
        """The line of its first line of code."""
        return self.text.first_line

    @property
    def is_shell(self) -> bool:
        """Tell whether it says that it is shell; a block without a language does not."""
        return self.language in SHELLS

    @property
    def commands(self) -> Text:
        """Its text without prompts; lines that a prompt's block only shows as output are empty."""
        lines = self.text.split("\n")
        if not any(_PROMPT.match(line) for line in lines):
            return self.text
        kept = [found[1] if (found := _PROMPT.match(line)) else "" for line in lines]
        return Text("\n".join(kept), line=self.text.line, literal=self.text.literal)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One text that people read; ``read`` turns a shell block into a Script when somebody asks."""

    source: Source
    read: Callable[[Source, CodeBlock], Script] = field(repr=False, compare=False)
    _read: dict[int, Script] = field(init=False, default_factory=dict, repr=False, compare=False)

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path

    @functools.cached_property
    def blocks(self) -> tuple[CodeBlock, ...]:
        """The fenced code blocks."""
        return tuple(block for block, _, _ in self._fenced)

    @functools.cached_property
    def spans(self) -> tuple[Text, ...]:
        """The code spans outside of blocks."""
        return tuple(
            Text(found[1].strip(), line=number, column=found.start() + 1)
            for number, line in self.prose
            if "`" in line
            for found in _SPAN.finditer(line)
        )

    @functools.cached_property
    def links(self) -> tuple[Text, ...]:
        """The targets of links and images outside of blocks, code spans and comments."""
        return tuple(
            Text(found[1], line=number, column=found.start() + 1)
            for number, line in self._spoken
            if "](" in line
            for found in _LINK.finditer(_SPAN.sub(lambda one: "x" * len(one[0]), line))
        )

    @property
    def _spoken(self) -> Iterator[tuple[int, str]]:
        """Go through the lines of prose without what stands in comments."""
        inside = False
        for number, line in self.prose:
            if not inside and "<!--" not in line:
                yield number, line
                continue
            kept = line
            if inside:
                _, closed, kept = line.partition("-->")
                inside = not closed
            kept = _COMMENT.sub("", kept)
            before, opened, _ = kept.partition("<!--")
            inside = inside or bool(opened)
            yield number, before

    @functools.cached_property
    def headings(self) -> tuple[Text, ...]:
        """The headings with a ``#``."""
        return tuple(
            Text(found[1], line=number)
            for number, line in self.prose
            if "#" in line and (found := _HEADING.match(line))
        )

    @property
    def prose(self) -> Iterator[tuple[int, str]]:
        """Go through the lines outside of blocks, with their numbers."""
        lines = self.source.lines
        at = 0
        for _, start, behind in (*self._fenced, (None, len(lines), len(lines))):
            yield from enumerate(lines[at:start], at + 1)
            at = behind

    @property
    def scripts(self) -> Iterator[Script]:
        """The blocks that say they are shell, read as commands."""
        return self.scripts_with("")

    def scripts_with(self, *words: str) -> Iterator[Script]:
        """Go through those in whose text one of some words stands; only these are ever read."""
        for number, block in enumerate(self.blocks):
            if block.is_shell and any(word in block.text for word in words):
                if number not in self._read:
                    self._read[number] = self.read(self.source, block)
                yield self._read[number]

    def spoken_with(self, *words: str) -> Iterator[Script]:
        """Go through single commands that begin with one of some words, where no block says it is shell.

        These are code spans, the lines of indented blocks and of fenced ones without a language. A span in a
        sentence that says what is not, or not yet, is left out.
        """
        if any(word in self.source.text for word in words):
            for said in self._said:
                if said.startswith(words) and not said.endswith("\\"):
                    yield self.read(self.source, CodeBlock(language="sh", text=said))

    @functools.cached_property
    def _said(self) -> tuple[Text, ...]:
        """What may be a command outside of blocks that say they are shell, by line."""
        spans = (
            one for one in self.spans if " " in one and not _NOT_YET.search(self.source.lines[one.line - 1])
        )
        lines = [
            (number, line)
            for block in self.blocks
            if not block.language
            for number, line in enumerate(block.text.split("\n"), block.line)
        ]
        lines += self._indented
        made = [Text(_PROMPT.sub(r"\1", line).strip(), line=number) for number, line in lines]
        return (*spans, *made)

    @property
    def _indented(self) -> Iterator[tuple[int, str]]:
        """The lines of indented blocks: four blanks behind an empty line, and no list that they belong to."""
        behind, in_list = True, False
        for number, line in self.prose:
            if not line.strip():
                behind = True
            elif line.startswith(("    ", "\t")) and behind and not in_list:
                yield number, line
            else:
                in_list = _ITEM.match(line) is not None or (in_list and line[:1].isspace())
                behind = False

    @functools.cached_property
    def _fenced(self) -> tuple[tuple[CodeBlock, int, int], ...]:
        """The blocks, each with the index of its first fence's line and of the first line behind it."""
        lines = self.source.lines
        if "```" not in self.source.text and "~~~" not in self.source.text:
            return ()
        fences = [at for at, line in enumerate(lines) if "```" in line or "~~~" in line]
        made: list[tuple[CodeBlock, int, int]] = []
        ahead = iter(fences)
        for at in ahead:
            opened = _FENCE.match(lines[at])
            if opened is None:
                continue
            end = next((one for one in ahead if _closes(lines[one], opened["fence"])), len(lines))
            cut = len(opened["indent"])
            inner = [line[cut:] if line[:cut].isspace() else line for line in lines[at + 1 : end]]
            info = opened["info"].split()
            language = re.split(r"[,{]", info[0])[0].lower() if info else ""
            text = Text("\n".join(inner), line=at + 1, literal=True)
            made.append((CodeBlock(language=language, text=text), at, end + 1))
        return tuple(made)


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(fence) and set(stripped) == {fence[0]}


@dataclass(frozen=True, kw_only=True)
class Documents:
    """All documents of a tree, by path."""

    files: tuple[Document, ...] = ()

    def __iter__(self) -> Iterator[Document]:
        return iter(self.files)

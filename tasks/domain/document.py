"""What a repository's documents tell people: commands in code blocks, paths and names in code spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tasks.domain.cached import cached
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
    r"\b(?:new|plan|planned|will|would|should|todo|future|propos\w+|(?<!\.)example|e\.g|like|such|rename\w*|remov\w+|"
    r"delet\w+|former\w*|old|miss\w+|not|no|never|without|fails?|error|your|instead|(?-i:or)|template|previous\w*)\b|n't\b|n\u2019t\b",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"(?:[A-Za-z_]\w*=[^\s\"'$`]*[ ]+)+")
"""Values that a command gets before its name: ``ENVIRONMENT=staging ./run.sh``."""
_FENCES = ("```", "~~~")
_LANGUAGE_END = re.compile(r"[,{]")
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
class _Fenced:
    """Where a fenced block stands in a text: rows count from 0, offsets are those of whole lines."""

    language: str
    indent: int
    row: int  # of the opening fence
    start: int
    inner: int  # of the first line of code
    end: int  # of the closing fence, or of the text's
    rows: int  # lines from the opening fence to the closing one
    behind: int  # of the first line behind it


@dataclass(frozen=True, kw_only=True)
class Document:
    """One text that people read; ``read`` turns a shell block into a Script when somebody asks."""

    source: Source
    read: Callable[[Source, CodeBlock], Script] = field(repr=False, compare=False)
    _read: dict[int, Script] = field(init=False, default_factory=dict, repr=False, compare=False)
    _read_as_spoken: dict[int, Script] = field(init=False, default_factory=dict, repr=False, compare=False)

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path

    @cached
    def blocks(self) -> tuple[CodeBlock, ...]:
        """The fenced code blocks."""
        return tuple(self._block(one) for one in self._fenced)

    @property
    def instructs(self) -> bool:
        """Tell whether a block says that it is shell."""
        return not self.languages.isdisjoint(SHELLS)

    @cached
    def languages(self) -> frozenset[str]:
        """The languages that blocks name, in lower case; an empty one for those that name none."""
        return frozenset(one.language for one in self._fenced)

    @cached
    def spans(self) -> tuple[Text, ...]:
        """The code spans outside of blocks."""
        return tuple(
            Text(found[1].strip(), line=number, column=found.start() + 1)
            for number, line in self._prose_with("`")
            for found in _SPAN.finditer(line)
        )

    @cached
    def links(self) -> tuple[Text, ...]:
        """The targets of links and images outside of blocks, code spans and comments."""
        lines = self._spoken if "<!--" in self._text else self._prose_with("](")
        return tuple(
            Text(found[1], line=number, column=found.start() + 1)
            for number, line in lines
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

    @cached
    def headings(self) -> tuple[Text, ...]:
        """The headings with a ``#``."""
        return tuple(
            Text(found[1], line=number)
            for number, line in self._prose_with("#")
            if (found := _HEADING.match(line))
        )

    @property
    def prose(self) -> Iterator[tuple[int, str]]:
        """Go through the lines outside of blocks, with their numbers."""
        for row, start, end in self._regions:
            yield from enumerate(self._text[start:end].split("\n"), row + 1)

    def _prose_with(self, mark: str) -> Iterator[tuple[int, str]]:
        """Go through the lines outside of blocks in which a mark stands; the others are not even cut out."""
        text = self._text
        for first, start, end in self._regions:
            row, at = first, start
            while (found := text.find(mark, at, end)) >= 0:
                begin = max(text.rfind("\n", at, found) + 1, at)
                stop = text.find("\n", found, end)
                stop = end if stop < 0 else stop
                row += text.count("\n", at, begin)
                yield row + 1, text[begin:stop]
                row, at = row + 1, stop + 1

    @property
    def scripts(self) -> Iterator[Script]:
        """The blocks that say they are shell, read as commands."""
        return self.scripts_with("")

    def scripts_with(self, *words: str) -> Iterator[Script]:
        """Go through those in whose text one of some words stands; only these are ever read."""
        if not any(word in self.source.text for word in words):
            return
        for number, block in self._shell:
            if any(word in block.text for word in words):
                if number not in self._read:
                    self._read[number] = self.read(self.source, block)
                yield self._read[number]

    @cached
    def _shell(self) -> tuple[tuple[int, CodeBlock], ...]:
        """The blocks that say they are shell, each with its number among all."""
        return tuple((n, self._block(one)) for n, one in enumerate(self._fenced) if one.language in SHELLS)

    def spoken_with(self, *words: str) -> Iterator[Script]:
        """Go through single commands that begin with one of some words, where no block says it is shell.

        These are code spans, the lines of indented blocks and of fenced ones without a language, also behind
        values that are set first. A span in a sentence that says what is not, or not yet, is left out.
        """
        if any(word in self.source.text for word in words):
            for number, said in enumerate(self._said):
                if _begins(said, words) and not said.endswith("\\"):
                    if number not in self._read_as_spoken:
                        self._read_as_spoken[number] = self.read(
                            self.source, CodeBlock(language="sh", text=said)
                        )
                    yield self._read_as_spoken[number]

    def lines_with(self, *words: str) -> Iterator[Script]:
        """Go through the commands of ``spoken_with`` that are whole lines: a span in a sentence is none."""
        lines = self.source.lines
        for script in self.spoken_with(*words):
            if "`" not in lines[script.line - 1]:
                yield script

    @cached
    def _said(self) -> tuple[Text, ...]:
        """What may be a command outside of blocks that say they are shell, by line."""
        spans = (
            one for one in self.spans if " " in one and not _NOT_YET.search(self.source.lines[one.line - 1])
        )
        lines = [
            (number, line)
            for one in self._fenced
            if not one.language
            for number, line in enumerate(self._block(one).text.split("\n"), one.row + 2)
        ]
        lines += self._indented
        made = [Text(_PROMPT.sub(r"\1", line).strip(), line=number) for number, line in lines]
        return (*spans, *made)

    @property
    def _indented(self) -> Iterator[tuple[int, str]]:
        """The lines of indented blocks: four blanks behind an empty line or heading, and outside of lists."""
        behind, in_list = True, False
        for number, line in self.prose:
            if not line.strip():
                behind = True
            elif line.startswith(("    ", "\t")) and behind and not in_list:
                yield number, line
            else:
                in_list = _ITEM.match(line) is not None or (in_list and line[:1].isspace())
                behind = _HEADING.match(line) is not None

    @cached
    def _text(self) -> str:
        """The text with line feeds alone at the ends of lines."""
        text = self.source.text
        return text if "\r" not in text else "\n".join(self.source.lines)

    @cached
    def _regions(self) -> tuple[tuple[int, int, int], ...]:
        """What is outside of blocks: the row that each begins with, its first offset and that of its end."""
        made: list[tuple[int, int, int]] = []
        row = at = 0
        for one in self._fenced:
            if at < one.start:
                made.append((row, at, one.start - 1))
            row, at = one.row + one.rows, one.behind
        if at <= len(self._text):
            made.append((row, at, len(self._text)))
        return tuple(made)

    def _block(self, fenced: _Fenced) -> CodeBlock:
        text = self._text[fenced.inner : max(fenced.inner, fenced.end - 1)]
        if cut := fenced.indent:
            text = "\n".join(line[cut:] if line[:cut].isspace() else line for line in text.split("\n"))
        return CodeBlock(language=fenced.language, text=Text(text, line=fenced.row + 1, literal=True))

    @cached
    def _fenced(self) -> tuple[_Fenced, ...]:
        """Where the blocks stand."""
        made: list[_Fenced] = []
        size = len(self._text) + 1  # as if a line feed stood behind the last line
        ahead = _lines_with(self._text, *_FENCES)
        for row, start, line in ahead:
            opened = _FENCE.match(line)
            if opened is None:
                continue
            fence = opened["fence"]
            closed = next((one for one in ahead if _closes(one[2], fence)), None)
            last, end = (row, size) if closed is None else closed[:2]
            info = opened["info"].split()
            made.append(
                _Fenced(
                    language=_LANGUAGE_END.split(info[0])[0].lower() if info else "",
                    indent=len(opened["indent"]),
                    row=row,
                    start=start,
                    inner=start + len(line) + 1,
                    end=end,
                    rows=last - row + 1,
                    behind=size + 1 if closed is None else end + len(closed[2]) + 1,
                )
            )
        return tuple(made)


def _begins(said: str, words: tuple[str, ...]) -> bool:
    """Tell whether a command begins with one of some words, also behind values that are set for it."""
    if said.startswith(words):
        return True
    before = _ASSIGNED.match(said) if "=" in said else None
    return before is not None and said.startswith(words, before.end())


def _lines_with(text: str, *marks: str) -> Iterator[tuple[int, int, str]]:
    """Go through the lines in which one of some marks stands: row from 0, offset, the line."""
    places = [found.start() for mark in marks if mark in text for found in re.finditer(mark, text)]
    row = at = 0
    for place in sorted(places):
        if place >= at:
            begin = text.rfind("\n", at, place) + 1 or at
            stop = text.find("\n", place)
            stop = len(text) if stop < 0 else stop
            row += text.count("\n", at, begin)
            yield row, begin, text[begin:stop]
            row, at = row + 1, stop + 1


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(fence) and set(stripped) == {fence[0]}


@dataclass(frozen=True, kw_only=True)
class Documents:
    """All documents of a tree, by path."""

    files: tuple[Document, ...] = ()
    # What others made of them, by who asked: documents do not change.
    memo: dict[str, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.files)

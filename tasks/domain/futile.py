"""Failures, and commands that change nothing about them: they only look, or change another thing.

What each tool does is from its own manual; a remedy is futile when all of it is such commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.cached import cached
from tasks.domain.script import Command

EXPORT = "export"
"""Stands for setting a variable of the shell, and nothing else on that line."""
PLAIN_PUSH = "git push !--force !-f !--force-with-lease !--tags !--follow-tags !--delete !-d !--mirror"
_LOOKS = (
    "cd",
    "echo",
    "ls",
    "cat",
    "pwd",
    "git status",
    "git diff",
    "git log",
    "git show",
    "gh run list",
    "gh run view",
    "gh run watch",
    "gh auth status",
)
"""What changes nothing wherever it stands, and is no remedy that anyone means."""
SENDS = ("git add", "git commit", PLAIN_PUSH)
"""What only carries on what is changed."""
AGAIN = "the run starts again with the same commit"


@dataclass(frozen=True, kw_only=True, eq=False)
class Futile:
    """A failure and what is futile against it: a pattern of commands -> why; ``beside`` makes no difference.

    ``name`` is what the failure is about. ``marks`` are parts of words, without a first letter that may be a
    capital: one stands on every line that names the failure. ``instead`` is the command that helps; ``mends``
    tells that it can stand in the place of the futile one.
    """

    name: str
    marks: tuple[str, ...]
    failure: re.Pattern[str]
    useless: Mapping[str, str]
    instead: str
    beside: tuple[str, ...] = ()
    blanks: str = ""
    mends: bool = False
    needs: str = ""
    """A pattern without which the commands may stand for something else."""

    @cached
    def _typed(self) -> tuple[str, ...]:
        """One part of each futile command: a text without any of them tells none."""
        made: list[str] = []
        for pattern in self.useless:
            parts = [one for one in pattern.split(" ") if not one.startswith("!")]
            made += parts[-1].split("|")
        return tuple(dict.fromkeys(made))

    def named(self, text: str) -> frozenset[int]:
        """Return the lines of a text that name the failure, from 1; none where no futile command stands."""
        if not any(one in text for one in self._typed):
            return frozenset()
        return frozenset(
            text.count("\n", 0, at) + 1
            for at, line in lines_with(text, self.marks)
            if self.failure.search(line)
        )

    def judged(self, commands: tuple[Command, ...]) -> Iterator[tuple[Command, str]]:
        """Go through the futile commands, each with why; nothing when one of all may help."""
        if self.needs and not any(_is(one, self.needs) for one in commands):
            return
        found = [(one, self._why(one)) for one in commands]
        if all(why is not None or _matches(one, (*_LOOKS, *self.beside)) for one, why in found):
            yield from ((one, why) for one, why in found if why is not None)

    def _why(self, command: Command) -> str | None:
        return next((why for one, why in self.useless.items() if _matches(command, (one,))), None)


def lines_with(text: str, marks: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Go through the lines in which one of some marks stands, each with the offset of the mark."""
    for mark in marks:
        at = text.find(mark)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            yield at, text[text.rfind("\n", 0, at) + 1 : end]
            at = text.find(mark, end)


def _matches(command: Command, patterns: tuple[str, ...]) -> bool:
    return any(_is(command, one) for one in patterns)


def _is(command: Command, pattern: str) -> bool:
    """Tell whether a command is what a pattern says: words, flags that it has and, with ``!``, has not.

    Words with ``|`` between them are alternatives; those of ``rm`` are all that it may take away.
    """
    if pattern == EXPORT:
        return command.program is None and not command.words and bool(command.assignments)
    program, *rest = pattern.split(" ")
    literals = command.literals
    if command.program != program or any(one is None for one in literals):
        return False
    given = [str(one) for one in literals]
    words = [one for one in given if not one.startswith(("-", "+"))]
    asked = [one for one in rest if not one.startswith(("-", "!"))]
    flags = [one for one in rest if one.startswith("-")]
    barred = tuple(one[1:] for one in rest if one.startswith("!"))
    if program == "rm":
        return bool(words) and all(one.rstrip("/") in asked for one in words)
    return (
        all(any(word == one for one in want.split("|")) for want, word in zip(asked, words, strict=False))
        and len(words) >= len(asked)
        and all(one in given for one in flags)
        and not any(one in barred or one.split("=")[0] in barred for one in given)
    )


def either(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that is found in capitals too."""
    return re.compile(pattern, re.IGNORECASE)

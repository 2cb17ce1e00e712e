"""Whether files that one step makes for another are taken under the name they were made with."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts, Word
from tasks.domain.spelling import fumbled
from tasks.domain.tree import Tree

_SUMS = frozenset({"sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum"})
_PLANS = frozenset({"terraform", "tofu"})


@check(
    "made-file-spelled",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Write the file's name as the step before writes it", minutes=2),
)
def made_file_spelled(scripts: Scripts, tree: Tree) -> Iterator[Answer]:
    """Every file of sums that is checked, and every plan that is applied, has the name it was made with."""
    made = dict(_made(scripts))
    text = "\n".join(script.text for script in scripts) if made else ""
    yield from merged(_taken(scripts, tree, made, text))


def _taken(scripts: Scripts, tree: Tree, made: dict[str, Evidence], text: str) -> Iterator[Answer]:
    for script in scripts if made else ():
        if script.never:
            continue
        for command in script.running(*_SUMS, *_PLANS):
            word = _asked_for(command)
            name = None if word is None or word.literal is None else posixpath.basename(word.literal)
            if not name or tree.has(name):
                continue
            subject = f"{script.path.rpartition('/')[2]}: {name}"
            meant = fumbled(name, frozenset(made))
            # A name that is spelled twice is one that somebody means.
            if meant is not None and len(re.findall(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text)) == 1:
                told = f"takes {name}, which nobody makes; {meant} is made"
                weight = None if command.fatal else Weight.WARNING
                yield broken(subject, told, script.source.at(command), made[meant], weight=weight)
            elif name in made:
                yield holds(subject, "is made under this name")


def _made(scripts: Scripts) -> Iterator[tuple[str, Evidence]]:
    for script in scripts:
        for command in script.running(*_SUMS, "tee", *_PLANS):
            for word in _written(command, script):
                if word.literal:
                    yield posixpath.basename(word.literal), script.source.at(command)


def _written(command: Command, script: Script) -> Iterator[Word]:
    if command.program in _PLANS:
        yield from command.options("-out", "--out")
        yield from (_behind(word) for word in command.arguments if word.text.startswith("-out="))
    elif command.program in _SUMS:
        yield from (one.target for one in command.redirects if one.writes and one.target is not None)
    elif any(one.line == command.line and one.program in _SUMS for one in script.commands):
        yield from (word for word in command.arguments if not word.text.startswith("-"))


def _behind(word: Word) -> Word:
    value = word.literal.partition("=")[2] if word.literal is not None else None
    return Word(text=word.text.partition("=")[2], line=word.line, values=None if value is None else (value,))


def _asked_for(command: Command) -> Word | None:
    """Return the file of sums that is checked, or the plan that is applied or shown."""
    free = [word for word in command.arguments if not word.text.startswith("-")]
    if command.program in _SUMS:
        return free[0] if command.has("-c", "--check") and len(free) == 1 else None
    verb = free[0].text if free else ""
    return free[1] if verb in ("apply", "show") and len(free) == 2 else None

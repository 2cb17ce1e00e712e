"""The shell files of the repository that steps start, as they run there: in which directory, with what."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tasks.domain.lane import Lane
from tasks.domain.script import Command, Script, Scripts, Word

_SHELLS = frozenset({"bash", "sh"})
_INTERPRETERS = _SHELLS | {"python", "python3", "node"}
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_MOST_ARGUMENTS = 9


@dataclass(frozen=True, kw_only=True)
class CalledFile:
    """A file of shell with its commands as one call runs them; ``command`` is the call, of ``caller``."""

    file: Script
    commands: tuple[Command, ...] = field(repr=False)
    caller: Script = field(repr=False)
    command: Command


def called_files(scripts: Scripts, caller: Script, spelling: str) -> Iterator[CalledFile]:
    """Go through the shell files that a step starts and in which a text stands.

    Those with parts that nobody can read are left out.
    """
    if "/" not in caller.text and ".sh" not in caller.text:
        return
    for command in caller.commands:
        words = command.run
        if command.program in _SHELLS and len(words) > 1 and not words[1].text.startswith("-"):
            words = words[1:]
        path = command.path(words[0].literal) if words and words[0].literal else None
        file = scripts.file(path) if path else None
        if file is None or file.as_called is None or spelling not in file.text or not file.understood:
            continue
        lanes = tuple(_given(lane, words[1:]) for lane in caller.lanes)
        read = file.as_called(command.cwd, lanes)
        if not read.problems:
            yield CalledFile(file=file, commands=read.commands, caller=caller, command=command)


def started_file(command: Command) -> str | None:
    """Return the path in the repository of the file that a command starts, itself or with an interpreter."""
    words = command.run
    if command.program in _INTERPRETERS and len(words) > 1 and not words[1].text.startswith("-"):
        name = words[1].literal
        return command.path(name) if name is not None and posixpath.splitext(name)[1] else None
    first = words[0].literal if words else None
    return command.path(first) if first is not None and "/" in first else None


def _given(lane: Lane, words: tuple[Word, ...]) -> Lane:
    """Return the lane with the words of a call as its arguments."""
    made = {f"ARGUMENT_{at}": _value(lane, word) for at, word in enumerate(words[:_MOST_ARGUMENTS], 1)}
    return replace(lane, env={**lane.env, **made})


def _value(lane: Lane, word: Word) -> str | None:
    if word.literal is not None:
        return word.literal
    text = lane.text(word.text.strip("\"'"))
    variable = None if text is None else _VARIABLE.fullmatch(text)
    if variable is not None:
        return lane.env.get(variable[1])
    return None if text is None or re.search(r"[$`*?\[{\"'\\ ]", text) else text

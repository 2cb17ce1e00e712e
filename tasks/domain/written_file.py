"""Files that are there when a step begins, because what writes them would have ended the job otherwise."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tasks.domain.glob import GlobError, matches
from tasks.domain.lost_failure import lost, tolerated
from tasks.domain.script import Command, Script, Scripts, Word
from tasks.domain.workflow import Job, Step, Workflow

_COPIES = frozenset({"cp", "mv", "install"})
_FETCHES = {"curl": ("-o", "--output"), "wget": ("-O", "--output-document")}
_TAR_VALUES = frozenset({"-C", "--directory", "-T", "-X", "-I", "--exclude", "--transform", "--file"})
_OF_S3 = ("s3", "cp")


def is_surely_there(scripts: Scripts, workflow: Workflow, job: Job, step: Step, path: str) -> bool:
    """Tell whether an earlier step writes what a path or pattern names, and fails where it cannot."""
    return any(
        names(path, target, command)
        for earlier in job.steps
        if earlier.index < step.index and earlier.run is not None
        if earlier.root.get("if") in (None, step.root.get("if"))
        if tolerated(workflow, job, earlier) is None
        for script in (scripts.of(workflow.path, job, earlier),)
        if script is not None and script.understood and not script.never
        for command in script.commands
        for target in written_by(command)
        if _ends_the_job(command, script)
    )


def _ends_the_job(command: Command, script: Script) -> bool:
    """Tell whether a script cannot succeed without a command: where it is one of two ways, the other ends."""
    if not command.fatal or command.loop or command.function is not None or lost(command, script) is not None:
        return False
    if not command.conditional:
        return True
    ways = (one for one in script.earlier(command) if one.conditional)
    return any(one.program == "exit" and one.literals not in ((), ("0",)) for one in ways)


def written_by(command: Command) -> Iterator[Word]:
    """Go through the words that name what a command writes, or the directory it puts it into."""
    yield from (one.target for one in command.redirects if one.writes and one.target is not None)
    program = command.program
    plain = [word for word in command.arguments if not word.text.startswith("-")]
    if program in _COPIES and len(plain) > 1:
        yield plain[-1]
    elif program in _FETCHES:
        yield from command.options(*_FETCHES[program])
    elif program == "aws" and command.literals[:2] == _OF_S3 and len(plain) > len(_OF_S3) + 1:
        yield plain[3]
    elif program == "tar":
        yield from _archive(command)
    elif program == "zip" and plain:
        yield plain[0]


def _archive(command: Command) -> Iterator[Word]:
    """Go through the words that name the file which a call of tar creates."""
    named: list[Word] = []
    creates = command.has("--create")
    of_file = skip = False
    for place, word in enumerate(command.arguments):
        letters = word.text.lstrip("-")
        if of_file:
            named.append(word)
            of_file = False
        elif skip:
            skip = False
        elif word.text in _TAR_VALUES:
            skip = True
        elif not word.text.startswith("--") and (word.text.startswith("-") or place == 0):
            creates = creates or "c" in letters
            of_file = letters.endswith("f")
    yield from named if creates else ()
    yield from command.options("--file") if creates else ()


def names(path: str, target: Word, command: Command) -> bool:
    """Tell whether a path or pattern names what a command writes, or the directory that it lies in."""
    written = target.literal or target.text.strip("\"'")
    if written == path:
        return True
    if "$" in written or "$" in path:
        return False
    place = written if written.startswith("/") else command.path(written)
    wanted = posixpath.normpath(path)
    if place is None:
        return False
    try:
        return place == wanted or place.startswith(f"{wanted}/") or matches(wanted, place)
    except GlobError:
        return False

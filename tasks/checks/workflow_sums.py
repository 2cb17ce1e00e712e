"""Whether programs that compute sums of all files of a directory meet files alone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.guarded import is_certain
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Step

_SUMS = ("sha256sum", "sha512sum", "sha1sum", "sha384sum", "md5sum", "b2sum", "shasum")
_ALL = frozenset({"*", "./*"})
_TAKES_AWAY = re.compile(r"\b(?:rm|rmdir|mv|git clean|find|rsync|unlink|rename)\b")


@check(
    "sums-are-of-files",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Name the files alone: `find . -type f -exec sha256sum {} +`, or their pattern", minutes=5
    ),
)
def sums_are_of_files(scripts: Scripts) -> Iterator[Answer]:
    """No `sha256sum *` meets a directory that an earlier command made: it fails with exit code 1 there."""
    yield from merged(_answers(scripts))


def _answers(scripts: Scripts) -> Iterator[Answer]:
    for script, command in scripts.commands(*_SUMS, spelling="sum"):
        words = [
            word for word in command.arguments if not word.text.startswith("-") and not word.text.isdigit()
        ]
        if script.job is None or script.step is None or script.never or command.cwd is None:
            continue
        if len(words) != 1 or words[0].text not in _ALL or command.has("-c", "--check"):
            continue
        if (
            not (command.fatal or _ends_a_list(script, command))
            or not is_certain(command)
            or script.step.may_fail
        ):
            continue
        subject = f"{script.path.rpartition('/')[2]}: {script.job.id}: {command.program}"
        made = _made_below(script, scripts, command)
        if made is None:
            yield holds(subject, "no directory is known to be there")
            continue
        other, mkdir, name = made
        told = f"`{command.program} {words[0].text}` fails: an earlier command makes a directory {name}"
        yield broken(subject, told, script.source.at(command), other.source.at(mkdir))


def _ends_a_list(script: Script, command: Command) -> bool:
    """Tell whether a command is the last of a list of `&&`, whose failure ends the script as well."""
    line = (script.source.line(command.line) or "").rstrip()
    _, joined, rest = line.partition(f"&& {command.program} ")
    return bool(joined) and not re.search(r"&&|\|\||;", rest) and command.errexit and not command.masked


def _made_below(script: Script, scripts: Scripts, command: Command) -> tuple[Script, Command, str] | None:
    """Return the command that surely makes a directory right in the one whose files are summed up."""
    assert script.job is not None, "asked of steps only"
    assert script.step is not None, "asked of steps only"
    place = posixpath.normpath(command.cwd or ".")
    steps = [one for one in script.job.steps if one.index <= script.step.index]
    for step in steps:
        own = scripts.of(script.path, script.job, step)
        if own is None or not own.understood or not _is_sure(step):
            continue
        for one in own.running("mkdir"):
            later = step is script.step and one.line >= command.line
            if later or one.masked or one.tested or one.loop or not is_certain(one):
                continue
            for word in one.arguments:
                path = None if word.literal is None or word.text.startswith("-") else one.path(word.literal)
                below = None if path is None else posixpath.relpath(path, place)
                if below is None or below.startswith(".") or one.function is not None:
                    continue
                name = below.split("/")[0]
                if not any(_takes_away(scripts, script, other, name) for other in steps[steps.index(step) :]):
                    return own, one, name
    return None


def _takes_away(scripts: Scripts, script: Script, step: Step, name: str) -> bool:
    """Tell whether a step may take a directory away again: it removes or moves what may be this one."""
    own = None if script.job is None else scripts.of(script.path, script.job, step)
    if own is None:
        return step.action is not None and step.action.local is not None
    lines = (line for line in own.text.split("\n") if not line.lstrip().startswith("#"))
    return any(
        _TAKES_AWAY.search(line) and (name in line or re.search(r"[*$]|\bcd\b", line)) for line in lines
    )


def _is_sure(step: Step) -> bool:
    return step.condition is None and not step.may_fail

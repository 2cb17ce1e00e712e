"""Failures that bash lets go by its own rules: on the left of ``&&``, and in the background."""

from __future__ import annotations

import re

from tasks.domain.cargo_command import cargo_command
from tasks.domain.script import Command, Script

LEFT_OF_AND = "on the left of `&&` it does not end the script, and the step has the result of a later command"
UNWAITED = "in the background it does not end the script, and `wait` without a number is 0"

_OF_CARGO = frozenset({"test", "nextest", "clippy", "fmt", "audit", "deny"})
"""Subcommands whose failure the later ones do not show: what does not compile fails again."""

_LOOKS = re.compile(r"\$\?|\$!|PIPESTATUS|\btrap\b|\bjobs\b|\bwait[ \t]+[^\s;&|#]")
_GROUPS = re.compile(r"^[ \t]*[({]|[({][ \t]*$|^[ \t]*(?:if|while|until)[ \t]*$", re.MULTILINE)
_NO_LIST = re.compile(
    r"^[ \t]*(?:(?:el)?if|while|until|!|\[)[\s\[]|\|\||;|<<|(?<!&)&(?![&>\d])|(?:^|\s)![ \t]"
)
_GOES_ON = re.compile(r"(?:&&|\|\||[|\\])[ \t]*$")


def let_go(command: Command, script: Script) -> str | None:
    """Return by which rule of bash a failed verification leaves its step green; None when none does.

    What the script asks about afterwards, in whichever way, is not said to be lost.
    """
    call = cargo_command(command)
    if call is None or call.subcommand not in _OF_CARGO or script.step is None or not command.errexit:
        return None
    if not script.understood or _LOOKS.search(script.text):
        return None
    if command.masked or command.conditional or command.loop or command.function or command.piped_into:
        return None
    later = [one for one in script.commands if one.line > command.line]
    if any(one.tested or one.program in _ASKS or _ends(one) for one in later):
        return None
    if command.background:
        return UNWAITED if any(one.program == "wait" for one in later) else None
    return LEFT_OF_AND if command.tested and _is_left_of_and(command, script) else None


_ASKS = frozenset({"test", "[", "[["})


def _ends(command: Command) -> bool:
    """Tell whether a command ends its script with a failure, or with what a variable holds."""
    status = command.literals[:1]
    return command.program == "false" or (command.program == "exit" and status not in ((), ("0",)))


def _is_left_of_and(command: Command, script: Script) -> bool:
    """Tell whether a command has its line with nothing but ``&&``, and more commands follow that line.

    The last list of a script has its result; in a group or a subshell others may have it.
    """
    if _GROUPS.search(script.text):
        return False
    first = last = command.line
    while _GOES_ON.search(script.source.line(first - 1) or ""):
        first -= 1
    while _GOES_ON.search(script.source.line(last) or ""):
        last += 1
    lines = [
        (script.source.line(number) or "").rstrip().removesuffix("\\") for number in range(first, last + 1)
    ]
    lines[0] = re.sub(r"^\s*(?:- )?run:\s+(?![|>])", "", lines[0])
    if "&&" not in " ".join(lines) or _NO_LIST.search(" ".join(lines)):
        return False
    of_it = [one for one in script.commands if first <= one.line <= last and not one.substituted]
    if any(not one.words or any(to.writes for to in one.redirects) for one in of_it):
        return False  # a variable or a file may remember that it went well
    return any(one.line > last and not one.conditional for one in script.commands)

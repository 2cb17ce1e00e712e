"""What only bash understands: what dash, the ``sh`` of Ubuntu and Debian, makes of it instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.script import Command, Script

MARKS = (
    "[[",
    "source ",
    "=(",
    "<<<",
    "declare ",
    "shopt ",
    "mapfile ",
    "readarray ",
    "pushd ",
    "//",
    ":",
    "^",
    "pipefail",
)
"""Texts of which one stands in every shell that only bash understands."""

_NOT_FOUND = frozenset({"source", "declare", "shopt", "mapfile", "readarray", "pushd", "popd"})
_DOUBLE = re.compile(r"(?:^|[\s;&|!(])\[\[\s")
_ARRAY = re.compile(r"(?:^|[\s;])\w+\+?=\(")
_CUT = re.compile(r"\$\{\w+(?://?[^}]|:\s*\d|\^|,|\[)[^}]*\}")
_LOOKS = re.compile(
    r"BASH_VERSION|exec\s+(?:/usr/bin/env\s+)?bash|/bin/sh\b.*bash|bash.*/bin/sh\b|dpkg-reconfigure"
)

_TRIES = re.compile(r"pipefail[ \t]*\d?&?>")
"""It is tried first whether there is such an option."""


@dataclass(frozen=True, kw_only=True)
class BashOnly:
    """One place: what is written there, what dash says to it, and whether the script ends with it."""

    command: Command
    written: str
    said: str
    ends: bool


def bash_only(script: Script) -> Iterator[BashOnly]:
    """Go through what dash refuses in a script that does not look for bash itself."""
    if not any(mark in script.text for mark in MARKS) or _LOOKS.search(script.text):
        return
    tries = _TRIES.search(script.text) is not None
    for command in script.commands:
        line = script.source.line(command.line) or ""
        found = _found(command, line)
        if found is not None and not (tries and "pipefail" in found[0]):
            written, said, stops = found
            ends = not (command.conditional or command.function) and (stops or command.fatal)
            yield BashOnly(command=command, written=written, said=said, ends=ends)


def _found(command: Command, line: str) -> tuple[str, str, bool] | None:
    """Return what is written, what dash says, and whether it leaves the script in any case."""
    code = line.lstrip()
    if code.startswith("#"):
        return None
    program = command.words[0].text if command.words else ""
    if command.program in ("[", "[[") and _DOUBLE.search(line) and not re.search(r"[\"'][^\"']*\[\[", line):
        return "[[", "[[: not found", False
    if program == "set" and "pipefail" in command.literals:
        return "set -o pipefail", "Illegal option -o pipefail", True
    if program in _NOT_FOUND:
        return program, f"{program}: not found", False
    if any(one.operator == "<<<" for one in command.redirects):
        return "<<<", "redirection unexpected", True
    if command.assignments and _ARRAY.search(line):
        return "an array", '"(" unexpected', True
    for word in command.words:
        cut = None if word.text.startswith("'") else _CUT.search(word.text)
        if cut is not None and "${{" not in word.text:
            return cut[0], "Bad substitution", True
    return None

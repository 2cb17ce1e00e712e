"""Has bash read the shell of a tree without running it, and returns what it cannot read as a fact."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tasks.domain.script import Script, Scripts
from tasks.domain.shell_syntax import ShellFault, ShellSyntax
from tasks.domain.use import OPEN, spans
from tasks.systems.bash import Bash

LARGEST = 256 * 1024
"""Characters of one text that are still read; larger ones carry an archive."""

_SHELLS = frozenset({"bash", "sh"})
_SAID = re.compile(
    r"line (?P<line>\d+): (?P<told>(?:syntax error|unexpected EOF|conditional|warning: here-doc).*)"
)
_SWALLOWED = re.compile(
    r"here-document at line (?P<line>\d+) delimited by end-of-file \(wanted `(?P<end>.*)'\)"
)
_TEMPLATE = re.compile(r"\{%|<%|%\{|^\s*\{\{|@@\w+@@", re.MULTILINE)  # another program makes shell of it
_LEAVES = re.compile(r"^(?:exit|exec)\b", re.MULTILINE)


def shell_syntax(bash: Bash, scripts: Scripts, directory: Path) -> ShellSyntax:
    """Write each text that bash may run into a directory of its own, and have them read there.

    An expression of a workflow is read as a word and as nothing: only what is wrong both ways is told.
    Raises what the program raises.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    asked = {number: one for number, one in enumerate(scripts) if _is_shell(one)}
    texts = {name: text for number, one in asked.items() for name, text in _texts(number, one)}
    said = bash.look(directory, texts) if texts else {}
    faults = [fault for number, one in asked.items() for fault in _faults(number, one, said)]
    return ShellSyntax(read=len(asked), faults=tuple(faults))


def _is_shell(script: Script) -> bool:
    if (
        script.shell not in _SHELLS
        or script.never
        or len(script.text) > LARGEST
        or not script.source.readable
    ):
        return False
    if script.step is not None:
        # Without a shell that is written, a machine with Windows takes another one.
        systems = {lane.system for lane in script.lanes}
        return "shell" in script.step.root or bool(systems & {"Linux", "macOS"})
    first = script.text.partition("\n")[0]
    known = not first.startswith("#!") or any(
        word.rpartition("/")[2] in ("bash", "sh", "dash") for word in first[2:].split()
    )
    return known and not _TEMPLATE.search(script.text)


def _texts(number: int, script: Script) -> Iterator[tuple[str, str]]:
    text = script.text.replace("\r\n", "\n")
    for way, filled in (("word", "x"), ("nothing", "")):
        if way == "word" or (script.step is not None and OPEN in text):
            yield _name(number, way, script), _filled(text, filled) if script.step is not None else text


def _name(number: int, way: str, script: Script) -> str:
    return f"{number}-{way}.{script.shell}"


def _filled(text: str, value: str) -> str:
    made: list[str] = []
    at = 0
    for start, end in spans(text):
        if end < 0:
            break
        made += [text[at:start], value]
        at = end
    return "".join([*made, text[at:]])


def _faults(number: int, script: Script, said: dict[str, tuple[bool, str]]) -> Iterator[ShellFault]:
    names = [name for name, _ in _texts(number, script)]
    if any(name not in said for name in names):
        return
    could, told = said[names[0]]
    if all(said[name][0] for name in names):
        for found in _SWALLOWED.finditer(told):
            line, end = int(found["line"]), found["end"]
            # A command substitution that closes ends one too: `EOF)`. What was meant to end is told.
            if any(text.strip() == end for text in script.text.split("\n")[line:]):
                why = f"the here-document never meets its {end!r}, which is not at a line's beginning"
                yield _fault(script, line, why, swallowed=True)
        return
    match = _SAID.search(told)
    if could or match is None:
        return
    line = int(match["line"])
    before = "\n".join(script.text.split("\n")[: line - 1])
    if not _LEAVES.search(before):  # bash reads as it runs: it never comes to what stands behind
        yield _fault(script, line, match["told"])


def _fault(script: Script, line: int, told: str, *, swallowed: bool = False) -> ShellFault:
    last = len(script.text.rstrip().split("\n"))
    shown = script.line + min(line, last) - 1
    if script.step is not None and script.step.run is not None and not script.step.run.exact:
        shown = script.step.run.line
    return ShellFault(script=script, line=shown, told=told, swallowed=swallowed)

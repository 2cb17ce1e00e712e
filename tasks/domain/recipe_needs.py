"""What the targets of a Makefile and the recipes of a justfile need of each other, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.source import Source

_WORD = re.compile(r"[A-Za-z][\w-]*")
_RULE = re.compile(r"(?P<names>[A-Za-z][\w. -]*?)\s*::?(?![:=])(?P<needs>[^=;#]*)(?:[;#].*)?")
_AGAIN = re.compile(r"[@+]*\s*(?:\$\(MAKE\)|\$\{MAKE\}|make)(?P<words>(?:\s+[A-Za-z][\w-]*)+)\s*(?:&&.*)?")
_RECIPE = re.compile(
    r"@?(?P<name>[A-Za-z_][\w-]*)(?:\s+[*+$]?[A-Za-z_][\w-]*)*\s*:(?!=)(?P<needs>[^#{]*)(?:#.*)?"
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_PHONY = re.compile(r"^\.PHONY\s*:(?P<names>(?:[^\n\\]|\\\n)*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Needed:
    """A target that another one, ``by``, needs or makes by a call of make, and the line that says so."""

    name: str
    by: str
    line: int


def phony(makefile: Source) -> frozenset[str]:
    """Return the names that a Makefile declares as no files: make needs no rule for them."""
    found = (one["names"].replace("\\\n", " ").split() for one in _PHONY.finditer(makefile.text))
    return frozenset(name for names in found for name in names)


def needed_of_make(makefile: Source, goals: Iterable[str]) -> Iterator[Needed]:
    """Go through what is needed to make some targets, of their needs too, as far as they are words."""
    all_ = list(_of_make(makefile))
    waiting, seen = [*goals], set(goals)
    while waiting:
        goal = waiting.pop()
        for one in all_:
            if one.by == goal:
                yield one
                if one.name not in seen:
                    seen.add(one.name)
                    waiting.append(one.name)


def _of_make(makefile: Source) -> Iterator[Needed]:
    targets: list[str] = []
    lines = makefile.lines
    for number, line in enumerate(lines, 1):
        if number > 1 and lines[number - 2].endswith("\\"):
            continue  # goes on with what is above
        if line.startswith("\t"):
            again = _AGAIN.fullmatch(line.strip())
            for name in again["words"].split() if again is not None else ():
                yield from (Needed(name=name, by=target, line=number) for target in targets)
            continue
        rule = _RULE.fullmatch(line.rstrip())
        if rule is None:
            if line.strip() and not line.lstrip().startswith("#"):
                targets = []
            continue
        targets = rule["names"].split()
        for word in rule["needs"].split():
            if _WORD.fullmatch(word):
                yield from (Needed(name=word, by=target, line=number) for target in targets)


def needed_of_just(justfile: Source) -> Iterator[Needed]:
    """Go through what recipes need of each other: just reads them all before it runs one."""
    for number, line in enumerate(justfile.lines, 1):
        found = _RECIPE.fullmatch(line.rstrip())
        if found is None:
            continue
        # Behind the name in brackets stand the arguments of a recipe.
        needs = _QUOTED.sub("", found["needs"])
        needs = re.sub(r"\(\s*([\w-]+)[^()]*\)", r"\1", needs).replace("&&", " ")
        if any(mark in needs for mark in "\"'`()"):
            continue
        for word in needs.split():
            if _WORD.fullmatch(word):
                yield Needed(name=word, by=found["name"], line=number)

"""Finds the targets of Makefiles that make nothing but what cargo leaves in its target directory.

After such a target a missing file is still missing; any other may have made it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tasks.domain.produced import is_opaque
from tasks.domain.source import Source
from tasks.facts.bash import read_shell

_NAMES = frozenset({"Makefile", "makefile", "GNUmakefile"})
_RULE = re.compile(r"^(?P<names>[A-Za-z_][\w. -]*?)\s*:(?![:=])(?P<needs>[^=;#]*)$")
_DRAWS_IN = re.compile(r"^-?include\b|^define\b|^ifn?(?:eq|def)\b|\$\(eval|\$\(shell", re.MULTILINE)
"""What makes a Makefile say more than its rules do."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    needs: tuple[str, ...]
    lines: tuple[str, ...]


def tame_recipes(sources: Iterable[Source]) -> frozenset[tuple[str, str]]:
    """Return directory and target of those whose recipe, and the recipes of what they need, are known."""
    found: set[tuple[str, str]] = set()
    for one in sources:
        if posixpath.basename(one.path) in _NAMES and one.readable and not _DRAWS_IN.search(one.text):
            rules = _rules(one)
            directory = posixpath.dirname(one.path)
            found |= {(directory, name) for name in rules if _is_tame(name, rules, frozenset())}
    return frozenset(found)


def _rules(source: Source) -> dict[str, _Rule]:
    rules: dict[str, _Rule] = {}
    names: list[str] = []
    for line in source.lines:
        if line.startswith("\t"):
            for name in names:
                rules[name] = _Rule(needs=rules[name].needs, lines=(*rules[name].lines, line))
            continue
        rule = _RULE.match(line)
        if rule is not None:
            names = rule["names"].split()
            for name in names:
                before = rules.get(name, _Rule(needs=(), lines=()))
                rules[name] = _Rule(needs=(*before.needs, *rule["needs"].split()), lines=before.lines)
        elif line.strip() and not line.startswith(("#", ".")):
            names = []
    return rules


def _is_tame(name: str, rules: Mapping[str, _Rule], above: frozenset[str]) -> bool:
    rule = rules.get(name)
    if rule is None or name in above:
        return False
    if not all(_is_tame(one, rules, above | {name}) for one in rule.needs):
        return False
    read = read_shell("\n".join(one.strip().lstrip("@+-") for one in rule.lines).replace("$$", "$"))
    plain = not any("$(" in one or "${" in one for one in rule.lines)
    writes = any(redirect.writes for command in read.commands for redirect in command.redirects)
    return plain and not read.problems and not writes and not any(map(is_opaque, read.commands))

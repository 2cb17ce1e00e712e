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


_SETS = re.compile(r"^(?P<name>[A-Za-z_]\w*)\s*(?P<how>[:?]?=|\+=|!=)\s*(?P<value>[^#]*)")
_USES = re.compile(r"\$[({](\w+)[)}]")
_OF_MAKE = {"CARGO": "cargo", "MAKE": "make"}
"""What these stand for where a Makefile says nothing else."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    needs: tuple[str, ...]
    lines: tuple[str, ...]


def tame_recipes(sources: Iterable[Source]) -> frozenset[tuple[str, str]]:
    """Return directory and target of those whose recipe, and the recipes of what they need, are known."""
    found: set[tuple[str, str]] = set()
    for one in sources:
        if posixpath.basename(one.path) in _NAMES and one.readable and not _DRAWS_IN.search(one.text):
            rules = _rules(one, _settings(one))
            directory = posixpath.dirname(one.path)
            found |= {(directory, name) for name in rules if _is_tame(name, rules, frozenset())}
    return frozenset(found)


def _settings(source: Source) -> dict[str, str]:
    """Return the variables that are given one plain value, and what they would stand for without."""
    found: dict[str, str] = dict(_OF_MAKE)
    unsure: set[str] = set()
    for line in source.lines:
        given = _SETS.match(line)
        if given is None:
            continue
        name, value = given["name"], given["value"].strip()
        again = name in found and name not in _OF_MAKE
        if given["how"] in ("+=", "!=") or "$" in value or value.endswith("\\") or again:
            unsure.add(name)
        found[name] = value
    return {name: value for name, value in found.items() if name not in unsure}


def _rules(source: Source, settings: Mapping[str, str]) -> dict[str, _Rule]:
    rules: dict[str, _Rule] = {}
    names: list[str] = []
    for line in source.lines:
        if line.startswith("\t"):
            plain = _USES.sub(lambda used: settings.get(used[1], used[0]), line)
            for name in names:
                rules[name] = _Rule(needs=rules[name].needs, lines=(*rules[name].lines, plain))
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

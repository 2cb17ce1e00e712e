"""The targets that the Makefiles and justfiles of a repository have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.source import Source, Sources

_FILES = {
    "make": frozenset({"Makefile", "makefile", "GNUmakefile"}),
    "just": frozenset({"justfile", "Justfile", ".justfile"}),
}
_TARGET = re.compile(r"^(?P<names>[^\s#:=][^#:=]*?)\s*::?(?!=)")
_RECIPE = re.compile(r"^@?(?P<name>[A-Za-z_][\w-]*)(?:\s[^:=]*(?:=[^:]*)?)?\s*:(?!=)")
_ALIAS = re.compile(r"^alias\s+(?P<name>[\w-]+)\s*:=")
# What brings targets that are not written: other files, patterns, names that are computed.
_MORE = {
    "make": re.compile(
        r"^\s*-?s?include\b|^[^\t#]*%[^\n:=]*:|^\.DEFAULT\b|^\$[({][^\n=]*:(?!=)|^\s*\$\((?:eval|foreach)",
        re.MULTILINE,
    ),
    "just": re.compile(r"^(?:import|mod)\b|^set fallback", re.MULTILINE),
}


@dataclass(frozen=True, kw_only=True)
class Recipes:
    """What a program can be told to make; ``whole`` tells that there is nothing else."""

    names: frozenset[str]
    file: str  # what its files are called
    whole: bool
    absent: bool = False  # there is no such file at all, and nothing that could make one


def recipes(sources: Sources, program: str) -> Recipes:
    """Return the targets of all files of ``make`` or ``just``; they are not whole without such a file."""
    files = [one for one in sources if one.path.rpartition("/")[2] in _FILES[program]]
    at_root = [one for one in files if "/" not in one.path]
    makers = ("CMakeLists.txt", "configure", "configure.ac", "Makefile.in", "Makefile.am", "meson.build")
    return Recipes(
        absent=not files and not any(one.path.rpartition("/")[2] in makers for one in sources),
        names=frozenset(name for one in files for name in _names(one, program)),
        file="Makefile" if program == "make" else "justfile",
        whole=bool(at_root) and not any(_MORE[program].search(one.text) for one in files),
    )


def _names(source: Source, program: str) -> Iterator[str]:
    for line in source.lines:
        if program == "just":
            found = _RECIPE.match(line) or _ALIAS.match(line)
            if found:
                yield found["name"]
        elif not line.startswith("\t") and (target := _TARGET.match(line)):
            yield from target["names"].split()

"""Which paths the repository tells git to ignore: what lies there is made on the machine that needs it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.source import Source
from tasks.domain.tree import matcher

NAME = ".gitignore"


@dataclass(frozen=True, kw_only=True)
class _Rule:
    pattern: str  # of paths from the directory of its file
    ignores: bool  # False for one that takes something back: `!x`


class Ignored:
    """The rules of all `.gitignore` files: the last one that matches a path or what is above it decides."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Read the rules, by the directory of their file."""
        self._rules: dict[str, tuple[_Rule, ...]] = {
            posixpath.dirname(one.path): tuple(_rules(one))
            for one in sources
            if posixpath.basename(one.path) == NAME and one.readable
        }

    def __contains__(self, path: str) -> bool:
        """Tell whether a path, or a directory above it, is ignored."""
        parts = path.split("/") if self._rules else []
        return any(self._says(parts[:end]) for end in range(1, len(parts) + 1))

    def _says(self, parts: list[str]) -> bool:
        """Tell whether a path itself is ignored; rules of deeper files come later."""
        said = False
        for depth in range(len(parts)):
            for rule in self._rules.get("/".join(parts[:depth]), ()):
                if matcher(rule.pattern).fullmatch("/".join(parts[depth:])):
                    said = rule.ignores
        return said


def is_ignored(path: str, sources: Iterable[Source]) -> bool:
    """Tell whether a path, or a directory above it, is ignored."""
    return path in Ignored(sources)


def _rules(source: Source) -> Iterator[_Rule]:
    for line in source.lines:
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        clean = rule.removeprefix("!").rstrip("/")
        anchored = "/" in clean
        # That everything inside is ignored is as good as the directory for what nobody has committed.
        clean = clean.removesuffix("/**").lstrip("/")
        if clean:
            yield _Rule(pattern=clean if anchored else f"**/{clean}", ignores=not rule.startswith("!"))

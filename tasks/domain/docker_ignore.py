"""What a ``.dockerignore`` leaves out of the context of an image, as docker reads it.

The last pattern that matches a path or a directory above it decides; all are anchored at the context's root,
and ``**`` stands for any number of directories (moby/patternmatcher).
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.source import Source, Sources
from tasks.domain.tree import Tree

NAME = ".dockerignore"


@dataclass(frozen=True, kw_only=True)
class IgnoreRule:
    """One line; ``brings_back`` for those that begin with ``!``."""

    line: int
    pattern: str
    brings_back: bool = False


@dataclass(frozen=True, kw_only=True)
class DockerIgnore:
    """The rules for one context; ``context`` is its directory in the repository, empty for the root."""

    source: Source
    context: str
    rules: tuple[IgnoreRule, ...] = field(repr=False)

    def leaves_out(self, path: str, tree: Tree) -> int | None:
        """Return the line that leaves out a path with all below it; None when something may be in."""
        found = self._decided(path)
        if found is None or found.brings_back:
            return None
        whole = posixpath.join(self.context, path)
        if tree.file(whole) is None and any(
            one.brings_back and _may_be_below(one, path) for one in self.rules
        ):
            return None
        cut = len(whole) - len(path)
        inner = (one[cut:] for one in tree.starting(f"{whole}/"))
        return found.line if all(self._is_out(one) for one in inner) else None

    def _is_out(self, path: str) -> bool:
        decided = self._decided(path)
        return decided is not None and not decided.brings_back

    def _decided(self, path: str) -> IgnoreRule | None:
        parts = path.split("/")
        above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
        for one in reversed(self.rules):
            if any(_compiled(one.pattern).fullmatch(each) for each in above):
                return one
        return None


def docker_ignore(file: str, context: str, sources: Sources, tree: Tree) -> DockerIgnore | None:
    """Return the rules under which an image is built; None when there are none or they cannot be read.

    Those of the Dockerfile itself, ``NAME.dockerignore`` beside it, stand for the context's own.
    """
    path = f"{file}{NAME}"
    if not tree.has(path):
        path = posixpath.join(context, NAME)
    source = sources.get(path)
    if source is None or not source.readable or tree.has(posixpath.join(context, ".containerignore")):
        return None
    return DockerIgnore(source=source, context=context, rules=tuple(_rules(source)))


def _rules(source: Source) -> Iterator[IgnoreRule]:
    for line, text in enumerate(source.lines, 1):
        pattern = text.removeprefix("\ufeff").strip()
        if not pattern or text.startswith("#"):
            continue
        back = pattern.startswith("!")
        pattern = pattern[1:].strip() if back else pattern
        if pattern:
            clean = posixpath.normpath(pattern)
            clean = clean.lstrip("/") if len(clean) > 1 else clean
            yield IgnoreRule(line=line, pattern=clean, brings_back=back)


def _may_be_below(rule: IgnoreRule, path: str) -> bool:
    """Tell whether a rule may bring back what lies below a path: one that begins with a pattern may do so."""
    plain = re.split(r"[*?\[]", rule.pattern)[0]
    return plain.startswith(f"{path}/") or f"{path}/".startswith(plain)


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    made: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**", at):
            at += 2
            at += pattern.startswith("/", at)
            made.append(".*" if at >= len(pattern) else "(?:.*/)?")
            continue
        one = pattern[at]
        if one == "*":
            made.append("[^/]*")
        elif one == "?":
            made.append("[^/]")
        elif one == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end].replace("\\", "\\\\")
            made.append(f"[{inner}]")
            at = end
        else:
            at += one == "\\" and at + 1 < len(pattern)
            made.append(re.escape(pattern[at]))
        at += 1
    try:
        return re.compile("".join(made), re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))

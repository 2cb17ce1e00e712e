"""Where a workflow file uses an expression, and what each of them reads."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.expression import ExpressionError, Node, parse, references
from tasks.domain.located import Map, Text, scalars

OPEN, CLOSE = "${{", "}}"

Way = tuple[str | int, ...]


_SHOWN = ("name", "run-name", "key", "restore-keys", "shared-key", "prefix-key")
"""Keys whose text people read, or that only tell caches and artifacts apart: a part of it may be empty."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """One ``${{ }}`` or ``if:``; ``node`` is None when ``error`` says why GitHub would refuse it."""

    source: str
    line: int
    way: Way
    node: Node | None = None
    error: str | None = None
    condition: bool = False

    @property
    def where(self) -> str:
        """The place as people write it: ``jobs.build.steps[0].run``."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.way)[1:]

    @property
    def job(self) -> str | None:
        """The id of the job it stands in."""
        return str(self.way[1]) if len(self.way) > 1 and self.way[0] == "jobs" else None

    @property
    def step(self) -> int | None:
        """The index of the step it stands in, of a job or a composite action."""
        for place, part in enumerate(self.way[:-1]):
            following = self.way[place + 1]
            if part == "steps" and isinstance(following, int):
                return following
        return None

    @property
    def key(self) -> str:
        """The last name on the way: ``run``, ``if``, the name of an input or variable."""
        return next((part for part in reversed(self.way) if isinstance(part, str)), "")

    @property
    def is_for_show(self) -> bool:
        """Tell whether people read the text, or it only names a cache or an artifact."""
        return self.key in _SHOWN and not {"env", "inputs", "outputs", "matrix"}.intersection(self.way[:-1])


@dataclass(frozen=True, kw_only=True)
class Read:
    """One thing an expression reads: ``secrets``, ``("X",)``; None stands for a computed key or ``*``."""

    context: str
    path: tuple[str | None, ...]
    use: Use

    @property
    def name(self) -> str | None:
        """The first name below the context, or None when it is computed."""
        return self.path[0] if self.path else None

    @property
    def line(self) -> int:
        """The line of the expression."""
        return self.use.line


@functools.lru_cache(maxsize=4096)
def parsed(source: str) -> tuple[Node | None, str | None]:
    """Parse an expression: its tree, or what is wrong with it. Files repeat the same few expressions."""
    if not source.strip():
        return None, "An expression was expected"
    try:
        return parse(source), None
    except ExpressionError as error:
        return None, str(error)


def uses(root: Map) -> Iterator[Use]:
    """Go through every expression below a file's root; ``if:`` is one also without ``${{ }}``."""
    for found in scalars(root):
        if OPEN in found.text:
            yield from _embedded(found.text, found.way)
        elif _is_condition(found.way):
            yield _use(str(found.text), found.text.first_line, found.way, condition=True)


def reads(found: Iterable[Use]) -> Iterator[Read]:
    """Go through everything that expressions read; those that do not parse read nothing."""
    for use in found:
        if use.node is not None:
            for reference in references(use.node):
                yield Read(context=reference.context, path=reference.path, use=use)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Find each ``${{ }}`` of a text: where it opens and where it ends; -1 when it never does."""
    at = text.find(OPEN)
    while at >= 0:
        end = _end(text, at + len(OPEN))
        yield at, end
        at = text.find(OPEN, end) if end >= 0 else -1


def _embedded(text: Text, way: Way) -> Iterator[Use]:
    for start, end in spans(text):
        line = text.line_at(start)
        if end < 0:
            yield Use(source=text[start:], line=line, way=way, error="the expression is never closed with }}")
        else:
            inner = text[start + len(OPEN) : end - len(CLOSE)]
            yield _use(inner, line, way, condition=_is_condition(way))


def _use(source: str, line: int, way: Way, *, condition: bool) -> Use:
    node, error = parsed(source)
    return Use(source=source.strip(), line=line, way=way, node=node, error=error, condition=condition)


def _is_condition(way: Way) -> bool:
    """``if:`` of a job or a step; an input or variable that happens to be called so is none."""
    if not way or way[-1] != "if":
        return False
    return len(way) == 3 if way[0] == "jobs" and isinstance(way[-2], str) else isinstance(way[-2], int)


def _end(text: str, at: int) -> int:
    """Return the place behind the ``}}``; braces inside an expression's strings do not end it."""
    while True:
        close, quote = text.find(CLOSE, at), text.find("'", at)
        if close < 0:
            return -1
        if quote < 0 or close < quote:
            return close + len(CLOSE)
        at = text.find("'", quote + 1) + 1
        if at == 0:
            return -1

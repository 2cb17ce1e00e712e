"""YAML values that know where they stand; lines count from 1.

A scalar text is a ``Text``, a mapping a ``Map``, a sequence a ``Seq``; numbers, booleans and null are
plain, and the ``Map`` or ``Seq`` that holds them knows their lines. They are ordinary str, dict and
list for whoever does not care.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self


class Text(str):
    """A text with the place where it begins; a ``literal`` one is a ``|`` block: its lines are the file's."""

    __slots__ = ("column", "exact", "line", "literal")

    line: int
    column: int
    literal: bool
    exact: bool

    def __new__(
        cls, value: str = "", *, line: int = 0, column: int = 0, literal: bool = False, exact: bool = True
    ) -> Self:
        """Make a text; ``exact`` tells that its line ends are the file's."""
        made = super().__new__(cls, value)
        made.line, made.column, made.literal, made.exact = line, column, literal, exact
        return made

    @property
    def first_line(self) -> int:
        """The line of the file on which the first character of the text stands."""
        return self.line + 1 if self.literal else self.line

    def line_at(self, offset: int) -> int:
        """Return the line of a character of the text; its beginning for a folded or escaped text."""
        return self.first_line + self.count("\n", 0, offset) if self.exact else self.line


class Map(dict[str, Any]):
    """A mapping whose keys are ``Text``; ``written`` keeps how numbers and booleans were spelled."""

    __slots__ = ("line", "places", "written")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.places: dict[str, int] = {}
        self.written: dict[str, str] = {}

    def line_of(self, key: str) -> int:
        """Return the line of a key; the mapping's own when it has no such key."""
        return self.places.get(key, self.line)

    def text(self, key: str) -> Text | None:
        """Return a scalar as it was written (``1.10`` stays ``1.10``), or None when there is none."""
        value = self.get(key)
        if isinstance(value, Text):
            return value
        return Text(self.written[key], line=self.places[key]) if key in self.written else None

    def map(self, key: str) -> Map:
        """Return a mapping, an empty one when there is none."""
        value = self.get(key)
        return value if isinstance(value, Map) else Map(self.line_of(key))

    def seq(self, key: str) -> Seq:
        """Return a sequence, an empty one when there is none."""
        value = self.get(key)
        return value if isinstance(value, Seq) else Seq(self.line_of(key))

    def texts(self, key: str) -> tuple[Text, ...]:
        """Return a scalar or a sequence of scalars as texts."""
        value = self.get(key)
        if isinstance(value, Seq):
            return value.texts()
        one = self.text(key)
        return () if one is None else (one,)


class Seq(list[Any]):
    """A sequence; ``places`` are the lines of its items and ``written`` how each scalar was spelled."""

    __slots__ = ("line", "places", "written")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.places: list[int] = []
        self.written: list[str | None] = []

    def texts(self) -> tuple[Text, ...]:
        """Return the items that are scalars, as texts."""
        return tuple(
            item if isinstance(item, Text) else Text(written, line=line)
            for item, line, written in zip(self, self.places, self.written, strict=True)
            if written is not None
        )


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a file could not be read as what it should be, and where; ``line`` is None when nobody said."""

    message: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scalar:
    """A text somewhere below a value, with the way to it: ``("jobs", "build", "steps", 0, "run")``."""

    way: tuple[str | int, ...]
    text: Text

    @property
    def where(self) -> str:
        """The way as people write it: ``jobs.build.steps[0].run``."""
        shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.way)
        return shown.removeprefix(".")


def scalars(value: object, way: tuple[str | int, ...] = ()) -> Iterator[Scalar]:
    """Go through all texts below a value, in the order of the file."""
    if isinstance(value, Text):
        yield Scalar(way=way, text=value)
    elif isinstance(value, Map):
        for key, item in value.items():
            yield from scalars(item, (*way, key))
    elif isinstance(value, Seq):
        for index, item in enumerate(value):
            yield from scalars(item, (*way, index))

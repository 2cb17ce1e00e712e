"""YAML as GitHub reads it (the 1.2 core schema), with lines, through libyaml's event parser.

``on:`` stays a text, as do yes and no. Repeated keys are told, aliases are followed but not without
bound, and a file that is no YAML is an answer, not an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.domain.located import Map, Problem, Seq, Text
from tasks.domain.source import Source

MOST_ALIASED_NODES = 200_000
DEEPEST = 200

_NUMBER = re.compile(r"[-+]?[0-9]{1,4000}$")
_OCTAL, _HEX = re.compile(r"0o[0-7]+$"), re.compile(r"0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), ".Inf": float("inf"), ".INF": float("inf"), "+.inf": float("inf"),
    "-.inf": float("-inf"), "-.Inf": float("-inf"), "-.INF": float("-inf"),
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class YamlFile:
    """What a YAML file says; ``root`` is None when ``problem`` says why it could not be read."""

    source: Source
    root: object = None
    problem: Problem | None = None
    repeated: tuple[Text, ...] = ()
    documents: int = 0


class _RefusedError(Exception):
    """The file is YAML, but of a kind that nobody should follow."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_yaml(source: Source) -> YamlFile:
    """Read a file's first document; its syntax error, when it has one, is the answer's ``problem``."""
    import yaml  # noqa: PLC0415 - a repository without YAML must not pay for it

    if not source.readable:
        return YamlFile(source=source, problem=Problem(message="the file is not UTF-8"))
    loader = yaml.CSafeLoader(source.text)
    reader = _Reader(loader)
    try:
        root, documents = reader.whole()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is not None and error.context_mark and mark.line >= len(source.text.splitlines()):
            mark = error.context_mark  # found only at the end of the file: what was opened there helps more
        elif error.context_mark and error.context == "while scanning a simple key":
            mark = error.context_mark  # noticed lines later: the line that is no key is where to look
        said = error.problem or error.context or "is not YAML"
        opened = error.context_mark
        if mark is not None and opened and "flow" in (error.context or "") and opened.line < mark.line:
            said, mark = f"{said} in line {mark.line + 1}", opened  # what was opened there is not closed
        return YamlFile(
            source=source,
            problem=Problem(
                message=said, line=mark.line + 1 if mark else None, column=mark.column + 1 if mark else None
            ),
        )
    except yaml.reader.ReaderError as error:
        line = source.text.count("\n", 0, error.position) + 1
        return YamlFile(source=source, problem=Problem(message=error.reason, line=line))
    except _RefusedError as error:
        return YamlFile(source=source, problem=Problem(message=str(error), line=error.line))
    finally:
        loader.dispose()
    return YamlFile(source=source, root=root, repeated=tuple(reader.repeated), documents=documents)


class _Reader:
    """Builds located values from events; one reader reads one file."""

    def __init__(self, loader: object) -> None:
        self._next = loader.get_event  # type: ignore[attr-defined]
        self.repeated: list[Text] = []
        self._anchors: dict[str, tuple[object, str | None, int]] = {}
        self._open: set[str] = set()
        self._nodes = 0
        self._aliased = 0

    def whole(self) -> tuple[object, int]:
        """Return the root of the first document and the number of documents."""
        root: object = None
        documents = 0
        while True:
            event = self._next()
            kind = type(event).__name__
            if kind == "StreamEndEvent":
                return root, documents
            if kind == "DocumentStartEvent":
                value, _ = self._value(self._next(), 0)
                root = value if documents == 0 else root
                documents += 1

    def _value(self, event: object, depth: int) -> tuple[object, str | None]:
        """Return a value and, for a scalar, how it was written."""
        kind = type(event).__name__
        line: int = event.start_mark.line + 1  # type: ignore[attr-defined]
        anchor: str | None = event.anchor  # type: ignore[attr-defined]
        if kind == "AliasEvent":
            return self._alias(str(anchor), line)
        if depth > DEEPEST:
            raise _RefusedError(f"nested deeper than {DEEPEST} levels", line)
        before = self._nodes
        self._nodes += 1
        if anchor:
            self._open.add(anchor)
        made: object
        written: str | None = None
        if kind == "ScalarEvent":
            made, written = _scalar(event, line)
        elif kind == "MappingStartEvent":
            made = self._mapping(line, depth)
        else:
            made = self._sequence(line, depth)
        if anchor:
            self._open.discard(anchor)
            self._anchors[anchor] = (made, written, self._nodes - before)
        return made, written

    def _alias(self, anchor: str, line: int) -> tuple[object, str | None]:
        if anchor in self._open:
            raise _RefusedError(f"the anchor {anchor!r} contains itself", line)
        if anchor not in self._anchors:
            raise _RefusedError(f"found undefined alias {anchor!r}", line)
        value, written, size = self._anchors[anchor]
        self._aliased += size
        self._nodes += size
        if self._aliased > MOST_ALIASED_NODES:
            raise _RefusedError(f"aliases expand to more than {MOST_ALIASED_NODES} values", line)
        return value, written

    def _mapping(self, line: int, depth: int) -> Map:
        made = Map(line)
        while type(event := self._next()).__name__ != "MappingEndEvent":
            found, spelled = self._value(event, depth + 1)
            at: int = event.start_mark.line + 1
            if isinstance(found, (Map, Seq)):
                raise _RefusedError("a key must be a scalar", at)
            key = found if isinstance(found, Text) else Text(spelled or "", line=at)
            if key in made:
                self.repeated.append(key)
            value, written = self._value(self._next(), depth + 1)
            made[key] = value
            made.places[key] = at
            if written is not None and not isinstance(value, Text):
                made.written[key] = written
        return made

    def _sequence(self, line: int, depth: int) -> Seq:
        made = Seq(line)
        while type(event := self._next()).__name__ != "SequenceEndEvent":
            value, written = self._value(event, depth + 1)
            made.append(value)
            made.places.append(event.start_mark.line + 1)
            made.written.append(written)
        return made


def _scalar(event: object, line: int) -> tuple[object, str]:
    value: str = event.value  # type: ignore[attr-defined]
    style: str | None = event.style  # type: ignore[attr-defined]
    tag: str | None = event.tag  # type: ignore[attr-defined]
    start, end = event.start_mark, event.end_mark  # type: ignore[attr-defined]
    if style in (None, "") and tag is None and not (resolved := _core(value))[0]:
        return resolved[1], value
    literal = style == "|"
    return Text(
        value,
        line=line,
        column=start.column + 1,
        literal=literal,
        # A folded or escaped text has fewer or other line ends than the file.
        exact=literal or ("\n" not in value and start.line == end.line),
    ), value


def _core(value: str) -> tuple[bool, object]:
    """Resolve a plain scalar by the core schema: (it is a text, its value)."""
    if value in _WORDS:
        return False, _WORDS[value]
    if value[0] not in "+-.0123456789":
        return True, value
    if _NUMBER.match(value):
        return False, int(value)
    if _OCTAL.match(value):
        return False, int(value, 0)
    if _HEX.match(value):
        return False, int(value, 16)
    return (False, float(value)) if _FLOAT.match(value) else (True, value)

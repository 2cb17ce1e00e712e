"""The commands that a step writes to its output: `::error file=a.rs,line=3::message`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from deployments.embedded.runner.interface import Annotation, Level

_MODERN = re.compile(r"\s*::(?P<name>[A-Za-z_][\w-]*)(?:\s+(?P<properties>.*?))?::(?P<message>.*)", re.DOTALL)
_LEGACY = re.compile(
    r"##\[(?P<name>[A-Za-z_][\w-]*)(?:\s+(?P<properties>[^\]]*))?\](?P<message>.*)", re.DOTALL
)
_ESCAPES = (("%0D", "\r"), ("%0A", "\n"))
_PROPERTY_ESCAPES = (*_ESCAPES, ("%3A", ":"), ("%2C", ","), ("%5D", "]"), ("%3B", ";"))
_LEVELS: dict[str, Level] = {"error": "failure", "warning": "warning", "notice": "notice"}


@dataclass(frozen=True, kw_only=True)
class Command:
    """One workflow command; `name` is in lower case."""

    name: str
    message: str
    properties: Mapping[str, str] = field(default_factory=dict)


def parse_command(line: str) -> Command | None:
    """Read a line of output as a command, or None when it is ordinary text."""
    match = _MODERN.fullmatch(line)
    separator = ","
    if match is None:
        match, separator = _LEGACY.fullmatch(line), ";"
    if match is None:
        return None
    properties = {}
    for pair in (match["properties"] or "").split(separator):
        key, equals, value = pair.partition("=")
        if equals and value:
            properties[key.strip()] = _unescape(value, _PROPERTY_ESCAPES)
    message = _unescape(match["message"], _ESCAPES)
    return Command(name=match["name"].lower(), message=message, properties=properties)


def _unescape(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escaped, plain in escapes:
        text = text.replace(escaped, plain)
    return text.replace("%25", "%")


def annotation(command: Command) -> Annotation | None:
    """Make the remark that an error, warning or notice command stands for."""
    level = _LEVELS.get(command.name)
    if level is None:
        return None
    given = command.properties
    start = _number(given.get("line")) or 1
    return Annotation(
        level=level,
        message=command.message,
        title=given.get("title", ""),
        path=given.get("file", ".github"),
        start_line=start,
        end_line=_number(given.get("endLine")) or start,
        start_column=_number(given.get("col")),
        end_column=_number(given.get("endColumn")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None

"""The functions of the expression language that need nothing but their arguments."""

import json
import re
from collections.abc import Callable
from typing import Any

from tasks.domain.expression.errors import ExpressionError
from tasks.domain.expression.values import equal, fold, is_primitive, to_json, to_text

Function = Callable[..., Any]

MANY = 255
# Name in lower case -> fewest and most arguments, of the functions every expression may use.
COUNTS: dict[str, tuple[int, int]] = {
    "contains": (2, 2),
    "startswith": (2, 2),
    "endswith": (2, 2),
    "format": (1, MANY),
    "join": (1, 2),
    "tojson": (1, 1),
    "fromjson": (1, 1),
    "case": (3, MANY),
}
# Functions that the place of an expression may add: they ask the job.
STATUS_COUNTS: dict[str, tuple[int, int]] = {
    "success": (0, MANY),
    "failure": (0, MANY),
    "always": (0, 0),
    "cancelled": (0, 0),
}
HOST_COUNTS: dict[str, tuple[int, int]] = {**STATUS_COUNTS, "hashfiles": (1, MANY)}

_PLACE = re.compile(r"\{(\d+)[^}]*\}")


def contains(search: Any, item: Any) -> bool:
    """Say whether a list has an element, or a text a part, without regard to case."""
    if isinstance(search, list):
        return any(equal(item, element) for element in search)
    if is_primitive(search) and is_primitive(item):
        return to_text(item).lower() in to_text(search).lower()
    return False


def starts_with(text: Any, start: Any) -> bool:
    """Say whether a text starts with another, without regard to case."""
    if not is_primitive(text) or not is_primitive(start):
        return False
    return fold(to_text(text)).startswith(fold(to_text(start)))


def ends_with(text: Any, end: Any) -> bool:
    """Say whether a text ends with another, without regard to case."""
    if not is_primitive(text) or not is_primitive(end):
        return False
    return fold(to_text(text)).endswith(fold(to_text(end)))


def format_text(pattern: Any, *arguments: Any) -> str:
    """Put arguments into the `{0}` places of a pattern; `{{` and `}}` are braces."""
    text = to_text(pattern)
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text[at] not in "{}":
            end = next((i for i in range(at, len(text)) if text[i] in "{}"), len(text))
            parts.append(text[at:end])
            at = end
        elif text[at : at + 2] in ("{{", "}}"):
            parts.append(text[at])
            at += 2
        else:
            place = _PLACE.match(text, at)
            if place is None:
                raise ExpressionError(f"The following format string is invalid: {text}")
            if int(place[1]) >= len(arguments):
                raise ExpressionError(
                    f"The following format string references more arguments than were supplied: {text}"
                )
            parts.append(to_text(arguments[int(place[1])]))
            at = place.end()
    return "".join(parts)


def join(values: Any, separator: Any = ",") -> str:
    """Join a list's texts; a single value is its own text."""
    if is_primitive(values):
        return to_text(values)
    if not isinstance(values, list):
        return ""
    between = to_text(separator) if is_primitive(separator) else ","
    return between.join(to_text(value) for value in values)


def from_json(text: Any) -> Any:
    """Read JSON. Raises ExpressionError when it is none."""
    source = to_text(text)
    if not source.strip():
        raise ExpressionError("fromJSON: empty input")
    try:
        return json.loads(source, parse_constant=_refuse_constant)
    except ValueError as error:
        raise ExpressionError(f"fromJSON: {error}") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def case(*arguments: Any) -> Any:
    """Give the value after the first predicate that is true, else the last argument."""
    for predicate, value in zip(arguments[:-1:2], arguments[1::2], strict=True):
        if not isinstance(predicate, bool):
            raise ExpressionError("case predicate must evaluate to a boolean value")
        if predicate:
            return value
    return arguments[-1]


FUNCTIONS: dict[str, Function] = {
    "contains": contains,
    "startswith": starts_with,
    "endswith": ends_with,
    "format": format_text,
    "join": join,
    "tojson": to_json,
    "fromjson": from_json,
    "case": case,
}

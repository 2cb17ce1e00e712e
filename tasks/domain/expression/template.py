"""Texts with `${{ }}` in them, and the conditions of `if:`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.domain.expression.errors import ExpressionError
from tasks.domain.expression.evaluation import Scope, evaluate
from tasks.domain.expression.functions import STATUS_COUNTS
from tasks.domain.expression.parser import parse
from tasks.domain.expression.tree import Call, Literal, Logical, Node, calls
from tasks.domain.expression.values import is_truthy, to_text

OPEN, CLOSE = "${{", "}}"


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """One `${{ }}` of a text: what it says, where it opens (characters from 0), and its tree."""

    source: str
    offset: int
    node: Node


Segment = str | Embedded


def parse_template(
    text: str, *, contexts: Collection[str] | None = None, functions: Collection[str] | None = None
) -> tuple[Segment, ...]:
    """Split a text into plain parts and expressions.

    Raises ExpressionError, also for one that is not closed.
    """
    segments: list[Segment] = []
    at = 0
    while (start := text.find(OPEN, at)) >= 0:
        end = _closing(text, start + len(OPEN))
        if start > at:
            segments.append(text[at:start])
        source = text[start + len(OPEN) : end]
        if not source.strip():
            raise ExpressionError("An expression was expected", start + 1)
        node = parse(source, contexts=contexts, functions=functions)
        segments.append(Embedded(source=source, offset=start, node=node))
        at = end + len(CLOSE)
    if at < len(text):
        segments.append(text[at:])
    return tuple(segments)


def _closing(text: str, at: int) -> int:
    """Find the `}}` that ends an expression: braces inside its strings do not."""
    quoted = False
    for index in range(at, len(text)):
        if text[index] == "'":
            quoted = not quoted
        elif not quoted and text.startswith(CLOSE, index):
            return index
    raise ExpressionError(
        "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} was not found",
        at,
    )


def interpolate(value: Any, scope: Scope) -> Any:
    """Evaluate every expression in a YAML value, however deep.

    A text that is one expression and nothing else becomes that expression's value, whatever its kind; any
    other text stays a text.
    """
    if isinstance(value, str):
        segments = parse_template(value, contexts=scope.contexts, functions=scope.functions)
        if len(segments) == 1 and isinstance(segments[0], Embedded):
            return evaluate(segments[0].node, scope)
        return "".join(
            part if isinstance(part, str) else to_text(evaluate(part.node, scope)) for part in segments
        )
    if isinstance(value, Mapping):
        return {text_of(key, scope): interpolate(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, scope) for item in value]
    return value


def text_of(value: Any, scope: Scope) -> str:
    """Evaluate a YAML scalar into the text a workflow gets."""
    return to_text(interpolate(value, scope))


def parse_condition(
    value: Any, *, contexts: Collection[str] | None = None, functions: Collection[str] | None = None
) -> Node:
    """Read an `if:`: `${{ }}` is optional, and without a status function `success()` is asked first."""
    node = _condition(value, contexts, functions)
    if any(call.name in STATUS_COUNTS for call in calls(node)):
        return node
    success = Call(name="success", arguments=(), position=node.position)
    return Logical(operator="&&", values=(success, node), position=node.position)


def _condition(value: Any, contexts: Collection[str] | None, functions: Collection[str] | None) -> Node:
    if value is None or value == "":
        return Literal(value=True, position=1)
    if not isinstance(value, str):
        return Literal(value=value, position=1)
    if OPEN not in value:
        return parse(value, contexts=contexts, functions=functions)
    segments = parse_template(value.strip(), contexts=contexts, functions=functions)
    if len(segments) == 1 and isinstance(segments[0], Embedded):
        return segments[0].node
    # Text around an expression makes the whole a text, which is true unless it is empty: GitHub does the
    # same.
    arguments: list[Node] = [
        Literal(value=part, position=1) if isinstance(part, str) else part.node for part in segments
    ]
    pattern = "".join(f"{{{index}}}" for index in range(len(arguments)))
    return Call(name="format", arguments=(Literal(value=pattern, position=1), *arguments), position=1)


def holds(condition: Any, scope: Scope) -> bool:
    """Evaluate an `if:` in a scope whose functions can answer `success()`."""
    node = parse_condition(condition, contexts=scope.contexts, functions=scope.functions)
    return is_truthy(evaluate(node, scope))

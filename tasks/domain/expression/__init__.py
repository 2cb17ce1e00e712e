"""GitHub Actions' expression language: parse it, read what it refers to, evaluate it.

`parse` makes a tree of one expression, `parse_template` splits a text with `${{ }}` in it,
`parse_condition` knows what an `if:` adds. `references` and `calls` read a tree without evaluating it;
`evaluate`, `interpolate` and `holds` need a `Scope`.
"""

from tasks.domain.expression.errors import ExpressionError
from tasks.domain.expression.evaluation import Scope, evaluate
from tasks.domain.expression.parser import parse
from tasks.domain.expression.template import (
    Embedded,
    holds,
    interpolate,
    parse_condition,
    parse_template,
    text_of,
)
from tasks.domain.expression.tree import Call, Node, Reference, calls, references
from tasks.domain.expression.values import CaseSensitive, is_truthy, to_number, to_text

__all__ = [
    "Call",
    "CaseSensitive",
    "Embedded",
    "ExpressionError",
    "Node",
    "Reference",
    "Scope",
    "calls",
    "evaluate",
    "holds",
    "interpolate",
    "is_truthy",
    "parse",
    "parse_condition",
    "parse_template",
    "references",
    "text_of",
    "to_number",
    "to_text",
]

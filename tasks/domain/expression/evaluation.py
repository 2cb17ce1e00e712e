"""Evaluate the tree of an expression against contexts and functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tasks.domain.expression.errors import ExpressionError
from tasks.domain.expression.functions import FUNCTIONS, Function
from tasks.domain.expression.parser import parse
from tasks.domain.expression.tree import Call, Comparison, Context, Index, Literal, Logical, Node, Not
from tasks.domain.expression.values import equal, every, greater, is_truthy, lookup, step_into

LONGEST_TEXT = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What an expression may use where it stands: contexts by name, and functions that ask the job."""

    contexts: Mapping[str, Any]
    functions: Mapping[str, Function] = field(default_factory=dict)

    def having(self, **contexts: Any) -> "Scope":
        """Give the same scope with these contexts added or replaced."""
        return replace(self, contexts={**self.contexts, **contexts})

    def parse(self, source: str) -> Node:
        """Read an expression, refusing names this scope does not have."""
        return parse(source, contexts=self.contexts, functions=self.functions)


def evaluate(node: Node, scope: Scope) -> Any:
    """Give the value of a tree. Raises ExpressionError for a function that cannot answer."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Context):
        return lookup(scope.contexts, node.name)[1]
    if isinstance(node, Index):
        of = evaluate(node.of, scope)
        return every(of) if node.key is None else step_into(of, evaluate(node.key, scope))
    if isinstance(node, Not):
        return not is_truthy(evaluate(node.of, scope))
    if isinstance(node, Comparison):
        return _compare(node, evaluate(node.left, scope), evaluate(node.right, scope))
    if isinstance(node, Logical):
        return _join(node, scope)
    return _call(node, scope)


def _compare(node: Comparison, left: Any, right: Any) -> bool:
    match node.operator:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case ">":
            return greater(left, right)
        case ">=":
            return equal(left, right) or greater(left, right)
        case "<":
            return greater(right, left)
        case "<=":
            return equal(left, right) or greater(right, left)


def _join(node: Logical, scope: Scope) -> Any:
    result: Any = None
    for value in node.values:
        result = evaluate(value, scope)
        if is_truthy(result) == (node.operator == "||"):
            break
    return result


def _call(node: Call, scope: Scope) -> Any:
    function = scope.functions.get(node.name) or FUNCTIONS.get(node.name)
    if function is None:
        raise ExpressionError(f"Unrecognized function: '{node.name}'", node.position)
    result = function(*(evaluate(argument, scope) for argument in node.arguments))
    if isinstance(result, str) and len(result) > LONGEST_TEXT:
        # Nested calls of toJSON double the text each time.
        raise ExpressionError("The maximum allowed memory size was exceeded", node.position)
    return result

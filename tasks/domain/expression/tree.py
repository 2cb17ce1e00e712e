"""The tree of an expression, and what it refers to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

Operator = OneOf["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A value written out."""

    value: str | float | bool | None
    position: int


@dataclass(frozen=True, kw_only=True)
class Context:
    """A context by name, for instance `github`; the name keeps its letter case."""

    name: str
    position: int


@dataclass(frozen=True, kw_only=True)
class Index:
    """A step into a value: `of.key`, `of['key']`, or every element (`of.*`) when `key` is None."""

    of: "Node"
    key: "Node | None"
    position: int


@dataclass(frozen=True, kw_only=True)
class Not:
    """The negation of a value's truth."""

    of: "Node"
    position: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two values compared."""

    operator: Operator
    left: "Node"
    right: "Node"
    position: int


@dataclass(frozen=True, kw_only=True)
class Logical:
    """Values joined by `&&` or `||`; the result is one of the values, as in JavaScript."""

    operator: OneOf["&&", "||"]
    values: "tuple[Node, ...]"
    position: int


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function applied to arguments; `name` is in lower case."""

    name: str
    arguments: "tuple[Node, ...]"
    position: int


Node = Literal | Context | Index | Not | Comparison | Logical | Call


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A place an expression reads: `secrets.X` is context `secrets`, path `("X",)`.

    The context is in lower case; a path element is None where the key is computed or is `*`.
    """

    context: str
    path: tuple[str | None, ...]
    position: int


def children(node: Node) -> tuple[Node, ...]:
    """Give the nodes directly below a node."""
    if isinstance(node, Index):
        return (node.of,) if node.key is None else (node.of, node.key)
    if isinstance(node, Not):
        return (node.of,)
    if isinstance(node, Comparison):
        return (node.left, node.right)
    if isinstance(node, Logical):
        return node.values
    if isinstance(node, Call):
        return node.arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Go through a tree from the top, left to right."""
    yield node
    for child in children(node):
        yield from walk(child)


def calls(node: Node) -> Iterator[Call]:
    """Give every function call in a tree."""
    return (found for found in walk(node) if isinstance(found, Call))


def references(node: Node) -> Iterator[Reference]:
    """Give every place a tree reads, each once with its longest path."""
    path: list[str | None] = []
    at = node
    while isinstance(at, Index):
        literal = isinstance(at.key, Literal) and isinstance(at.key.value, str)
        path.append(str(at.key.value) if literal and isinstance(at.key, Literal) else None)
        if at.key is not None and not literal:
            yield from references(at.key)
        at = at.of
    if isinstance(at, Context):
        yield Reference(context=at.name.lower(), path=tuple(reversed(path)), position=at.position)
        return
    for child in children(at):
        yield from references(child)

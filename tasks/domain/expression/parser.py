"""Read the tokens of an expression into a tree, refusing what GitHub refuses."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import cast

from tasks.domain.expression.errors import ExpressionError
from tasks.domain.expression.functions import COUNTS, HOST_COUNTS
from tasks.domain.expression.lexer import Token, tokens
from tasks.domain.expression.tree import (
    Call,
    Comparison,
    Context,
    Index,
    Literal,
    Logical,
    Node,
    Not,
    Operator,
)

MAX_DEPTH = 50
_COMPARISONS = ("<", "<=", ">", ">=")
_EQUALITIES = ("==", "!=")


def parse(
    source: str, *, contexts: Collection[str] | None = None, functions: Collection[str] | None = None
) -> Node:
    """Read one expression (without `${{ }}`).

    `contexts` and `functions` name, in any letter case, what this place may use; None allows every context,
    and every function GitHub has. Raises ExpressionError for what GitHub would not accept.
    """
    known = None if contexts is None else {name.lower() for name in contexts}
    extra = HOST_COUNTS if functions is None else {name.lower() for name in functions}
    counts = COUNTS | {name: count for name, count in HOST_COUNTS.items() if name in extra}
    return _Parser(tokens(source), known, counts).whole()


class _Parser:
    """A recursive descent over the tokens, one method for each binding strength."""

    def __init__(
        self, found: list[Token], contexts: set[str] | None, counts: dict[str, tuple[int, int]]
    ) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._contexts = contexts
        self._counts = counts

    def whole(self) -> Node:
        if self._ended():
            return Literal(value=None, position=1)
        node = self._expression()
        if not self._ended():
            raise self._unexpected()
        return node

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _ended(self) -> bool:
        return self._here.kind == "end"

    def _take(self) -> Token:
        token = self._here
        self._at += 1
        return token

    def _sees(self, *marks: str) -> bool:
        return self._here.kind == "punctuation" and self._here.text in marks

    def _expect(self, mark: str) -> None:
        if not self._sees(mark):
            raise self._unexpected()
        self._at += 1

    def _unexpected(self) -> ExpressionError:
        if self._ended():
            before = self._tokens[self._at - 1].text if self._at else ""
            return ExpressionError(f"Unexpected end of expression: '{before}'", self._here.position)
        return ExpressionError(f"Unexpected symbol: '{self._here.text}'", self._here.position)

    @contextmanager
    def _deeper(self, by: int = 1) -> Iterator[None]:
        self._depth += by
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"Exceeded max expression depth {MAX_DEPTH}", self._here.position)
        yield
        self._depth -= by

    def _expression(self) -> Node:
        with self._deeper():
            return self._either()

    def _either(self) -> Node:
        first = self._both()
        position, values = self._here.position, [first]
        with self._deeper(int(self._sees("||"))):
            while self._sees("||"):
                self._take()
                values.append(self._both())
        return Logical(operator="||", values=tuple(values), position=position) if len(values) > 1 else first

    def _both(self) -> Node:
        first = self._equality()
        position, values = self._here.position, [first]
        with self._deeper(int(self._sees("&&"))):
            while self._sees("&&"):
                self._take()
                values.append(self._equality())
        return Logical(operator="&&", values=tuple(values), position=position) if len(values) > 1 else first

    def _equality(self) -> Node:
        node = self._order()
        while self._sees(*_EQUALITIES):
            mark = self._take()
            node = _comparison(mark, node, self._order())
        return node

    def _order(self) -> Node:
        node = self._unary()
        while self._sees(*_COMPARISONS):
            mark = self._take()
            node = _comparison(mark, node, self._unary())
        return node

    def _unary(self) -> Node:
        if not self._sees("!"):
            return self._steps()
        position = self._take().position
        with self._deeper():
            return Not(of=self._unary(), position=position)

    def _steps(self) -> Node:
        grouped = self._sees("(")
        node = self._primary()
        if not grouped and not isinstance(node, Call | Context):
            return node
        taken = 0
        while self._sees("[", "."):
            position = self._here.position
            key = self._bracket() if self._take().text == "[" else self._property()
            node = Index(of=node, key=key, position=position)
            taken += 1
            with self._deeper(taken):
                pass
        return node

    def _bracket(self) -> Node | None:
        key = None
        if self._sees("*"):
            self._take()
        else:
            key = self._expression()
        self._expect("]")
        return key

    def _property(self) -> Node | None:
        if self._sees("*"):
            self._take()
            return None
        if self._here.kind != "identifier":
            raise self._unexpected()
        name = self._take()
        return Literal(value=name.text, position=name.position)

    def _primary(self) -> Node:
        if self._sees("("):
            self._take()
            node = self._expression()
            self._expect(")")
            return node
        if self._here.kind in ("number", "string", "keyword"):
            literal = self._take()
            return Literal(value=literal.value, position=literal.position)
        if self._here.kind != "identifier":
            raise self._unexpected()
        name = self._take()
        if self._sees("("):
            return self._call(name)
        if self._contexts is not None and name.text.lower() not in self._contexts:
            raise ExpressionError(f"Unrecognized named-value: '{name.text}'", name.position)
        return Context(name=name.text, position=name.position)

    def _call(self, name: Token) -> Call:
        self._expect("(")
        arguments: list[Node] = []
        while not self._sees(")"):
            arguments.append(self._expression())
            if not self._sees(")"):
                self._expect(",")
        self._expect(")")
        if name.text.lower() not in self._counts:
            raise ExpressionError(f"Unrecognized function: '{name.text}'", name.position)
        fewest, most = self._counts[name.text.lower()]
        if len(arguments) < fewest:
            raise ExpressionError(f"Too few parameters supplied: '{name.text}'", name.position)
        if len(arguments) > most:
            raise ExpressionError(f"Too many parameters supplied: '{name.text}'", name.position)
        if name.text.lower() == "case" and len(arguments) % 2 == 0:
            raise ExpressionError(f"Even number of parameters supplied: '{name.text}'", name.position)
        return Call(name=name.text.lower(), arguments=tuple(arguments), position=name.position)


def _comparison(mark: Token, left: Node, right: Node) -> Comparison:
    operator = cast("Operator", mark.text)
    return Comparison(operator=operator, left=left, right=right, position=mark.position)

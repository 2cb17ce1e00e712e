"""Words of bash: what each is made of, and what it can become in each lane."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_VALUES = 64

Values = tuple[str, ...] | None  # what something can be in one lane, None when only a run can tell

_SPACED = re.compile("\ue000([0-9]+)\ue001")
_PLAIN_EXPANSION = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$")
_DEFAULT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?-[^}]*\}$")
_BRACES = re.compile(r"\{([^{},\s]*(?:,[^{},\s]*)+)\}")
_GLOB = re.compile(r"(?<!\\)[*?\[]")
BLANK = re.compile(r"[ \t\n]")
PATTERN = re.compile(r"[*?\[]")  # of file names
_SYNTAX = re.compile(r"[$`;|&<>()#{}*?\[\\\n]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SIMPLE_STRING = re.compile(
    r'"([^$`\\"]*(?:\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})[^$`\\"]*)*)"'
)
_NAMED = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_QUOTED_ESCAPE = re.compile(r'\\([$`"\\])')


class Variable(NamedTuple):
    """A ``$NAME`` in a word; a bare one stands in no quotes and is split at blanks."""

    name: str
    bare: bool = False
    filled: bool = False  # ``${NAME:-more}``: never empty


class Expression(NamedTuple):
    """A ``${{ }}`` in a word, by its number in the script."""

    number: int
    bare: bool = False


Piece = str | Variable | Expression | None
"""A literal text, something to fill in, or None for what only a run can tell."""


def pieces(node: Node, text: str) -> tuple[list[Piece], bool]:
    """Take a word apart whose text is given; the second value tells whether it has an unquoted pattern."""
    match node.type:
        case "concatenation":
            made: list[Piece] = []
            glob = False
            for child in node.children:
                inner, pattern = pieces(child, _text(child))
                made += inner
                glob = glob or pattern
            return _joined(made), glob
        case "string" | "translated_string":
            return _string(node, text), False
        case "raw_string":
            return _literal(text[1:-1]), False
        case "ansi_c_string":
            return (_literal(text[2:-1]), False) if "\\" not in text else ([None], False)
        case "simple_expansion" | "expansion":
            return [_expansion(text)], False
        case "command_substitution" | "process_substitution" | "arithmetic_expansion":
            return [None], False
        case "brace_expression":
            return [None], False
    plain = _ESCAPE.sub(r"\1", text) if "\\" in text else text
    return _literal(plain, bare=True), _GLOB.search(text) is not None


def _joined(made: list[Piece]) -> list[Piece]:
    """Put neighbouring literal texts together."""
    joined: list[Piece] = []
    for piece in made:
        if joined and isinstance(piece, str) and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _string(node: Node, text: str) -> list[Piece]:
    if simple := _SIMPLE_STRING.fullmatch(text):  # most are, and white space at their ends is in no node
        return _named(simple[1])
    made: list[Piece] = []
    raw = node.text or b""
    at = node.start_byte
    inner = node.children
    start, end = node.start_byte, node.end_byte
    for child in inner:
        if child.type == '"' or child.start_byte < at:
            if child.start_byte > start:  # white space before the end is part of the quote's node
                made += _literal(raw[at - start : child.end_byte - start - 1].decode())
            at = max(at, child.end_byte)
            continue
        if child.start_byte > at:
            made += _literal(raw[at - start : child.start_byte - start].decode())
        at = child.end_byte
        if child.type == "string_content":
            made += _literal(_QUOTED_ESCAPE.sub(r"\1", _text(child)))
        else:
            text = _text(child)  # white space before an expansion is part of its node
            bare = text.lstrip()
            made += _literal(text[: len(text) - len(bare)])
            made += [_quoted(one) for one in pieces(child, bare)[0]]
    if at < end - 1:
        made += _literal(raw[at - start : end - start - 1].decode())
    return _joined(made)


def _named(text: str) -> list[Piece]:
    """Take apart what stands in a string without escapes and with no expansion but ``$NAME``."""
    if "$" not in text:
        return _literal(text)
    made: list[Piece] = []
    at = 0
    for found in _NAMED.finditer(text):
        made += _literal(text[at : found.start()])
        made.append(Variable(found[1] or found[2]))
        at = found.end()
    return made + _literal(text[at:])


def _expansion(text: str) -> Piece:
    found = _PLAIN_EXPANSION.match(text) or _DEFAULT.match(text)
    return Variable(found[1], bare=True, filled=":-" in text) if found else None


def _quoted(piece: Piece) -> Piece:
    return piece._replace(bare=False) if isinstance(piece, Variable) else piece


def _literal(text: str, *, bare: bool = False) -> list[Piece]:
    if "\ue000" not in text:
        return [text] if text else []
    made: list[Piece] = []
    for place, part in enumerate(_SPACED.split(text)):
        if place % 2:
            made.append(Expression(int(part), bare=bare))
        elif part:
            made.append(part)
    return made


def fill(
    made: Sequence[Piece],
    variables: Mapping[str, Values],
    expressions: Sequence[str | None],
    *,
    whole: bool = False,
) -> tuple[tuple[str | None, ...], Values]:
    """Return a word's certain pieces and its possible values in one lane.

    Unless it is kept ``whole`` a bare piece among others makes it several words: no value of it is certain.
    """
    options: list[Values] = [_options(piece, variables, expressions) for piece in made]
    if len(made) == 1:
        if (only := options[0]) is not None and len(only) == 1:
            return only, only
    elif not whole:
        for place, piece in enumerate(made):
            if piece is not None and not isinstance(piece, str) and piece.bare and _splits(options[place]):
                options[place] = None
    parts = tuple(None if one is None or len(one) != 1 else one[0] for one in options)
    count = 1
    for one in options:
        if one is None:
            return parts, None
        count *= len(one)
    if count > MOST_VALUES:
        return parts, None
    known = [one for one in options if one is not None]
    return parts, tuple(dict.fromkeys("".join(chosen) for chosen in itertools.product(*known)))


def _options(piece: Piece, variables: Mapping[str, Values], expressions: Sequence[str | None]) -> Values:
    if isinstance(piece, str):
        return (piece,)
    if isinstance(piece, Variable):
        values = variables.get(piece.name)
        return None if piece.filled and values is not None and "" in values else values
    if isinstance(piece, Expression):
        text = expressions[piece.number]
        return None if text is None else (text,)
    return None


def _splits(values: Values) -> bool:
    return values is not None and any(BLANK.search(one) or PATTERN.search(one) for one in values)


def split(piece: Piece, value: str) -> tuple[str, ...] | None:
    """Return the words that a bare piece's value becomes; None where the shell would read more out of it."""
    if isinstance(piece, Variable):
        return tuple(value.split())
    if _SYNTAX.search(value):  # the text of an expression stands in the script: bash reads its quotes
        return None
    try:
        return tuple(shlex.split(value))
    except ValueError:
        return None


def braces(text: str) -> tuple[str, ...]:
    """Expand ``a{b,c}`` as bash does, unless that makes too many."""
    made = [text]
    while (found := next((m for one in made if (m := _BRACES.search(one))), None)) is not None:
        made = [
            one.replace(found[0], choice, 1)
            for one in made
            for choice in (found[1].split(",") if found[0] in one else [""])
        ]
        if len(made) > MOST_VALUES:
            return (text,)
    return tuple(made)


def _text(node: Node) -> str:
    return (node.text or b"").decode()

"""Split an expression into tokens, each with its place."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from tasks.domain.expression.errors import ExpressionError
from tasks.domain.expression.values import to_number

MAX_LENGTH = 21_000

Kind = Literal["punctuation", "number", "string", "identifier", "keyword", "end"]

_BOUNDARY = re.compile(r"[(\[)\],.!><=&|\s]")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STRING = re.compile(r"'(?:[^']|'')*'")
_PUNCTUATION = ("!=", "==", "<=", ">=", "&&", "||", "(", ")", "[", "]", ",", ".", "!", "<", ">", "*")
_KEYWORDS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": math.nan,
    "Infinity": math.inf,
}


@dataclass(frozen=True, kw_only=True)
class Token:
    """One token; `value` is what a literal stands for, `position` counts from 1."""

    kind: Kind
    text: str
    position: int
    value: str | float | bool | None = None


def tokens(source: str) -> list[Token]:
    """Split an expression; the last token is always of kind `end`. Raises ExpressionError with the place."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"Exceeded max expression length {MAX_LENGTH}")
    found: list[Token] = []
    at = 0
    while at < len(source):
        if source[at].isspace():
            at += 1
            continue
        token = _token(source, at, found[-1] if found else None)
        found.append(token)
        at += len(token.text)
    found.append(Token(kind="end", text="", position=len(source) + 1))
    return found


def _token(source: str, at: int, before: Token | None) -> Token:
    character = source[at]
    if character == "'":
        return _string(source, at)
    starts_number = character.isdigit() or character in "+-"
    if starts_number or (character == "." and not _can_be_dereferenced(before)):
        return _number(source, at)
    for mark in _PUNCTUATION:
        if source.startswith(mark, at):
            return Token(kind="punctuation", text=mark, position=at + 1)
    return _word(source, at, before)


def _can_be_dereferenced(token: Token | None) -> bool:
    """Say whether a dot after this token goes into a value rather than starting a number."""
    return token is not None and (token.kind == "identifier" or token.text in (")", "]", "*"))


def _string(source: str, at: int) -> Token:
    match = _STRING.match(source, at)
    if match is None:
        raise ExpressionError(f"Unexpected symbol: '{source[at:]}': the string is not closed", at + 1)
    text = match.group()
    return Token(kind="string", text=text, position=at + 1, value=text[1:-1].replace("''", "'"))


def _until_boundary(source: str, at: int, *, dots: bool) -> str:
    end = at + 1
    while end < len(source) and (not _BOUNDARY.match(source[end]) or (dots and source[end] == ".")):
        end += 1
    return source[at:end]


def _number(source: str, at: int) -> Token:
    text = _until_boundary(source, at, dots=True)
    value = to_number(text)
    if math.isnan(value):
        raise ExpressionError(f"Unexpected symbol: '{text}'", at + 1)
    return Token(kind="number", text=text, position=at + 1, value=value)


def _word(source: str, at: int, before: Token | None) -> Token:
    text = _until_boundary(source, at, dots=False)
    if not _IDENTIFIER.fullmatch(text):
        raise ExpressionError(f"Unexpected symbol: '{text}'", at + 1)
    after_dot = before is not None and before.text == "."
    # After a dot every word is a property: `foo.NaN` and `foo.true` are names.
    if text in _KEYWORDS and not after_dot:
        return Token(kind="keyword", text=text, position=at + 1, value=_KEYWORDS[text])
    return Token(kind="identifier", text=text, position=at + 1)

"""Blocks that terraform makes only when a variable is given: ``count = var.open ? 1 : 0``, off by default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tasks.domain.terraform import Attribute, Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_values import possible

_CHOICE = re.compile(r"(?P<asked>[^?]+)\?(?P<then>[^?:]+):(?P<otherwise>[^?:]+)")
_NAME = re.compile(r"(var|local)\.([A-Za-z_][\w-]*)")
_COMPARED = re.compile(r"(?P<of>[^=!<>]+)(?P<sign>==|!=|>)(?P<to>[^=!<>]+)")
_FUNCTION = re.compile(r"(length|trimspace|toset|tolist|compact|tobool)\((.*)\)", re.DOTALL)
_NONE = frozenset({"[]", "{}", "toset([])", "tomap({})", "null"})
_DEEPEST = 6  # local values that stand for others

_Given = tuple[tuple[object, ...], frozenset[str]]
"""What a text can become, and the variables that decide; nothing when it is not certain."""
_UNCERTAIN: _Given = ((), frozenset())


def switched_off(terraform: Terraform, module: Module, blocks: Iterable[Block]) -> tuple[str, ...]:
    """Return the variables that make a block when given, and by default do not; none when it is made.

    ``blocks`` are the block and those around it, each with a ``count`` or a ``for_each`` or without.
    """
    for block in blocks:
        for name in ("count", "for_each"):
            attribute = block.attributes.get(name)
            if attribute is None or not isinstance(attribute.value, Expression):
                continue
            made, names = _Look(terraform, module, block).values(attribute.value.text)
            if made and names and not any(made):
                return tuple(sorted(names))
    return ()


class _Look:
    """Reads what the texts of one module become with all that the repository gives its variables."""

    def __init__(self, terraform: Terraform, module: Module, block: Block) -> None:
        self._terraform, self._module, self._block = terraform, module, block

    def values(self, text: str, depth: int = 0) -> _Given:
        text = _bare(text)
        if depth > _DEEPEST:
            return _UNCERTAIN
        if text in _NONE:
            return (None,), frozenset()
        if text in ("true", "false"):
            return (text == "true",), frozenset()
        if re.fullmatch(r"\d+", text):
            return (int(text),), frozenset()
        if re.fullmatch(r'"[^"$%\\]*"', text):
            return (text[1:-1],), frozenset()
        if (named := _NAME.fullmatch(text)) is not None:
            return self._named(named[1], named[2], depth)
        if (chosen := _CHOICE.fullmatch(text)) is not None:
            return self._chosen(chosen, depth)
        for sign in ("||", "&&"):
            parts = text.split(sign)
            if len(parts) > 1:
                return self._joined(parts, sign, depth)
        if text.startswith("!") and not text.startswith("!="):
            made, names = self.values(text[1:], depth + 1)
            return tuple(not one for one in made), names
        if (compared := _COMPARED.fullmatch(text)) is not None:
            return self._compared(compared, depth)
        if (called := _FUNCTION.fullmatch(text)) is not None:
            made, names = self.values(called[2], depth + 1)
            return tuple(_applied(called[1], one) for one in made), names
        if text.startswith(("[", "{")):
            return (True,), frozenset()
        return _UNCERTAIN

    def _named(self, kind: str, name: str, depth: int) -> _Given:
        if kind == "local":
            one = self._module.locals.get(name)
            if one is None:
                return _UNCERTAIN
            return self._of(one.value, depth)
        if name not in self._module.variables:
            return _UNCERTAIN
        asked = Expression(text=f"var.{name}", line=0)
        found = possible(
            self._terraform, self._module, self._block, Attribute(name=name, line=0, value=asked)
        )
        return tuple(_plain(one.value) for one in found), frozenset({name})

    def _of(self, value: Value, depth: int) -> _Given:
        if isinstance(value, Expression):
            return self.values(value.text, depth + 1)
        return (_plain(value),), frozenset()

    def _chosen(self, chosen: re.Match[str], depth: int) -> _Given:
        made, names = self.values(chosen["asked"], depth + 1)
        found: list[object] = []
        for one in made:
            taken, _ = self.values(chosen["then"] if one else chosen["otherwise"], depth + 1)
            if not taken:
                return _UNCERTAIN
            found += taken
        return tuple(found), names

    def _joined(self, parts: Iterable[str], sign: str, depth: int) -> _Given:
        """Return that none of several holds where one that must, or each that may, is off."""
        each = [self.values(part, depth + 1) for part in parts]
        off = [names for made, names in each if made and not any(made)]
        if (sign == "&&" and off) or len(off) == len(each):
            return (False,), frozenset().union(*off)
        return _UNCERTAIN

    def _compared(self, compared: re.Match[str], depth: int) -> _Given:
        made, names = self.values(compared["of"], depth + 1)
        others, more = self.values(compared["to"], depth + 1)
        if len(others) != 1 or not made:
            return _UNCERTAIN
        sign, other = compared["sign"], others[0]
        if sign == ">":
            if not all(isinstance(one, int) for one in (*made, other)):
                return _UNCERTAIN
            return tuple(int(str(one)) > int(str(other)) for one in made), names | more
        return tuple((one == other) == (sign == "==") for one in made), names | more


def _bare(text: str) -> str:
    """Take off the brackets and ``${ }`` around a whole text."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_last(text):
        text = text[1:-1].strip()
    return text[2:-1].strip() if re.fullmatch(r"\$\{[^{}]*\}", text) else text


def _closes_last(text: str) -> bool:
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _plain(value: Value) -> object:
    """Return a literal so that it compares: a list or a map by what is in it, a computed one as something."""
    if isinstance(value, Expression):
        return True
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def _applied(function: str, value: object) -> object:
    if function == "length":
        return len(value) if isinstance(value, str | list | dict) else 0 if value is None else 1
    return value.strip() if function == "trimspace" and isinstance(value, str) else value

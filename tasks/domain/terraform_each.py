"""Blocks that terraform makes once for each element: what they become where the elements are certain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tasks.domain.terraform import Attribute, Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_values import possible

_LOCAL = re.compile(r"local\.([A-Za-z_][\w-]*)")
_SET = re.compile(r"(?:toset|tolist)\(\s*(.*?)\s*\)", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[\s*\"([^\"]+)\"\s*\]")
_DEEPEST = 4  # local values that stand for others


def made_of(
    terraform: Terraform, module: Module, repeated: Block, content: Block, iterator: str
) -> Iterator[Block]:
    """Go through what a block becomes; itself, where it is made once or its elements are not certain.

    ``repeated`` has the ``for_each``, ``content`` reads ``iterator``: ``each``, or a dynamic block's label.
    """
    given = repeated.attributes.get("for_each")
    elements = None if given is None else _elements(terraform, module, repeated, given, 0)
    if not elements:
        yield content
        return
    for key, value in elements:
        names: dict[str, Value] = {f"{iterator}.key": key, f"{iterator}.value": value}
        attributes = {
            name: replace(one, value=_filled(one.value, names)) for name, one in content.attributes.items()
        }
        yield replace(content, attributes=attributes)


def _elements(
    terraform: Terraform, module: Module, block: Block, given: Attribute, depth: int
) -> tuple[tuple[Value, Value], ...] | None:
    """Return key and value of each element; None when they are not certain."""
    value = given.value
    if isinstance(value, Mapping):
        return tuple(value.items())
    if isinstance(value, tuple):
        return tuple((one if isinstance(one, str) else place, one) for place, one in enumerate(value))
    if not isinstance(value, Expression) or depth > _DEEPEST:
        return None
    text = value.text.strip()
    if _SET.fullmatch(text) is not None and len(value.calls) == 1 and len(value.calls[0].arguments) == 1:
        inner = replace(given, value=value.calls[0].arguments[0])
        return _elements(terraform, module, block, inner, depth + 1)
    if (named := _LOCAL.fullmatch(text)) is not None:
        local = module.locals.get(named[1])
        return None if local is None else _elements(terraform, module, block, local, depth + 1)
    found = list(possible(terraform, module, block, given))
    if len(found) != 1 or isinstance(found[0].value, Expression):
        return None
    return _elements(terraform, module, block, replace(given, value=found[0].value), depth + 1)


def _filled(value: Value, names: Mapping[str, Value]) -> Value:
    if isinstance(value, tuple):
        return tuple(_filled(one, names) for one in value)
    if not isinstance(value, Expression):
        return value
    text = value.text.strip()
    name = next((one for one in names if text == one or text.startswith((f"{one}.", f"{one}["))), None)
    if name is None:
        return value
    found, at = names[name], len(name)
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None or not isinstance(found, Mapping) or (step[1] or step[2]) not in found:
            return value
        found, at = found[step[1] or step[2]], step.end()
    return int(found) if isinstance(found, str) and found.isdigit() else found

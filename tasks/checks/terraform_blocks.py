"""Whether blocks of Terraform say what their own words need: `each`, `count`, types, functions there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.terraform import Attribute, Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_functions import meant
from tasks.domain.terraform_values import calls, nested, shown

_NEEDS = {"each": "for_each", "count": "count"}
_READ = re.compile(r"(?<![\w.\"])(each|count)\.(?:key|value|index)\b")
_REPEATED = ("resource", "data", "module")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES = frozenset(
    {"string", "number", "bool", "any", "list", "set", "map", "object", "tuple", "optional", "null", "true"}
    | {"false"}
)


@check(
    "terraform-each-declared",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Give the block the `for_each` or `count` that it reads", minutes=5),
)
def terraform_each_declared(terraform: Terraform) -> Iterator[Answer]:
    """Every block that reads `each` has a `for_each`, and every one that reads `count` a `count`."""
    for module in terraform:
        if not module.in_part:
            yield from merged(_repeated(module))


def _repeated(module: Module) -> Iterator[Answer]:
    for block in module.blocks:
        if block.type not in _REPEATED:
            continue
        if any("iterator" in one.attributes for one in nested(block) if one.type == "dynamic"):
            continue  # an iterator may be called `each`
        for expression in _expressions(block):
            for found in _READ.finditer(expression.text):
                needed = _NEEDS[found[1]]
                subject = f"{shown(module.directory)}: {block.address}: {needed}"
                if needed in block.attributes:
                    yield holds(subject, "is there")
                    continue
                told = f"{block.address} reads {found[0]}, and has no {needed}"
                line = expression.line + expression.text.count("\n", 0, found.start())
                yield broken(subject, told, block.source.at(line), block.at())


def _expressions(block: Block) -> Iterator[Expression]:
    for one in nested(block):
        for attribute in one.attributes.values():
            yield from _inside(attribute.value)


def _inside(value: Value) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _inside(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _inside(inner)


@check(
    "terraform-types-known",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Write a type that Terraform has, and a default of it", minutes=5),
)
def terraform_types_known(terraform: Terraform) -> Iterator[Answer]:
    """Every variable is of a type that Terraform has, and its default can be one of it."""
    for module in terraform:
        for block in module.variables.values():
            subject = f"{shown(module.directory)}: {block.address}"
            written = block.attributes.get("type")
            wrong = None if written is None else _no_type(written)
            if wrong is not None and written is not None:
                yield broken(subject, wrong, block.source.at(written))
            elif (told := _no_default(block)) is not None:
                yield broken(subject, told, block.at("default"), block.at("type"))
            elif written is not None:
                yield holds(subject, "is of a type")


def _no_type(written: Attribute) -> str | None:
    """Tell what is wrong with a type that is one word: those put together have names of their own in them."""
    text = _text(written)
    if text is None or _WORD.fullmatch(text) is None or text in _TYPES:
        return None
    return f"there is no type {text}"


def _no_default(block: Block) -> str | None:
    written, default = block.attributes.get("type"), block.attributes.get("default")
    if written is None or default is None or not isinstance(default.value, str):
        return None
    text = _text(written)
    if text == "number" and re.fullmatch(r"\s*[-+]?(?:\d|\.\d).*", default.value) is None:
        return f"the default {default.value!r} is no number"
    if text == "bool" and default.value not in ("true", "false"):
        return f"the default {default.value!r} is neither true nor false"
    return None


def _text(attribute: Attribute) -> str | None:
    value = attribute.value
    if isinstance(value, Expression):
        return value.text.strip()
    return value if isinstance(value, str) else None


@check(
    "terraform-functions-known",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Call a function that Terraform has",
        url="https://developer.hashicorp.com/terraform/language/functions",
        minutes=5,
    ),
)
def terraform_functions_known(terraform: Terraform) -> Iterator[Answer]:
    """Every function that is called is one of Terraform's, not a slip of one or another language's name."""
    for module in terraform:
        if not module.in_part:
            yield from merged(_functions(module))


def _functions(module: Module) -> Iterator[Answer]:
    for block in module.blocks:
        for one in nested(block):
            for attribute in one.attributes.values():
                if block.type == "variable" and attribute.name == "type":
                    continue  # list(string) is no call
                for call in calls(attribute.value):
                    right = meant(call.function)
                    subject = f"{shown(module.directory)}: {call.function}"
                    if right is None:
                        yield holds(shown(module.directory), "calls functions there are")
                        continue
                    told = f"Terraform has no function {call.function} (it has {right})"
                    place = block.source.at(call.line)
                    yield broken(subject, told, place, edits=corrected(call.function, right, place))

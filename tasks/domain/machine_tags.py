"""The values that Terraform gives the tags of what it makes, where the files tell all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Attribute, Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_text import passed, text_of
from tasks.domain.terraform_values import nested, possible

_NAMED = re.compile(r"(?P<kind>var|local)\.(?P<name>[A-Za-z_][\w-]*)")
_DEEPEST = 3  # names of names of names
_VARIABLES = re.compile(r"\bvar\.([A-Za-z_][\w-]*)")


def tag_values(
    terraform: Terraform, scripts: Scripts, sources: Sources
) -> Mapping[str, frozenset[str]] | None:
    """Return the values of each key of which all are certain; None where tags may come from elsewhere."""
    found: dict[str, set[str | None]] = {}
    for module in terraform:
        remote = any(not str(one.get("source")).startswith(".") for one in module.of("module"))
        if module.in_part or remote:
            return None
        for block in (*module.of("resource"), *module.of("provider")):
            for key, value in _of_block(module, terraform, block):
                if key is None:
                    return None
                found.setdefault(key, set()).add(_text(terraform, module, value, scripts, sources))
    return {
        key: frozenset(one for one in values if one is not None)
        for key, values in found.items()
        if None not in values
    }


def _text(
    terraform: Terraform, module: Module, value: Value, scripts: Scripts, sources: Sources
) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    text = text_of(terraform, module, value)
    names = _VARIABLES.findall(value.text) if isinstance(value, Expression) else ()
    return None if text is None or any(passed(name, scripts, sources) for name in names) else text


def _of_block(module: Module, terraform: Terraform, block: Block) -> Iterator[tuple[str | None, Value]]:
    """Go through keys and values of tags; a key of None where there may be any."""
    for inner in nested(block):
        is_pair = inner.type == "tag" or (inner is block and block.labels[:1] == ("aws_ec2_tag",))
        if is_pair or (inner.type == "dynamic" and inner.labels == ("tag",)):
            key = inner.get("key")
            yield (key if isinstance(key, str) else None), inner.get("value")
        for name in ("tags", "tags_all"):
            attribute = inner.attributes.get(name)
            if attribute is not None:
                yield from _of_value(module, terraform, attribute.value)


def _of_value(
    module: Module, terraform: Terraform, value: Value, depth: int = 0
) -> Iterator[tuple[str | None, Value]]:
    if isinstance(value, Mapping):
        yield from value.items()
        return
    if not isinstance(value, Expression) or depth > _DEEPEST:
        yield None, None
        return
    written = value.text.strip()
    named = _NAMED.fullmatch(written)
    first = value.calls[0] if value.calls else None
    if named is not None:
        yield from _of_name(module, terraform, named["kind"], named["name"], depth)
    elif first is not None and first.function == "merge" and re.fullmatch(r"merge\(.*\)", written, re.DOTALL):
        for argument in first.arguments:
            yield from _of_value(module, terraform, argument, depth + 1)
    else:
        yield None, None


def _of_name(
    module: Module, terraform: Terraform, kind: str, name: str, depth: int
) -> Iterator[tuple[str | None, Value]]:
    if kind == "local" and name in module.locals:
        yield from _of_value(module, terraform, module.locals[name].value, depth + 1)
        return
    declared = module.variables.get(name)
    given: tuple[Value, ...] = ()
    if declared is not None:
        asked = Attribute(
            name=name, line=declared.line, value=Expression(text=f"var.{name}", line=declared.line)
        )
        given = tuple(one.value for one in possible(terraform, module, declared, asked))
    literal = [one for one in given if isinstance(one, Mapping)]
    if not given or len(literal) < len(given):
        yield None, None
    for one in literal:
        yield from one.items()

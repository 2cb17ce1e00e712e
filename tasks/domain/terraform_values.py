"""What a Terraform value can be, as far as the repository's own files tell."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.evidence import Evidence
from tasks.domain.script import inside
from tasks.domain.terraform import Attribute, Block, Call, Expression, Module, Terraform, Value

_VARIABLE = re.compile(r"var\.([A-Za-z_][\w-]*)")
_MODULE_PATH = '"${path.module}/'
DEEPEST = 6  # callers of callers that are followed


@dataclass(frozen=True, kw_only=True)
class Possible:
    """One literal that a value becomes, and where the literal stands."""

    value: Value
    at: Evidence


def possible(
    terraform: Terraform, module: Module, block: Block, attribute: Attribute, depth: int = 0
) -> tuple[Possible, ...]:
    """Return the literals an attribute can be: itself, what callers pass, values files, or the default.

    What is computed is left out: the answer is no complete list.
    """
    return tuple(_possible(terraform, module, attribute.value, block.at(attribute.name), depth))


def _possible(
    terraform: Terraform, module: Module, value: Value, at: Evidence, depth: int
) -> Iterator[Possible]:
    if not isinstance(value, Expression):
        yield Possible(value=value, at=at)
        return
    found = _VARIABLE.fullmatch(value.text)
    declared = module.variables.get(found[1]) if found else None
    if declared is None or depth > DEEPEST:
        return
    passed = False
    for caller, call in callers(terraform, module):
        given = call.attributes.get(declared.name)
        if given is not None:
            passed = True
            yield from possible(terraform, caller, call, given, depth + 1)
    for variables in module.tfvars:
        if declared.name in variables.attributes:
            passed = True
            given = variables.attributes[declared.name]
            yield Possible(value=given.value, at=variables.source.at(given.line))
    default = declared.attributes.get("default")
    if default is not None and not passed:
        yield from possible(terraform, module, declared, default, depth + 1)


def callers(terraform: Terraform, module: Module) -> Iterator[tuple[Module, Block]]:
    """Go through the modules of the repository that call a module."""
    for one in terraform:
        for block in one.of("module"):
            written = block.get("source")
            local = isinstance(written, str) and written.startswith(".")
            if local and inside(str(written), one.directory) == module.directory:
                yield one, block


def reached(terraform: Terraform, module: Module) -> tuple[Module, ...]:
    """Return a module and every local one that it calls, directly or not."""
    found = {module.directory: module}
    waiting = [module]
    while waiting:
        for directory in terraform.calls(waiting.pop()):
            called = terraform.modules.get(directory)
            if called is not None and directory not in found:
                found[directory] = called
                waiting.append(called)
    return tuple(found.values())


def calls(value: Value) -> Iterator[Call]:
    """Go through the functions that are called anywhere in a value."""
    if isinstance(value, Expression):
        yield from value.calls
    elif isinstance(value, tuple):
        for item in value:
            yield from calls(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from calls(item)


def keys(value: Value) -> Iterator[str]:
    """Go through the keys of a map that are certain: of a literal one, and of those that are merged."""
    if isinstance(value, Mapping):
        yield from value
    for call in value.calls if isinstance(value, Expression) else ():
        if call.function == "merge":
            for argument in call.arguments:
                yield from argument if isinstance(argument, Mapping) else ()


def module_path(value: Value, module: Module) -> str | None:
    """Return the path of the repository that ``"${path.module}/x"`` names; None for any other value."""
    if not isinstance(value, Expression) or not value.text.startswith(_MODULE_PATH):
        return None
    if len(value.parts) != 2 or value.parts[0] is not None or value.parts[1] is None:
        return None
    return inside(value.parts[1].lstrip("/"), module.directory)


def nested(block: Block) -> Iterator[Block]:
    """Go through a block and all blocks in it."""
    yield block
    for one in block.blocks:
        yield from nested(one)


def shown(directory: str) -> str:
    """Return how people call a module's directory."""
    return posixpath.normpath(directory) if directory else "."

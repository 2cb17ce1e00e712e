"""Task definitions of ECS as Terraform writes them: their containers, sizes and roles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from tasks.domain.terraform import Attribute, Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import possible

FARGATE = "FARGATE"
_MEMORY: Mapping[int, frozenset[int]] = {
    256: frozenset({512, 1024, 2048}),
    512: frozenset(range(1024, 4096 + 1, 1024)),
    1024: frozenset(range(2048, 8192 + 1, 1024)),
    2048: frozenset(range(4096, 16384 + 1, 1024)),
    4096: frozenset(range(8192, 30720 + 1, 1024)),
    8192: frozenset(range(16384, 61440 + 1, 4096)),
    16384: frozenset(range(32768, 122880 + 1, 8192)),
}
"""CPU units -> MiB that Fargate offers with them (AWS: "task CPU and memory", page task-cpu-memory-error)."""
_LARGEST = max(_MEMORY)
_CPU = re.compile(r"(?P<number>\d*\.?\d+)\s*(?P<unit>vcpu)?", re.IGNORECASE)
_MIB = re.compile(r"(?P<number>\d*\.?\d+)\s*(?P<unit>gb)?", re.IGNORECASE)


def task_of(service: Block, tasks: Mapping[str, Block]) -> Block | None:
    """Return the task definition that a service names; its revision is set elsewhere when it is ignored."""
    given = service.attributes.get("task_definition")
    named = {
        one.path[1]
        for one in (given.references if given is not None else ())
        if one.root == "aws_ecs_task_definition" and len(one.path) > 1
    }
    return tasks.get(named.pop()) if len(named) == 1 else None


def containers_of(task: Block) -> tuple[Mapping[str, Value], ...] | None:
    """Return the containers as written; None when one of them may be of somewhere else."""
    value = task.get("container_definitions")
    written: object = None
    if isinstance(value, str):
        try:
            written = json.loads(value)
        except ValueError:
            return None
    elif isinstance(value, Expression) and value.calls and value.text.startswith("jsonencode("):
        written = value.calls[0].arguments[0] if value.calls[0].function == "jsonencode" else None
    if not isinstance(written, list | tuple) or not all(isinstance(one, Mapping) for one in written):
        return None
    return tuple(one for one in written if isinstance(one, Mapping))


def is_fargate(task: Block) -> bool:
    """Tell whether a task definition says that Fargate is to accept it."""
    given = task.get("requires_compatibilities")
    return isinstance(given, tuple) and FARGATE in given


def said(terraform: Terraform, module: Module, value: Value) -> str | None:
    """Return a name or a number that is certain by the repository's files."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | str):
        return str(value)
    text = text_of(terraform, module, value)
    if text is not None or not isinstance(value, Expression):
        return text
    asked = Attribute(name="", line=value.line, value=value)
    block = next(iter(module.blocks))
    found = {one.value for one in possible(terraform, module, block, asked) if isinstance(one.value, int)}
    return str(found.pop()) if len(found) == 1 else None


def offers(cpu: str, memory: str) -> bool | None:
    """Tell whether Fargate has a size; None when the words are not understood, or it is larger than known."""
    units, mib = _number(_CPU, cpu), _number(_MIB, memory)
    if units is None or mib is None or units > _LARGEST:
        return None
    return mib in _MEMORY.get(units, frozenset())


def memories(cpu: str) -> tuple[int, ...]:
    """Return the MiB that Fargate offers with some CPU; none when it does not have that."""
    units = _number(_CPU, cpu)
    return tuple(sorted(_MEMORY.get(units or 0, ())))


def _number(written: re.Pattern[str], text: str) -> int | None:
    found = written.fullmatch(text.strip())
    if found is None:
        return None
    return int(float(found["number"]) * (1024 if found["unit"] else 1))


def expressions(value: Value) -> Iterator[Expression]:
    """Go through the expressions anywhere in a value."""
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from expressions(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from expressions(one)

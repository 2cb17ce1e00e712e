"""Whether the ports that Terraform writes for one container are the same everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform import Attribute, Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import possible


@dataclass(frozen=True, kw_only=True)
class _Container:
    """A container of a task definition; None stands for what is only known when terraform runs.

    ``literal`` tells that its ports are written as numbers.
    """

    name: str | None
    ports: tuple[str | None, ...] | None
    literal: bool


@check(
    "ecs-port-agrees",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Write one port, once, in a local value, and refer to it in both places", minutes=10
    ),
)
def ecs_port_agrees(terraform: Terraform) -> Iterator[Answer]:
    """Every ECS service sends its load balancer's requests to a container and a port that its task has."""
    for module in terraform:
        tasks = {one.name: one for one in module.of("resource", "aws_ecs_task_definition")}
        for service in module.of("resource", "aws_ecs_service"):
            task = _task(service, tasks)
            containers = None if task is None else _containers(terraform, module, task)
            if task is not None and containers is not None:
                yield from merged(_balanced(terraform, module, service, task, containers))


def _task(service: Block, tasks: Mapping[str, Block]) -> Block | None:
    """Return the task definition that a service names; its revision is set elsewhere when it is ignored."""
    given = service.attributes.get("task_definition")
    named = {
        one.path[1]
        for one in (given.references if given is not None else ())
        if one.root == "aws_ecs_task_definition" and len(one.path) > 1
    }
    return tasks.get(named.pop()) if len(named) == 1 else None


def _containers(terraform: Terraform, module: Module, task: Block) -> tuple[_Container, ...] | None:
    """Return the containers of a task definition; None when one of them may be of somewhere else."""
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
    return tuple(_container(terraform, module, one) for one in written if isinstance(one, Mapping))


def _container(terraform: Terraform, module: Module, written: Mapping[str, Value]) -> _Container:
    mappings = written.get("portMappings", ())
    known = isinstance(mappings, list | tuple) and all(isinstance(one, Mapping) for one in mappings)
    ports = [one.get("containerPort") for one in mappings] if known else None  # type: ignore[union-attr]
    return _Container(
        name=_said(terraform, module, written.get("name")),
        ports=None if ports is None else tuple(_said(terraform, module, one) for one in ports),
        literal=not any(isinstance(one, Expression) for one in ports or ()),
    )


def _balanced(
    terraform: Terraform, module: Module, service: Block, task: Block, containers: tuple[_Container, ...]
) -> Iterator[Answer]:
    for block in service.inner("load_balancer") if len(containers) else ():
        name = _said(terraform, module, block.get("container_name"))
        port = _said(terraform, module, block.get("container_port"))
        subject = f"{service.address}: port {port}"
        meant = [one for one in containers if one.name == name]
        if block.type == "dynamic" or name is None or port is None or len(meant) != 1:
            continue
        ports = meant[0].ports
        if ports is None or None in ports:
            continue
        if port in ports:
            yield holds(subject, "is one of the container")
        else:
            has = f"port {listed([str(one) for one in ports])}" if ports else "no port"
            told = f"sends requests to port {port} of {name}, which has {has}: ECS refuses the service"
            # What has a default can be given another value by whoever runs terraform.
            sure = isinstance(block.get("container_port"), int | str) and meant[0].literal
            weight = Weight.BLOCKER if sure else Weight.WARNING
            places = (block.at("container_port"), task.at("container_definitions"))
            yield broken(subject, told, *places, weight=weight)


def _said(terraform: Terraform, module: Module, value: Value) -> str | None:
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

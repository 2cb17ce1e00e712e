"""Whether the ports that Terraform writes for one container are the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.ecs_task import containers_of, said, task_of
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value


@dataclass(frozen=True, kw_only=True)
class Container:
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
            task = task_of(service, tasks)
            written = None if task is None else containers_of(task)
            if task is not None and written is not None:
                containers = tuple(container(terraform, module, one) for one in written)
                yield from merged(_balanced(terraform, module, service, task, containers))


def container(terraform: Terraform, module: Module, written: Mapping[str, Value]) -> Container:
    """Return a container of a task definition as far as it is certain."""
    mappings = written.get("portMappings", ())
    known = isinstance(mappings, list | tuple) and all(isinstance(one, Mapping) for one in mappings)
    ports = [one.get("containerPort") for one in mappings] if known else None  # type: ignore[union-attr]
    return Container(
        name=said(terraform, module, written.get("name")),
        ports=None if ports is None else tuple(said(terraform, module, one) for one in ports),
        literal=not any(isinstance(one, Expression) for one in ports or ()),
    )


def _balanced(
    terraform: Terraform, module: Module, service: Block, task: Block, containers: tuple[Container, ...]
) -> Iterator[Answer]:
    for block in service.inner("load_balancer") if len(containers) else ():
        name = said(terraform, module, block.get("container_name"))
        port = said(terraform, module, block.get("container_port"))
        subject = f"{service.address}: port {port}"
        # Where the name is not certain, any of the containers may be meant.
        named = [one for one in containers if name is not None and one.name == name]
        meant = named if len(named) == 1 else containers
        ports = [each for one in meant for each in ((None,) if one.ports is None else one.ports)]
        if block.type == "dynamic" or port is None or None in ports:
            continue
        if port in ports:
            yield holds(subject, "is one of the container")
        else:
            has = f"port {listed([str(one) for one in ports])}" if ports else "no port"
            told = f"sends requests to port {port} of {name or 'its container'}, which has {has}"
            # What has a default can be given another value by whoever runs terraform.
            sure = isinstance(block.get("container_port"), int | str) and all(one.literal for one in meant)
            weight = Weight.BLOCKER if sure else Weight.WARNING
            places = (block.at("container_port"), task.at("container_definitions"))
            yield broken(subject, f"{told}: ECS refuses the service", *places, weight=weight)


@check(
    "ecs-port-open",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(summary="Let the load balancer's requests in on the port of the container", minutes=10),
)
def ecs_port_open(terraform: Terraform) -> Iterator[Answer]:
    """Every ECS service's security groups let requests in on the port behind its load balancer."""
    for module in terraform:
        groups = {one.name: one for one in module.of("resource", "aws_security_group")}
        for service in module.of("resource", "aws_ecs_service"):
            own = _groups(service, groups)
            ranges = _ranges(terraform, module, own)
            for block in service.inner("load_balancer") if own and ranges is not None else ():
                port = said(terraform, module, block.get("container_port"))
                subject = f"{service.address}: {port}"
                if port is None or not port.isdecimal() or ranges is None:
                    continue
                if any(first <= int(port) <= last for first, last in ranges):
                    yield holds(subject, "is let in")
                else:
                    names = listed([one.address for one in own])
                    told = (
                        f"no rule of {names} lets requests in on port {port}: the service never gets healthy"
                    )
                    yield broken(subject, told, block.at("container_port"), own[0].at())


def _groups(service: Block, groups: Mapping[str, Block]) -> tuple[Block, ...]:
    """Return the security groups of a service; none when one of them may be of somewhere else."""
    given = [
        one.attributes["security_groups"]
        for one in service.inner("network_configuration")
        if one.type != "dynamic" and "security_groups" in one.attributes
    ]
    if len(given) != 1 or not isinstance(given[0].value, tuple):
        return ()
    named = [
        one.path[1] for one in given[0].references if one.root == "aws_security_group" and len(one.path) > 1
    ]
    found = tuple(groups[name] for name in named if name in groups)
    return found if len(found) == len(given[0].value) == len(given[0].references) else ()


def _ranges(
    terraform: Terraform, module: Module, groups: tuple[Block, ...]
) -> tuple[tuple[int, int], ...] | None:
    """Return the ports that groups let in; None when rules are made elsewhere or are not certain."""
    names = {one.name for one in groups}
    for block in module.blocks:
        # A rule of its own, another module, or whoever is given the group can let more in.
        adds = block.type in ("module", "output") or "_rule" in block.labels[0] if block.labels else False
        if adds and any(ref.path[1:2] and ref.path[1] in names for _, ref in block.references()):
            return None
    found: list[tuple[int, int]] = []
    for group in groups:
        if "ingress" in group.attributes:
            return None
        for rule in group.inner("ingress"):
            ends = [said(terraform, module, rule.get(key)) for key in ("from_port", "to_port")]
            protocol = said(terraform, module, rule.get("protocol"))
            if rule.type == "dynamic" or protocol is None or not all(one and one.isdecimal() for one in ends):
                return None
            first, last = (int(str(one)) for one in ends)
            found.append((0, 65535) if protocol in ("-1", "all") else (first, last))
    return tuple(found)

"""Whether those who ask a service for its health ask a port and a path that it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.checks.bound_port import own_image
from tasks.checks.terraform_ports import container
from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.ecs_task import containers_of, said, task_of
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.port_default import PortDefaults
from tasks.domain.source import Source, Sources
from tasks.domain.terraform import Block, Module, Terraform

_CHECKED = re.compile(
    r"^[ \t]*HEALTHCHECK\b(?:[^\n]*\\\n)*[^\n]*?http://(?:localhost|127\.0\.0\.1)(?::\d+)?(?P<path>/[\w/.-]*)",
    re.MULTILINE,
)
_OF_HEALTH = re.compile(r"health|ready|live|ping|status|heartbeat|alive", re.IGNORECASE)


@check(
    "health-port-agrees",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="names",
    remedy=Remedy(summary="Ask `traffic-port`, or the port that the container has", minutes=5),
)
def health_port_agrees(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every health check of a load balancer asks a port that its ECS service's container has."""
    for module in terraform:
        groups = {one.name: one for one in module.of("resource", "aws_lb_target_group")}
        yield from merged(_ports(terraform, module, groups, sources))


def _ports(
    terraform: Terraform, module: Module, groups: dict[str, Block], sources: Sources
) -> Iterator[Answer]:
    tasks = {one.name: one for one in module.of("resource", "aws_ecs_task_definition")}
    for service in module.of("resource", "aws_ecs_service"):
        task = task_of(service, tasks)
        written = None if task is None else containers_of(task)
        containers = tuple(container(terraform, module, one) for one in written or ())
        for block in service.inner("load_balancer") if containers else ():
            group = _group(block, groups)
            checked = group.inner("health_check") if group is not None else ()
            port = said(terraform, module, checked[0].get("port")) if len(checked) == 1 else None
            ports = [each for one in containers for each in ((None,) if one.ports is None else one.ports)]
            if task is None or group is None or port is None or not port.isdecimal() or None in ports:
                continue
            if port in ports:
                yield holds(group.address, "asks a port of the container")
            elif ports and not _is_written(port, checked[0], sources):
                has = listed([str(one) for one in ports])
                told = f"asks port {port} for the health, and the container has {has}"
                yield broken(group.address, told, checked[0].at("port"), task.at("container_definitions"))


def _group(balancer: Block, groups: dict[str, Block]) -> Block | None:
    given = balancer.attributes.get("target_group_arn")
    named = {
        one.path[1]
        for one in (given.references if given is not None else ())
        if one.root == "aws_lb_target_group" and len(one.path) > 1
    }
    return groups.get(named.pop()) if len(named) == 1 else None


def _is_written(port: str, checked: Block, sources: Sources) -> bool:
    """Tell whether anything else speaks of a port: the program may listen on one that no mapping names."""
    own = checked.at("port")
    whole = re.compile(rf"(?<![\w.]){port}(?![\w.])")
    return any(
        whole.search(line)
        for one in sources.saying(port)
        for number, line in enumerate(one.lines, 1)
        if (one.path, number) != (own.file, own.line)
    )


@check(
    "health-path-answered",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(summary="Ask the path that the program answers", minutes=5),
)
def health_path_answered(
    defaults: PortDefaults, manifests: Manifests, sources: Sources, terraform: Terraform
) -> Iterator[Answer]:
    """Every path that a load balancer or an image asks for the health is one that the program answers."""
    bound, image = defaults.bound, own_image(manifests, sources)
    answered = (
        []
        if bound is None
        else sorted(one for one in bound.paths if one.startswith("/") and _OF_HEALTH.search(one))
    )
    if image is None or bound is None or not answered:
        return
    for path, place in (*_asked_by_image(image), *_asked_by_terraform(terraform)):
        subject = f"{place.file}: {path}"
        if _is_answered(path, bound.paths) or not _OF_HEALTH.search(path):
            yield holds(subject, "is answered, as far as can be seen")
        else:
            told = f"asks {path} for the health, and what the program answers is {listed(answered)}"
            yield broken(subject, told, place)


def _asked_by_image(image: Source) -> Iterator[tuple[str, Evidence]]:
    for found in _CHECKED.finditer(image.text):
        yield found["path"], image.at(image.text.count("\n", 0, found.start("path")) + 1)


def _asked_by_terraform(terraform: Terraform) -> Iterator[tuple[str, Evidence]]:
    """Go through the path of the only load balancer's target group: of several, one may be another's."""
    groups = [one for module in terraform for one in module.of("resource", "aws_lb_target_group")]
    for group in groups if len(groups) == 1 else ():
        for checked in group.inner("health_check"):
            path = checked.get("path")
            if isinstance(path, str):
                yield path, checked.at("path")


def _is_answered(path: str, known: frozenset[str]) -> bool:
    """Tell whether a path is written, in one piece or put together from pieces that end or begin with it."""
    plain = path.rstrip("/") or "/"
    parts = plain.strip("/").split("/")
    pieces = {f"/{'/'.join(parts[at:])}" for at in range(len(parts))}
    pieces |= {f"/{'/'.join(parts[:end])}" for end in range(1, len(parts))}
    patterns = any("{" in one or "<" in one or ":" in one or "*" in one for one in known)
    written = {f"/{one.strip('/')}" for one in known}
    return not pieces.isdisjoint(written) or (patterns and len(parts) > 1)

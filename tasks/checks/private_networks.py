"""Whether what runs in a VPC that Terraform describes has a way to what it needs outside of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.ecs_task import FARGATE
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform
from tasks.domain.terraform_values import calls, module_path, nested, reached, shown
from tasks.domain.terraform_waits import named

_WAYS = ("aws_nat_gateway", "aws_vpc_endpoint", "aws_egress_only_internet_gateway", "aws_ec2_transit_gateway")
_LINKS = (
    "aws_vpc_peering_connection",
    "aws_vpn_gateway",
    "aws_dx_",
    "aws_networkfirewall",
    "aws_eip_association",
)
"""Beginnings of the kinds of resources that may lead out of a network, or are made to."""
_INTERNET = frozenset(
    {"gateway_id", "cidr_block", "destination_cidr_block", "ipv6_cidr_block", "route_table_id"}
)
_OVER_THE_NET = (
    "aws_dynamodb_table",
    "aws_kinesis_stream",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_sfn_state_machine",
    "aws_sns_topic",
    "aws_sqs_queue",
    "aws_ssm_parameter",
)
"""What a program can only ask AWS for, over the network."""

_LOADS = re.compile(
    r"^[ \t]*(?:sudo[ \t]+)?(?P<command>(?:apt-get|apt|yum|dnf|apk|snap|pip3?|amazon-linux-extras)[ \t]+"
    r"(?:-\S+[ \t]+)*(?:update|install|add)\b|(?:curl|wget)\b(?=[^|\n]*https?://(?!169\.254\.|localhost|127\.|10\.|\$)))",
    re.MULTILINE,
)
"""What loads packages or files from the internet, as a command of its own."""
_INSIDE = re.compile(r"https?_proxy|proxy\s*=|Acquire::|mirror", re.IGNORECASE)
"""What a script says that goes by way of a machine of its own network."""
_MACHINE = Remedy(
    summary="Add a NAT gateway, a public address, or an image that has what the machine needs",
    minutes=30,
)


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """What runs in subnets: ``needs`` says what for it must get out."""

    block: Block
    needs: str
    at: Evidence
    subnets: tuple[str, ...]


@check(
    "private-network-leads-out",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Add VPC endpoints for what they ask (or a NAT gateway); an internet gateway does not help "
        "what has no public address",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html",
        minutes=30,
    ),
)
def private_network_leads_out(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every function, machine and Fargate service in subnets of this Terraform has a way out."""
    for module in terraform:
        placed = [*_functions(module), *_services(module)]
        machines = [*_machines(module, sources)]
        if not (placed or machines) or module.in_part:
            continue
        related = [
            one
            for root in terraform.roots
            if module in reached(terraform, root)
            for one in reached(terraform, root)
        ]
        if any(_leads_out(one) for one in (module, *related)):
            yield holds(f"{shown(module.directory)}: ways out", "are there")
            continue
        closed: dict[bool, list[_Placed]] = defaultdict(list)
        for one in placed:
            owned = {_owned(module, subnet) for subnet in one.subnets}
            if None not in owned:
                closed[False not in owned].append(one)
        for own, found in closed.items():
            yield _told(module, found, own=own)
        for one in machines:
            if _owned(module, one.subnets[0]):
                told = (
                    f"{one.block.address} has no public address, and no NAT gateway, VPC endpoint or other "
                    f"way leads out of its network: {one.needs}, with which it starts, reaches nothing"
                )
                subject = f"{shown(module.directory)}: {one.block.address}: way out"
                yield broken(subject, told, one.at, one.block.at("user_data"), remedy=_MACHINE)


def _told(module: Module, found: list[_Placed], *, own: bool) -> Answer:
    why = (
        "no NAT gateway, VPC endpoint or other way leads out of them"
        if own
        else "nothing here makes a NAT gateway or VPC endpoint, and the default network has none by itself"
    )
    addresses = [one.block.address for one in found]
    verb, they = ("runs", "it has") if len(found) == 1 else ("run", "they have")
    needs = listed(list(dict.fromkeys(one.needs for one in found)), 4)
    told = (
        f"{listed(addresses, 4)} {verb} in subnets without a public address, and {why}: "
        f"what {they} to ask AWS for, {needs}, is never reached"
    )
    places = dict.fromkeys(one.at for one in found)
    weight = None if own else Weight.NOTE
    return broken(f"{shown(module.directory)}: ways out", told, *places, weight=weight)


def _functions(module: Module) -> Iterator[_Placed]:
    for block in module.of("resource", "aws_lambda_function"):
        config = block.inner("vpc_config")
        subnets = _subnets(config[0], "subnet_ids") if len(config) == 1 else ()
        asked = [
            address
            for inner in block.inner("environment")
            for _, reference in inner.references()
            if reference.root in _OVER_THE_NET and (address := named(reference)) is not None
        ]
        if subnets and asked and config[0].get("ipv6_allowed_for_dual_stack") is None:
            at = config[0].at("subnet_ids")
            yield _Placed(block=block, needs=listed(asked, 3), at=at, subnets=subnets)


def _services(module: Module) -> Iterator[_Placed]:
    for block in module.of("resource", "aws_ecs_service"):
        config = block.inner("network_configuration")
        if block.get("launch_type") != FARGATE or len(config) != 1:
            continue
        subnets = _subnets(config[0], "subnets")
        if subnets and config[0].get("assign_public_ip") in (None, False):
            at = config[0].at("subnets")
            yield _Placed(block=block, needs="its image", at=at, subnets=subnets)


def _machines(module: Module, sources: Sources) -> Iterator[_Placed]:
    """Go through the instances without an address, in a subnet of the module, whose start loads something."""
    addressed = {
        named(reference)
        for kind in ("aws_eip", "aws_network_interface")
        for block in module.of("resource", kind)
        for _, reference in block.references()
    }
    for block in module.of("resource", "aws_instance"):
        given = block.attributes.get("subnet_id")
        labels = [one.path[1] for one in given.references if one.root == "aws_subnet"] if given else []
        subnets = module.of("resource", "aws_subnet", labels[0]) if given and len(labels) == 1 else ()
        if given is None or len(subnets) != 1 or len(given.references) != 1 or block.address in addressed:
            continue
        asked = block.get("associate_public_ip_address")
        if asked is None:
            asked = subnets[0].get("map_public_ip_on_launch")
        other = {"ipv6_address_count", "ipv6_addresses"} & set(block.attributes) or block.blocks
        closed = not any(one.startswith(("ipv6", "assign_ipv6")) for one in subnets[0].attributes)
        if asked not in (None, False) or not closed or (other and block.inner("network_interface")):
            continue
        loading = _LOADS.search(started) if (started := _started(module, block, sources)) else None
        if loading is not None and not _INSIDE.search(started):
            yield _Placed(
                block=block,
                needs=f"`{' '.join(loading['command'].split())}`",
                at=block.at("subnet_id"),
                subnets=(labels[0],),
            )


def _started(module: Module, block: Block, sources: Sources) -> str:
    """Return the script that an instance starts with, as far as it is written here."""
    for name in ("user_data", "user_data_base64"):
        value = block.get(name)
        for call in calls(value) if value is not None else ():
            path = module_path(call.arguments[0], module) if call.arguments else None
            found = sources.get(path) if path and call.function in ("file", "templatefile") else None
            if found is not None:
                return found.text
        if isinstance(value, str):
            return value
        if isinstance(value, Expression) and any(value.parts):
            return "".join(one or "" for one in value.parts)
    return ""


def _subnets(config: Block, attribute: str) -> tuple[str, ...]:
    """Return the labels of the subnets of the module that are listed; none where others may be."""
    given = config.attributes.get(attribute)
    if config.type == "dynamic" or given is None or not isinstance(given.value, tuple):
        return ()
    found = [one.path[1] for one in given.references if one.root == "aws_subnet" and len(one.path) > 1]
    return tuple(found) if len(found) == len(given.value) == len(given.references) else ()


def _owned(module: Module, subnet: str) -> bool | None:
    """Tell whether a subnet lies in a network that the module makes.

    False for the account's default one, None where a route table of somewhere else may lead out.
    """
    blocks = module.of("resource", "aws_subnet", subnet)
    given = blocks[0].attributes.get("vpc_id") if len(blocks) == 1 else None
    networks = {named(one) for one in given.references} if given is not None else set()
    if len(networks) != 1:
        return None
    network = str(networks.pop())
    for one in module.of("resource", "aws_route_table_association"):
        about = {reference.path[1:2] for _, reference in one.references() if reference.root == "aws_subnet"}
        if (about == {(subnet,)} or not about) and not _is_of(
            module, one, "route_table_id", "aws_route_table"
        ):
            return None
    if network.startswith("aws_vpc."):
        return True
    looked = (
        module.of("data", "aws_vpc", network.rpartition(".")[2])
        if network.startswith("data.aws_vpc.")
        else ()
    )
    return False if looked and looked[0].get("default") is True else None


def _is_of(module: Module, block: Block, attribute: str, kind: str) -> bool:
    given = block.attributes.get(attribute)
    found = [one for one in (given.references if given is not None else ()) if one.root == kind]
    return len(found) == 1 and bool(module.of("resource", kind, *found[0].path[1:2]))


def _leads_out(module: Module) -> bool:
    """Tell whether a module makes, or may make, a way out other than an internet gateway."""
    for block in module.blocks:
        if block.type == "module" and not str(block.get("source") or "").startswith("."):
            return True
        if block.type != "resource" or not block.labels:
            continue
        kind = block.labels[0]
        if kind.startswith((*_WAYS, *_LINKS)):
            return True
        if kind in ("aws_route", "aws_route_table", "aws_default_route_table"):
            routes = [block] if kind == "aws_route" else [one for one in nested(block) if one is not block]
            if any(set(one.attributes) - _INTERNET for one in routes) or "route" in block.attributes:
                return True
    return False

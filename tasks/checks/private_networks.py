"""Whether what runs in a VPC that Terraform describes has a way to what it needs outside of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.ecs_task import FARGATE
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_values import nested, reached, shown
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
def private_network_leads_out(terraform: Terraform) -> Iterator[Answer]:
    """Every function and Fargate service in subnets of this Terraform has a way out to what it needs."""
    for module in terraform:
        placed = [*_functions(module), *_services(module)]
        if not placed or module.in_part:
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

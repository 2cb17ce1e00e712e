"""Whether the databases that Terraform makes let in what it tells of them."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.ecs_task import task_of
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform import Attribute, Block, Module, Terraform
from tasks.domain.terraform_values import shown
from tasks.domain.terraform_waits import named

_STORES = {
    "aws_db_instance": "vpc_security_group_ids",
    "aws_rds_cluster": "vpc_security_group_ids",
    "aws_docdb_cluster": "vpc_security_group_ids",
    "aws_elasticache_cluster": "security_group_ids",
    "aws_elasticache_replication_group": "security_group_ids",
}
"""Kinds of stores that are reached inside a network -> the attribute with their security groups."""
_GROUP = "aws_security_group"
_ADDRESSES = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids")


@check(
    "database-lets-service-in",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Add an ingress rule for the security group of who asks", minutes=10),
)
def database_lets_service_in(terraform: Terraform) -> Iterator[Answer]:
    """Every database lets in the services and functions of its module that are told its address."""
    for module in terraform:
        stores = [one for kind in _STORES for one in module.of("resource", kind)]
        if stores and not module.in_part:
            yield from merged(_asked(module, stores))


def _asked(module: Module, stores: list[Block]) -> Iterator[Answer]:
    for who, told_of, groups in _users(module):
        for store in stores:
            own = _groups(store.attributes.get(_STORES[store.labels[0]]))
            if store.address not in told_of or not groups or not own:
                continue
            admits = _admits(module, own, groups)
            subject = f"{shown(module.directory)}: {store.address}: {who.address}"
            if admits:
                yield holds(subject, "is let in")
            elif admits is False:
                told = (
                    f"{who.address} is told the address of {store.address}, and no rule of "
                    f"{listed([f'{_GROUP}.{one}' for one in own])} lets its security groups in: "
                    "it gets no connection"
                )
                places = [one.at() for one in module.of("resource", _GROUP) if one.name in own]
                yield broken(subject, told, *places, who.at())


def _users(module: Module) -> Iterator[tuple[Block, frozenset[str], tuple[str, ...]]]:
    """Go through what runs in a network: what it is told of in its environment, and its security groups."""
    tasks = {one.name: one for one in module.of("resource", "aws_ecs_task_definition")}
    for service in module.of("resource", "aws_ecs_service"):
        task, config = task_of(service, tasks), service.inner("network_configuration")
        given = None if task is None else task.attributes.get("container_definitions")
        if given is not None and len(config) == 1:
            told = frozenset(name for one in given.references if (name := named(one)))
            yield service, told, _groups(config[0].attributes.get("security_groups"))
    for function in module.of("resource", "aws_lambda_function"):
        config = function.inner("vpc_config")
        told = frozenset(
            name
            for inner in function.inner("environment")
            for _, one in inner.references()
            if (name := named(one))
        )
        if len(config) == 1:
            yield function, told, _groups(config[0].attributes.get("security_group_ids"))


def _groups(given: Attribute | None) -> tuple[str, ...]:
    """Return the labels of the module's groups that are listed; none where others may be among them."""
    if given is None or not isinstance(given.value, tuple):
        return ()
    found = [one.path[1] for one in given.references if one.root == _GROUP and len(one.path) > 1]
    return tuple(found) if len(found) == len(given.value) == len(given.references) else ()


def _admits(module: Module, own: tuple[str, ...], groups: tuple[str, ...]) -> bool | None:
    """Tell whether groups let others in; None when rules may be made elsewhere or are not certain."""
    for block in module.blocks:
        # A rule of its own, another module, or whoever is given the group can let more in.
        adds = block.type in ("module", "output") or bool(block.labels and "_rule" in block.labels[0])
        if adds and any(one.path[1:2] and one.path[1] in own for _, one in block.references()):
            return None
    for name in own:
        found = module.of("resource", _GROUP, name)
        if len(found) != 1 or "ingress" in found[0].attributes or found[0].inner("lifecycle"):
            return None
        for rule in found[0].inner("ingress"):
            if rule.type == "dynamic" or any(one in rule.attributes for one in _ADDRESSES):
                return None  # by their addresses
            given = rule.attributes.get("security_groups")
            listed_ = _groups(given)
            if given is not None and not listed_:
                return None
            if not set(listed_).isdisjoint(groups) or (rule.get("self") is not None and name in groups):
                return True
    return False

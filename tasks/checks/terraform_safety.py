"""Whether what Terraform makes is closed to whom it does not concern."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tasks.domain.answers import listed, merged
from tasks.domain.bucket_acl import refused_acls
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import Edit, without
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.terraform import Attribute, Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_each import made_of
from tasks.domain.terraform_handed import handed, variable_of
from tasks.domain.terraform_image import asks_tokens_itself
from tasks.domain.terraform_reach import is_example
from tasks.domain.terraform_switch import switched_off
from tasks.domain.terraform_values import callers, possible, shown

_EVERYBODY = frozenset({"0.0.0.0/0", "::/0"})
_SSH, _RDP = 22, 3389
_CLOSE = "Allow the addresses of your network only, or use Session Manager, which needs no open port"


@check(
    "ssh-not-open-to-all",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(summary=_CLOSE, minutes=15),
)
def ssh_not_open_to_all(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """No security group lets the whole internet reach port 22 or 3389."""
    yield from merged(_open(terraform, sources))


def _open(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    for module in terraform:
        opened: dict[str, set[int]] = {}
        switches: list[tuple[str, ...]] = []
        places: list[Evidence] = []
        applied: dict[Evidence, str] = {}
        for block, rule, made in _ingress(terraform, module):
            ports = [port for port in (_SSH, _RDP) if _covers(terraform, module, rule, port)]
            found = [at for name in _SOURCES for at in _all(terraform, module, rule, name)] if ports else []
            given = dict(_handed(terraform, module, rule, sources)) if ports else {}
            if found or given:
                applied |= given
                found += given
                opened.setdefault(block.address, set()).update(ports)
                switches.append(switched_off(terraform, module, made))
                places += [rule.at(next(n for n in _SOURCES if n in rule.attributes)), *found]
            elif ports:
                yield holds(shown(module.directory), f"port {ports[0]} is not open to everybody")
        if opened:
            ports = sorted({port for found in opened.values() for port in found})
            told = (
                f"{listed(list(opened))} let{'s' if len(opened) == 1 else ''} everybody reach "
                f"port {' and '.join(map(str, ports))}"
            )
            when = _when(switches)
            weight = Weight.NOTE if is_example(module.directory) or when else None
            told += when
            remedy = _where_given(applied) if applied else None
            yield broken(shown(module.directory), told, *dict.fromkeys(places), weight=weight, remedy=remedy)


def _handed(
    terraform: Terraform, module: Module, rule: Block, sources: Sources
) -> Iterator[tuple[Evidence, str]]:
    """Go through the lines of workflows and scripts that open a rule by what they give its variable."""
    called = any(True for _ in callers(terraform, module))
    for name in _SOURCES if not called else ():
        attribute = rule.attributes.get(name)
        value = None if attribute is None else attribute.value
        for element in value if isinstance(value, tuple) else (value,):
            variable = variable_of(element)
            if variable is None or variable not in module.variables:
                continue
            alone = sum(variable in one.variables for one in terraform) == 1
            for given, place in handed(variable, sources):
                source = sources.get(place.file or "")
                ours = alone or (source is not None and _names(source, module))
                if ours and any(re.search(rf"(?<![\w.:]){re.escape(one)}", given) for one in _EVERYBODY):
                    yield place, variable


def _names(source: Source, module: Module) -> bool:
    """Tell whether a text speaks of a module's directory."""
    return re.search(rf"(?<![\w/-]){re.escape(module.directory)}(?![\w-])", source.text) is not None


def _where_given(applied: Mapping[Evidence, str]) -> Remedy:
    files = listed(list(dict.fromkeys(one.file for one in applied if one.file is not None)), most=3)
    names = listed([f"var.{name}" for name in dict.fromkeys(applied.values())], most=3)
    return Remedy(
        summary=f"{_CLOSE}; change what {files} gives to {names}, which counts before any default", minutes=15
    )


def _when(switches: Sequence[tuple[str, ...]]) -> str:
    """Say which variables open what is closed by default; nothing where one of the rules is always made."""
    names = dict.fromkeys(f"var.{name}" for switch in switches for name in switch)
    return f", once {listed(list(names))} is given; by default it is not" if all(switches) else ""


_SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")


def _ingress(terraform: Terraform, module: Module) -> Iterator[tuple[Block, Block, tuple[Block, ...]]]:
    """Go through the rules that let in: their resource, the rule, and what decides whether it is made.

    One that is made for each element of what is certain comes once for each.
    """
    for kind in ("aws_security_group", "aws_default_security_group"):
        for block in module.of("resource", kind):
            for rule in block.inner("ingress"):
                content = next(iter(rule.inner("content")), rule)
                named = rule.attributes.get("iterator")
                iterator = named.value.text if named and isinstance(named.value, Expression) else "ingress"
                for one in made_of(terraform, module, rule, content, iterator):
                    yield block, one, (block, rule)
    for block in module.of("resource", "aws_security_group_rule"):
        for one in made_of(terraform, module, block, block, "each"):
            if one.get("type") == "ingress":
                yield block, one, (block,)
    for block in module.of("resource", "aws_vpc_security_group_ingress_rule"):
        for one in made_of(terraform, module, block, block, "each"):
            yield block, one, (block,)


def _covers(terraform: Terraform, module: Module, rule: Block, port: int) -> bool:
    protocol = rule.attributes.get("protocol") or rule.attributes.get("ip_protocol")
    if protocol is not None and protocol.literal in ("-1", "all"):
        return True
    if protocol is not None and protocol.literal not in ("tcp", "6", None):
        return False
    low, high = (_number(terraform, module, rule, name) for name in ("from_port", "to_port"))
    return low is not None and high is not None and low <= port <= high


def _number(terraform: Terraform, module: Module, rule: Block, name: str) -> int | None:
    attribute = rule.attributes.get(name)
    values = [one.value for one in possible(terraform, module, rule, attribute)] if attribute else []
    return values[0] if len(values) == 1 and isinstance(values[0], int) else None


def _all(terraform: Terraform, module: Module, rule: Block, name: str) -> Iterator[Evidence]:
    attribute = rule.attributes.get(name)
    if attribute is None:
        return
    elements: tuple[Value, ...] = (
        attribute.value if isinstance(attribute.value, tuple) else (attribute.value,)
    )
    for element in elements:
        one = Attribute(name=name, line=attribute.line, value=element)
        for found in possible(terraform, module, rule, one):
            values = found.value if isinstance(found.value, tuple) else (found.value,)
            if any(isinstance(value, str) and value in _EVERYBODY for value in values):
                yield found.at


@check(
    "instance-metadata-v2",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    remedy=Remedy(summary='Add metadata_options { http_tokens = "required" }', minutes=5),
)
def instance_metadata_v2(terraform: Terraform) -> Iterator[Answer]:
    """Every instance requires tokens for its metadata: a forged request cannot read its role's keys."""
    loose: dict[str, list[Evidence]] = {}
    each: list[tuple[Edit, ...]] = []
    machines = 0
    by_default = _is_asked_by_default(terraform)
    for module in terraform:
        for kind in ("aws_instance", "aws_launch_template"):
            for block in module.of("resource", kind):
                machines += 1
                given = block.inner("metadata_options")
                options = [next(iter(one.inner("content")), one) for one in given]
                tokens = options[0].attributes.get("http_tokens") if options else None
                if tokens is None and block.inner("launch_template"):
                    continue  # the template decides
                if any(one.get("http_endpoint") == "disabled" for one in options):
                    continue  # there is no metadata to read
                if tokens is None and (by_default or asks_tokens_itself(module, block)):
                    continue  # the account or the image asks for them
                if tokens is None or tokens.literal == "optional":
                    place = options[0].at("http_tokens") if options else block.at()
                    loose.setdefault(shown(module.directory), []).append(place)
                    each.append(_asking_tokens(options, place))
    if loose:
        count = sum(len(places) for places in loose.values())
        machine = "instance or template" if count == 1 else "instances and templates"
        verb = "does" if count == 1 else "do"
        told = (
            f"{count} {machine} of {listed(list(loose))} {verb} not require IMDSv2; "
            "version 1 stays allowed unless the image or the account says otherwise"
        )
        edits = tuple(edit for one in each for edit in one) if all(each) else ()
        yield broken("IMDSv2", told, *(one for places in loose.values() for one in places), edits=edits)
    elif machines:
        yield holds("IMDSv2", "is required")


def _is_asked_by_default(terraform: Terraform) -> bool:
    """Tell whether a default of the account may ask for tokens where an instance itself says nothing.

    It is that of one region; a value that is computed, and another module's region, are believed.
    """
    return any(
        "http_tokens" in block.attributes
        and block.attributes["http_tokens"].literal not in ("optional", "no-preference")
        for module in terraform
        for block in module.of("resource", "aws_ec2_instance_metadata_defaults")
    )


def _asking_tokens(options: Sequence[Block], place: Evidence) -> tuple[Edit, ...]:
    """Return the edit that asks for tokens: of the setting there is, or with a block of its own."""
    if options:
        return without('"optional"', place, '"required"')
    if not (place.excerpt or "").endswith(" {"):
        return ()
    asking = '{\n  metadata_options {\n    http_tokens = "required"\n  }\n'
    return without("{", place, asking)


@check(
    "bucket-not-public",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Make the bucket private and hand out what is public by CloudFront", minutes=20),
)
def bucket_not_public(terraform: Terraform) -> Iterator[Answer]:
    """No bucket is readable or writable by everybody through its access control list."""
    for module in terraform:
        refused = {one.address for one in refused_acls(terraform, module)}  # told by who looks for those
        for kind in ("aws_s3_bucket", "aws_s3_bucket_acl"):
            for block in module.of("resource", kind):
                acl = block.attributes.get("acl")
                subject = f"{shown(module.directory)}: {block.address}"
                if block.address in refused:
                    continue
                if acl is not None and (acl.literal or "").startswith("public-"):
                    writable = acl.literal == "public-read-write"
                    may = "list, read and write" if writable else "list and read"
                    told = f"{block.address} is {acl.literal}: everybody may {may} what lies in it"
                    when = _when([switched_off(terraform, module, [block])])
                    weight = None if writable and not when else Weight.NOTE
                    yield broken(subject, told + when, block.at("acl"), weight=weight)
                elif acl is not None:
                    yield holds(subject, "is not public")


@check(
    "volumes-encrypted",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Set encrypted = true", minutes=5),
)
def volumes_encrypted(terraform: Terraform) -> Iterator[Answer]:
    """Every volume that says so itself is encrypted; one that says nothing follows the account."""
    for module in terraform:
        for block in module.of("resource"):
            for one in (block, *block.inner("root_block_device"), *block.inner("ebs_block_device")):
                if one is block and block.labels[:1] != ("aws_ebs_volume",):
                    continue
                subject = f"{shown(module.directory)}: {block.address}"
                if one.get("encrypted") is False:
                    yield broken(subject, f"{block.address} has a volume in clear", one.at("encrypted"))

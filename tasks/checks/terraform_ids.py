"""Whether the values written in Terraform files can be meant: ids, arguments, variables somebody reads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import listed, merged, of_one_cause
from tasks.domain.aws_region import is_no_region
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.program_words import ProgramWords
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_unread import unread
from tasks.domain.terraform_values import callers, nested, shown

_KINDS = "vpc|subnet|ami|sg|rtb|igw|nat|eni|vol|snap|acl|vpce|eipalloc|pcx|tgw"
_ID = re.compile(rf"(?P<kind>{_KINDS})-(?P<rest>\S*)")
_REAL = re.compile(r"(?:[a-z]+-)*(?:[0-9a-f]{8}|[0-9a-f]{17})")  # tgw-attach-..., vpce-svc-...
_HOLDS_ID = re.compile(r"(?:^|_)(?:ids?|ami|amis|image|subnets?|vpc|security_groups?)$")
_COUNTED = ("12345678", "0123456789abcdef", "1234567890abcdef", "abcdef01", "deadbeef")
_UNFILLED = re.compile(
    r"(?i)\b(?:change[-_ ]?me|replace[-_ ]?me|your[-_][a-z_-]+[-_]here)\b|^todo$|^<[a-z][a-z _-]+>$"
)
_EXAMPLE = re.compile(r"(?:^|[._-])(?:example|sample|template|tmpl|dist)(?:[._-]|$)", re.IGNORECASE)
_ACCOUNT = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(?P<account>123456789012|0{12}|1{12}|9{12}):")

_HOLDS_ACCOUNT = re.compile(r"(?:^|_)account(?:_?(?:id|number))?$")


@check(
    "terraform-ids-real",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Give the id of what is there, or look it up with a data source", minutes=10),
)
def terraform_ids_real(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every id, account and name written as a value or default is one that AWS can have given out."""
    given = _given(sources) if terraform.modules else set()
    unfilled: list[tuple[str, Evidence]] = []
    for module in terraform:
        for block in module.blocks:
            if block.type == "variable" and _overridden(terraform, module, block, given):
                continue
            subject = f"{shown(module.directory)}: {block.address}"
            for name, value, at in _values(block):
                if _UNFILLED.search(value):
                    unfilled += [(block.address, at)] if not _is_kept(block, name) else []
                    continue
                why = _wrong(name, value)
                if why is not None:
                    told = f"{block.address} is {value!r}: {why}"
                    whole = f"{subject}.{name}" if block.type != "variable" else subject
                    yield broken(whole, told, at, weight=_weight(name, value))
        for values in module.tfvars:
            if _is_template(posixpath.basename(values.source.path), sources):
                continue
            for name, attribute in values.attributes.items():
                for key, text in _named(name, attribute.value):
                    if _UNFILLED.search(text):
                        unfilled.append((f"{name} in {values.source.path}", values.source.at(attribute.line)))
                        continue
                    why = _wrong(key, text)
                    if why is not None:
                        subject = f"{values.source.path}: {name}"
                        at = values.source.at(attribute.line)
                        yield broken(subject, f"{name} is {text!r}: {why}", at, weight=_weight(key, text))
    yield from _to_fill_in(unfilled)
    for module in terraform:
        yield from _regions(terraform, module, given)


_CHOOSE_REGION = Remedy(
    summary="Write a region that AWS has: `aws ec2 describe-regions` lists them", minutes=5
)


_Region = tuple[str, str, Evidence, Weight | None]


def _regions(terraform: Terraform, module: Module, given: set[str]) -> Iterator[Answer]:
    """Tell of regions that AWS does not have, written for its provider, which refuses them."""
    for block in module.of("provider"):
        region = block.attributes.get("region")
        if block.labels[:1] != ("aws",) or region is None or "skip_region_validation" in block.attributes:
            continue
        if isinstance(region.value, str):
            places: list[_Region] = [(block.address, region.value, block.at("region"), None)]
        else:
            read = {one.path[1] for one in region.references if one.root == "var" and len(one.path) == 2}
            places = [
                (variable.address, text, variable.at("default"), Weight.WARNING)
                for name in sorted(read & module.variables.keys())
                for variable in (module.variables[name],)
                if "default" in variable.attributes and not _overridden(terraform, module, variable, given)
                for text in _texts(variable.attributes["default"].value)
            ]
        for address, text, at, weight in places:
            if is_no_region(text):
                told = f"{address} is {text!r}, and AWS has no such region: its provider refuses it"
                told += " unless another value is given" if weight is not None else ""
                subject = f"{shown(module.directory)}: {address}"
                yield broken(subject, told, at, weight=weight, remedy=_CHOOSE_REGION)


def _is_template(name: str, sources: Sources) -> bool:
    """Tell whether a file of values is there to be copied and filled in."""
    return _EXAMPLE.search(name) is not None or any(
        any(f"{verb} {name}" in one.text for verb in ("cp", "copy", "Copy")) for one in sources.saying(name)
    )


def _is_kept(block: Block, name: str) -> bool:
    """Tell whether terraform leaves alone what somebody writes in the placeholder's place."""
    ignored = [one.attributes.get("ignore_changes") for one in block.inner("lifecycle")]
    kept = {one.path[0] for given in ignored if given is not None for one in given.references}
    return name in kept or any(given is not None and _is_all(given.value) for given in ignored)


def _is_all(value: Value) -> bool:
    return isinstance(value, Expression) and value.text.strip() == "all"


def _to_fill_in(unfilled: list[tuple[str, Evidence]]) -> Iterator[Answer]:
    """Tell once of the values that are there to be replaced; terraform takes them as they are."""
    if not unfilled:
        return
    names = [name for name, _ in unfilled]
    told = f"nobody has filled in {listed(names)}: what is given no other way goes out as a placeholder"
    remedy = Remedy(summary="Write the value, or take the default away so that terraform asks", minutes=10)
    places = dict.fromkeys(place for _, place in unfilled)
    yield broken("values to fill in", told, *places, weight=Weight.WARNING, remedy=remedy)


_GIVEN = re.compile(r"(?:TF_VAR_|-var[ =]['\"]?)([A-Za-z_]\w*)")


def _given(sources: Sources) -> set[str]:
    """Return the variables that anything in the repository gives a value to."""
    return {name for one in sources.saying("-var", "TF_VAR_") for name in _GIVEN.findall(one.text)}


def _overridden(terraform: Terraform, module: Module, variable: Block, given: set[str]) -> bool:
    """Tell whether somebody gives the variable another value, so that its default is not used."""
    if variable.name in given or any(variable.name in one.attributes for one in module.tfvars):
        return True
    return any(variable.name in call.attributes for _, call in callers(terraform, module))


def _values(block: Block) -> Iterator[tuple[str, str, Evidence]]:
    """Go through the literal texts that a variable defaults to, or that a resource is given."""
    if block.type == "variable":
        default = block.attributes.get("default")
        for name, text in _named(block.name, default.value) if default is not None else ():
            yield name, text, block.at("default")
    elif block.type in ("resource", "data", "module"):
        for inner in nested(block):
            for name, attribute in inner.attributes.items():
                for text in _texts(attribute.value):
                    yield name, text, inner.at(name)


def _named(name: str, value: Value) -> Iterator[tuple[str, str]]:
    """Go through the texts of a variable's value, each with the name that says what it is.

    That is the variable's own where it says so, and otherwise the key of the map that holds the text.
    """
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _named(name if _HOLDS_ID.search(name) else key, one)
    elif isinstance(value, tuple):
        for one in value:
            yield from _named(name, one)
    elif isinstance(value, str):
        yield name, value


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


def _weight(name: str, value: str) -> Weight | None:
    """Return the weight of a wrong value: what an account's number alone is used for nobody knows."""
    return Weight.WARNING if _is_example_account(name, value) else None


def _is_example_account(name: str, value: str) -> bool:
    return value == "123456789012" and _HOLDS_ACCOUNT.search(name) is not None


def _wrong(name: str, value: str) -> str | None:
    account = _ACCOUNT.match(value)
    if account is not None or _is_example_account(name, value):
        return f"{account['account'] if account else value} is the account of examples"
    found = _ID.fullmatch(value)
    if found is None or not _HOLDS_ID.search(name):
        return None
    kind, rest = found["kind"], found["rest"]
    if not _REAL.fullmatch(rest):
        return f"an id of this kind is {kind}- and 8 or 17 digits of 0-9a-f"
    if len(set(rest)) == 1 or rest in _COUNTED or rest[:-1] in _COUNTED or rest[1:] in _COUNTED:
        return "it is the id of an example"
    return None


@check(
    "terraform-variables-read",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Remove the variable, or use it where its value is written by hand", minutes=5),
)
def terraform_variables_read(terraform: Terraform, sources: Sources, words: ProgramWords) -> Iterator[Answer]:
    """Every declared variable is read by its module."""
    by_module = {module.directory: unread(module, sources) for module in terraform if module.variables}
    found = {directory: blocks for directory, blocks in by_module.items() if blocks}
    if found:
        told = "; ".join(
            f"{shown(directory)} declares and never reads {listed([one.name for one in blocks])}"
            for directory, blocks in list(found.items())[:_MOST_MODULES]
        )
        more = f"; and so do {len(found) - _MOST_MODULES} more" if len(found) > _MOST_MODULES else ""
        places = [block.at() for blocks in found.values() for block in blocks]
        given = [*_given_unread(terraform, found), *_passed(terraform, found, sources, words)]
        yield broken(
            "unread variables",
            f"{told}{more}: a value given to one has no effect",
            *places,
            *given,
            remedy=_remove_both(given) if given else None,
        )
    elif by_module:
        yield holds("unread variables", "every module reads its variables")


def _passed(
    terraform: Terraform, found: Mapping[str, tuple[Block, ...]], sources: Sources, words: ProgramWords
) -> Iterator[Evidence]:
    """Go through the scripts and programs that give what a root does not read; only roots are given any."""
    roots = [one for one in found if not any(callers(terraform, terraform.modules[one]))]
    names = {one.name for root in roots for one in found[root]}
    for source in sources.saying("-var", "TF_VAR_", told=False):
        for number, line in enumerate(source.lines, 1):
            if not names.isdisjoint(_GIVEN.findall(line)):
                yield source.at(number)
    for name in sorted(names):
        yield from words.places.get(name, ())


def _given_unread(terraform: Terraform, unread: Mapping[str, tuple[Block, ...]]) -> Iterator[Evidence]:
    """Go through the places that give a value to what is not read: who removes the variable removes them."""
    names = {directory: {one.name for one in blocks} for directory, blocks in unread.items()}
    for directory, lacking in names.items():
        module = terraform.modules[directory]
        for values in module.tfvars:
            given = ((name, one) for name, one in values.attributes.items() if name in lacking)
            yield from (values.source.at(one.line) for _, one in given)
        for _, call in callers(terraform, module):
            yield from (call.at(name) for name in call.attributes if name in lacking)


def _remove_both(given: list[Evidence]) -> Remedy:
    where = listed([f"{one.file}:{one.line}" for one in given], 3)
    return Remedy(
        summary=f"Take away what gives it a value ({where}) first, then the variable: terraform refuses "
        "`-var` and arguments of what is not declared; or use it where its value is written by hand",
        minutes=5,
    )


_MOST_MODULES = 4


# What people write into these resources and the AWS provider refuses, with what it has instead.
_ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "aws_instance": {
        "spot_price": "instance_market_options { spot_options { max_price } }",
        "spot_type": "instance_market_options { spot_options { spot_instance_type } }",
        "instance_interruption_behavior": (
            "instance_market_options { spot_options { instance_interruption_behavior } }"
        ),
        "image_id": "ami",
        "security_group_ids": "vpc_security_group_ids",
    },
    "aws_launch_template": {
        "ami": "image_id",
        "root_block_device": "block_device_mappings",
        "ebs_block_device": "block_device_mappings",
        "subnet_id": "network_interfaces { subnet_id }",
        "associate_public_ip_address": "network_interfaces { associate_public_ip_address }",
    },
}


@check(
    "terraform-arguments-known",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Write it as the provider knows it", minutes=10),
)
def terraform_arguments_known(terraform: Terraform) -> Iterator[Answer]:
    """No resource has an argument that belongs to another kind of resource: terraform refuses to plan."""
    yield from of_one_cause(merged(_arguments(terraform)))


def _arguments(terraform: Terraform) -> Iterator[Answer]:
    for module in terraform:
        for block in module.of("resource"):
            refused = _ARGUMENTS.get(block.labels[0], {}) if len(block.labels) == 2 else {}
            lines = {name: one.line for name, one in block.attributes.items()}
            lines |= {one.type: one.line for one in block.blocks}
            for name, instead in refused.items():
                subject = f"{shown(module.directory)}: {block.labels[0]}: {name}"
                if name in lines:
                    told = f"{block.labels[0]} has no {name}; it has {instead}"
                    place = block.source.at(lines[name])
                    renamed = name in block.attributes and instead.isidentifier() and instead not in lines
                    edits = corrected(name, instead, place) if renamed else ()
                    yield broken(subject, told, place, edits=edits)
                else:
                    yield holds(subject, "is not used")

"""What the machine image of an instance brings along, where its Terraform tells which one it is."""

from __future__ import annotations

import re

from tasks.domain.terraform import Block, Expression, Module

_IMAGE = re.compile(
    r"(?:data\.)?(aws_ami|aws_ssm_parameter)\.([\w-]+)(?:\[0\])?\.(?:id|image_id|value|insecure_value)"
)
_CANONICAL = frozenset({"099720109477"})
_AMAZON = frozenset({"amazon", "137112412989"})
_UBUNTU = re.compile(r"ubuntu-[a-z*]+-(\d\d)\.(\d\d)-|/canonical/ubuntu/[\w-]+/(\d\d)\.(\d\d)/")
_AL2023 = re.compile(r"^al2023-ami-|/ami-amazon-linux-latest/al2023-")
_SINCE = (24, 4)  # the first long-term Ubuntu whose images are registered with ImdsSupport v2.0


def asks_tokens_itself(module: Module, machine: Block) -> bool:
    """Tell whether an instance's or template's image is certain to require IMDSv2 of what starts from it.

    Images of Amazon Linux 2023, and Canonical's of Ubuntu 24.04 and later, are registered with
    ``ImdsSupport`` v2.0 (hashicorp/terraform-provider-aws#38294): without options of its own a machine
    comes up with http_tokens = required.
    """
    value = machine.get("ami" if machine.labels[:1] == ("aws_instance",) else "image_id")
    named = _IMAGE.fullmatch(value.text) if isinstance(value, Expression) else None
    found = module.of("data", named[1], named[2]) if named else ()
    if not named or len(found) != 1:
        return False
    if named[1] == "aws_ssm_parameter":
        name = found[0].get("name")
        return (
            isinstance(name, str)
            and name.startswith("/aws/service/")
            and _is_such(name, _CANONICAL | _AMAZON)
        )
    owners = found[0].get("owners")
    names = [
        one
        for kept in found[0].inner("filter")
        if kept.get("name") == "name"
        for one in _texts(kept.get("values"))
    ]
    given = frozenset(_texts(owners))
    return bool(given) and bool(names) and all(_is_such(name, given) for name in names)


def _is_such(name: str, owners: frozenset[str]) -> bool:
    """Tell whether every image of that name is one of those that require tokens."""
    ubuntu = _UBUNTU.search(name)
    if ubuntu is not None and owners >= _CANONICAL and owners <= _CANONICAL | _AMAZON:
        year, month = (one for one in ubuntu.groups() if one is not None)
        return (int(year), int(month)) >= _SINCE
    return _AL2023.search(name) is not None and bool(owners & _AMAZON) and owners <= _CANONICAL | _AMAZON


def _texts(value: object) -> tuple[str, ...]:
    """Return the elements of a list of literals; nothing for one of which an element is computed."""
    if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
        return ()
    return value

"""Whether the further volumes of machines are used by what starts the machines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_values import calls, module_path, shown

_MOUNTS = re.compile(
    r"\b(?:mounts?|mkfs|mdadm|pvcreate|vgcreate|zpool|fstab|mkswap|swapon|parted|nvme|lsblk|fs_setup|disk_setup)\b"
    r"|/dev/(?:sd|xvd|nvme|disk|mapper|md)|<powershell>"
)
_MOUNTS_ELSEWHERE = re.compile(
    r"\bmkfs|\bfstab\b|\bmount\s+(?:-\w|/|\"?\$)|\bfs_setup\b|filesystem:|posix\.mount"
)
_FETCHES = re.compile(
    r"ansible|puppet|salt|chef|git clone|\bs3 (?:cp|sync)|\bcurl\b|\bwget\b|cloud-config|\$\("
)
"""What may bring the script that really sets the machine up."""
_GIVEN = ("user_data", "user_data_base64")


@check(
    "volumes-mounted",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Format and mount the volume at start, or do not pay for it", minutes=20),
    subject="cloud-nodes",
)
def volumes_mounted(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every further volume of an instance is formatted or mounted by the script that starts it."""
    for module in terraform:
        for block in module.of("resource", "aws_instance"):
            yield from _volumes(module, block, sources)


def _volumes(module: Module, block: Block, sources: Sources) -> Iterator[Answer]:
    own, attached = block.inner("ebs_block_device"), _attached(module, block)
    subject = f"{shown(module.directory)}: {block.address}"
    script = _started_by(module, block, sources)
    told: str | None = None
    places: tuple[Evidence, ...] = ()
    if not own and not attached:
        return
    volume = (*own, *attached)[0].at()
    if script is not None:
        told = f"{script.path} neither formats nor mounts it"
        places = volume, script.at(1)
        if _MOUNTS.search(script.text):
            yield holds(subject, "is used")
            return
        sure = bool(own) or not _FETCHES.search(script.text)
    else:
        text = _said(block)
        sure = text is not None and not _MOUNTS.search(text) and not _FETCHES.search(text)
        given = next((name for name in _GIVEN if name in block.attributes), None)
        told = f"its {given} neither formats nor mounts it" if given else "no user_data that would mount it"
        places = (volume, block.at(given) if given else block.at())
    if sure and ((script is not None and own) or not _is_mounted_elsewhere(sources)):
        yield broken(subject, f"{block.address} has a further volume, and {told}", *dict.fromkeys(places))


def _is_mounted_elsewhere(sources: Sources) -> bool:
    said = sources.saying("mkfs", "fstab", "mount", "fs_setup", "filesystem:", told=False)
    return any(_MOUNTS_ELSEWHERE.search(one.text) for one in said)


def _attached(module: Module, block: Block) -> tuple[Block, ...]:
    """Return the attachments of volumes of their own to an instance."""
    return tuple(
        one
        for one in module.of("resource", "aws_volume_attachment")
        if (to := one.attributes.get("instance_id")) is not None
        and any(".".join(reference.path[:2]) == block.address for reference in to.references)
    )


def _started_by(module: Module, block: Block, sources: Sources) -> Source | None:
    for name in _GIVEN:
        attribute = block.attributes.get(name)
        for call in calls(attribute.value) if attribute is not None else ():
            path = module_path(call.arguments[0], module) if call.arguments else None
            if call.function in ("file", "filebase64", "templatefile") and path is not None:
                return sources.get(path)
    return None


def _said(block: Block) -> str | None:
    """Return the text that starts an instance, empty without one; None when it is not all written there."""
    if any(one.type in ("provisioner", "launch_template", "dynamic") for one in block.blocks):
        return None
    texts = [_literal(block.get(name)) for name in _GIVEN if name in block.attributes]
    return None if None in texts else "\n".join(one for one in texts if one is not None)


def _literal(value: Value) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, Expression) and len(value.calls) == 1 and value.calls[0].function == "base64encode":
        inner = value.calls[0].arguments
        return inner[0] if len(inner) == 1 and isinstance(inner[0], str) else None
    return None

"""Whether the account's quotas have room for the machines that Terraform makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.cloud import CloudQuotas
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_values import possible, reached, shown

ON_DEMAND, SPOT = "L-1216C47A", "L-34B43A08"
_NAMES = {ON_DEMAND: "on-demand", SPOT: "spot"}
# The families that share one quota: A, C, D, H, I, M, R, T, Z.
_TYPE = re.compile(r"(?:a|c|d|h|i|im|is|m|r|t|z)\d\w*(?:-\w+)?\.(?P<times>\d*)(?P<size>[a-z]+)")
_VCPUS = {"nano": 1, "micro": 1, "small": 1, "medium": 1, "large": 2, "xlarge": 4}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """How many vCPUs a resource takes at least, of which quota, and where that is written."""

    quota: str
    vcpus: int
    at: Evidence


@check("vcpu-quota-suffices", phase=Phase.PROVISIONING)
def vcpu_quota_suffices(terraform: Terraform, quotas: CloudQuotas, settings: Settings) -> Iterator[Answer]:
    """Every module that Terraform is run in plans no more vCPUs than the account may have."""
    for root in terraform.roots:
        planned = [one for module in reached(terraform, root) for one in _planned(terraform, module)]
        for code, name in _NAMES.items():
            asked = [one for one in planned if one.quota == code]
            if not asked or code not in quotas.vcpus:
                continue
            total, limit = sum(one.vcpus for one in asked), quotas.vcpus[code]
            subject = f"{shown(root.directory)}: {name}"
            if isinstance(limit, Unseen):
                told = f"the quota of {name} vCPUs could not be seen: {limit.reason}"
                yield unknown(subject, told, weight=Weight.NOTE, remedy=_more(code, total, settings))
            elif limit is not None and total > limit:
                told = (
                    f"{shown(root.directory)} plans at least {total} {name} vCPUs, and the quota is {limit:g}"
                )
                places = sorted(asked, key=lambda one: -one.vcpus)
                yield broken(
                    subject, told, *(one.at for one in places[:5]), remedy=_more(code, total, settings)
                )
            else:
                yield holds(subject, f"{total} vCPUs fit")


def _more(code: str, total: int, settings: Settings) -> Remedy:
    request = f"aws service-quotas request-service-quota-increase --region {settings.aws.region}"
    return Remedy(
        summary="Ask AWS for a higher quota (hours to days), or plan fewer or smaller machines",
        commands=(f"{request} --service-code ec2 --quota-code {code} --desired-value {total}",),
        owner="aws-admin",
        minutes=10,
    )


def _planned(terraform: Terraform, module: Module) -> Iterator[Planned]:
    """Go through the machines whose type and number are certain."""
    for kind in ("aws_instance", "aws_spot_instance_request"):
        for block in module.of("resource", kind):
            vcpus = _vcpus(_only(terraform, module, block, "instance_type"))
            count = _only(terraform, module, block, "count") if "count" in block.attributes else 1
            market = block.inner("instance_market_options")
            computed = (
                "for_each" in block.attributes
                or (kind == "aws_instance" and "spot_price" in block.attributes)
                or (market and market[0].get("market_type") != "spot")
            )
            if vcpus is None or not isinstance(count, int) or count < 1 or computed:
                continue
            quota = SPOT if market or kind == "aws_spot_instance_request" else ON_DEMAND
            yield Planned(quota=quota, vcpus=vcpus * count, at=block.at("instance_type"))


def _only(terraform: Terraform, module: Module, block: Block, name: str) -> object:
    attribute = block.attributes.get(name)
    found = possible(terraform, module, block, attribute) if attribute is not None else ()
    return found[0].value if len(found) == 1 else None


def _vcpus(instance_type: object) -> int | None:
    found = _TYPE.fullmatch(instance_type) if isinstance(instance_type, str) else None
    if found is None or found["size"] not in _VCPUS:
        return None
    return _VCPUS[found["size"]] * int(found["times"] or 1)

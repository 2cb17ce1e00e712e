"""Whether terraform itself accepts the modules, where this machine has it."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.terraform_said import TerraformFormat, TerraformValid
from tasks.domain.terraform_values import shown


@check(
    "terraform-formatted",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Format them", commands=("terraform fmt -recursive",), minutes=1),
)
def terraform_formatted(said: TerraformFormat) -> Iterator[Answer]:
    """Every Terraform file is as `terraform fmt` writes it."""
    if said.files:
        names = ", ".join(said.files[:5]) + (" ..." if len(said.files) > 5 else "")
        places = (Evidence(file=one) for one in said.files[:10])
        yield broken("format", f"terraform fmt would change {len(said.files)} files: {names}", *places)
    else:
        yield holds("format", "is terraform's")


@check(
    "terraform-valid",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Correct what terraform names",
        commands=("terraform init -backend=false", "terraform validate"),
        minutes=15,
    ),
)
def terraform_valid(said: TerraformValid) -> Iterator[Answer]:
    """Every directory that terraform is run in passes `terraform validate`."""
    yield from merged(_complaints(said))


def _complaints(said: TerraformValid) -> Iterator[Answer]:
    for directory, complaints in said.modules.items():
        subject = shown(directory)
        if isinstance(complaints, Unseen):
            told = f"{subject} could not be validated: {complaints.reason}"
            yield unknown(subject, told, weight=Weight.WARNING if said.fetched else Weight.NOTE)
            continue
        for one in complaints:
            text = one.summary + (f": {one.detail.splitlines()[0]}" if one.detail else "")
            place = Evidence(source="terraform", file=one.file, line=one.line, excerpt=one.summary)
            weight = None if one.error else Weight.NOTE
            yield broken(f"{subject}: {one.summary}", text, place, weight=weight)
        if not complaints:
            yield holds(subject, "is valid")

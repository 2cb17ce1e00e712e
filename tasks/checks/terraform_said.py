"""Whether terraform itself accepts the modules, where this machine has it."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed, merged
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


_FETCH = Remedy(
    summary="Fetch the providers in each directory; terraform init names what stops it",
    commands=("terraform init -backend=false",),
    minutes=5,
)


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
    unseen = {one: why for one, why in said.modules.items() if isinstance(why, Unseen)}
    if unseen:
        names = listed([shown(one) for one in unseen])
        told = f"{names} could not be validated: {next(iter(unseen.values())).reason}"
        yield unknown("*", told, weight=Weight.WARNING if said.fetched else Weight.NOTE, remedy=_FETCH)
    for directory, complaints in said.modules.items():
        if isinstance(complaints, Unseen):
            continue
        for one in complaints:
            text = one.summary + (f": {one.detail.splitlines()[0]}" if one.detail else "")
            place = Evidence(source="terraform", file=one.file, line=one.line, excerpt=one.summary)
            weight = None if one.error else Weight.NOTE
            # A module's file is named once, however many directories use the module.
            yield broken(f"{one.file or shown(directory)}: {one.summary}", text, place, weight=weight)
        if not complaints:
            yield holds(shown(directory), "is valid")

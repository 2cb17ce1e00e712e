"""Whether terraform itself accepts the modules, where this machine has it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

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


_MOST_COMMANDS = 6


def _fetch(directories: Iterable[str]) -> Remedy:
    """Return how people see what stops ``terraform init`` in these directories."""
    return Remedy(
        summary="Fetch the providers in each directory; terraform init names what stops it",
        commands=tuple(f"{_terraform(one)} init -backend=false" for one in directories)[:_MOST_COMMANDS],
        minutes=5,
    )


def _validate(directory: str) -> Remedy:
    """Return how people hear the same of terraform, in the directory that was validated."""
    terraform = _terraform(directory)
    return Remedy(
        summary="Correct what terraform names",
        commands=(f"{terraform} init -backend=false", f"{terraform} validate"),
        minutes=15,
    )


def _terraform(directory: str) -> str:
    return f"terraform -chdir={shlex.quote(directory)}" if directory else "terraform"


@check(
    "terraform-valid",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Correct what terraform names", minutes=15),
)
def terraform_valid(said: TerraformValid) -> Iterator[Answer]:
    """Every directory that terraform is run in passes `terraform validate`."""
    yield from merged(_complaints(said))


def _complaints(said: TerraformValid) -> Iterator[Answer]:
    unseen = {one: why for one, why in said.modules.items() if isinstance(why, Unseen)}
    if unseen:
        names = listed([shown(one) for one in unseen])
        told = f"{names} could not be validated: {next(iter(unseen.values())).reason}"
        yield unknown(
            "*", told, weight=Weight.WARNING if said.fetched else Weight.NOTE, remedy=_fetch(unseen)
        )
    for directory, complaints in said.modules.items():
        if isinstance(complaints, Unseen):
            continue
        for one in complaints:
            text = one.summary + (f": {one.detail.splitlines()[0]}" if one.detail else "")
            place = Evidence(source="terraform", file=one.file, line=one.line, excerpt=one.summary)
            weight = None if one.error else Weight.NOTE
            # A module's file is named once, however many directories use the module.
            subject = f"{one.file or shown(directory)}: {one.summary}"
            yield broken(subject, text, place, weight=weight, remedy=_validate(directory))
        if not complaints:
            yield holds(shown(directory), "is valid")

"""Whether terraform itself accepts the modules, where this machine has it."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Container, Iterable, Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_reach import is_test_data
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
    files = [one for one in said.files if not is_test_data(posixpath.dirname(one))]
    if files:
        count = f"{len(files)} file{'s' if len(files) > 1 else ''}"
        places = (Evidence(file=one) for one in files[:10])
        yield broken("format", f"terraform fmt would change {count}: {listed(files, 5)}", *places)
    else:
        yield holds("format", "is terraform's")


_MOST_COMMANDS = 6


def _fetch(directories: Iterable[str], *, fetched: bool) -> Remedy:
    """Return how people see what stops ``terraform init`` in these directories, or how it gets providers.

    What ``terraform providers mirror`` puts into that directory, every terraform of the machine takes, and
    asks no registry for those providers any more (implied local mirrors, in HashiCorp's documents of the
    CLI's configuration); it stops where a module is not there, which ``terraform get`` brings.
    """
    if not fetched:
        return Remedy(
            summary="Look with --live, which fetches providers and modules for itself; or download the "
            "providers into ~/.terraform.d/plugins, after which terraform takes them from there alone in "
            "every project of this machine, until you remove the directory",
            commands=tuple(
                f"{_terraform(one)} get && {_terraform(one)} providers mirror ~/.terraform.d/plugins"
                for one in directories
            )[:_MOST_COMMANDS],
            minutes=5,
        )
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
def terraform_valid(said: TerraformValid, terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every directory that terraform is run in passes `terraform validate`."""
    broken_syntax = {source.path for module in terraform for source, _ in module.problems}
    yield from merged(_complaints(said, broken_syntax, sources))


def _complaints(said: TerraformValid, broken_syntax: Container[str], sources: Sources) -> Iterator[Answer]:
    unseen = {one: why for one, why in said.modules.items() if isinstance(why, Unseen)}
    if unseen:
        by_reason: dict[str, list[str]] = {}
        for directory, why in unseen.items():
            by_reason.setdefault(why.reason, []).append(shown(directory))
        told = "; ".join(
            f"{listed(names, 3)} could not be validated: {reason}" for reason, names in by_reason.items()
        )
        yield unknown(
            "*",
            told,
            weight=Weight.WARNING if said.fetched else Weight.NOTE,
            remedy=_fetch(unseen, fetched=said.fetched),
        )
    for directory, complaints in said.modules.items():
        if isinstance(complaints, Unseen):
            continue
        for one in complaints:
            if one.file in broken_syntax:
                continue  # terraform-parses tells it
            text = one.summary + (f": {one.detail.splitlines()[0]}" if one.detail else "")
            source = sources.get(one.file) if one.file is not None else None
            place = Evidence(source="terraform", file=one.file, line=one.line, excerpt=one.summary)
            place = place if source is None or one.line is None else source.at(one.line)
            weight = None if one.error else Weight.NOTE
            # A module's file is named once, however many directories use the module.
            subject = f"{one.file or shown(directory)}: {one.summary}"
            yield broken(subject, text, place, weight=weight, remedy=_validate(directory))
        if not complaints:
            yield holds(shown(directory), "is valid")

"""Whether the names that Terraform files refer to are declared."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.spelling import fumbled, misspelled
from tasks.domain.terraform import Module, Terraform
from tasks.domain.terraform_values import shown


@check(
    "terraform-names-declared",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Declare the name in the module, or correct its spelling", minutes=5),
)
def terraform_names_declared(terraform: Terraform) -> Iterator[Answer]:
    """Every `var.x` and `local.x` is declared in its own module; terraform refuses to plan otherwise."""
    for module in terraform:
        found = list(merged(_names(module)))
        lacking = [one for one in found if one.verdict is Verdict.BROKEN]
        if len(lacking) <= _FEW:
            yield from found
            continue
        where = shown(module.directory)
        names = [one.subject.rpartition(": ")[2] for one in lacking]
        told = f"{where} reads {listed(names)}, and declares none of them"
        yield broken(f"{where}: names", told, *(place for one in lacking for place in one.evidence))


_FEW = 3  # names that a module lacks by slips; more of them have one cause


def _names(module: Module) -> Iterator[Answer]:
    if module.in_part:
        return  # what could not be read may hold the declaration
    kinds = {"var": module.variables, "local": module.locals}
    for block, _, reference in module.references():
        declared = kinds.get(reference.root)
        if declared is None or len(reference.path) < 2:
            continue
        name = ".".join(reference.path[:2])
        subject = f"{shown(module.directory)}: {name}"
        if reference.path[1] in declared:
            yield holds(subject, "is declared")
        else:
            told = f"{block.address} reads {name}, which its module does not declare"
            place = block.source.at(reference)
            meant = misspelled(reference.path[1], declared)
            edits = () if meant is None else corrected(name, f"{reference.root}.{meant}", place, often=True)
            yield broken(subject, told, place, edits=edits)


@check(
    "terraform-value-has-variable",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the value under the name of the variable", minutes=2),
)
def terraform_value_has_variable(terraform: Terraform) -> Iterator[Answer]:
    """No values file names a variable that is not declared: terraform warns, and the value has no effect."""
    yield from _undeclared(terraform)
    for module in terraform:
        if module.in_part or not module.variables:
            continue
        for values in module.tfvars:
            unset = module.variables.keys() - values.attributes.keys()
            for name, attribute in values.attributes.items():
                meant = fumbled(name, unset) if name not in module.variables else None
                subject = f"{values.source.path}: {name}"
                if meant is None:
                    yield holds(subject, "is no slip of a variable")
                else:
                    told = f"gives {name} a value, and the module declares {meant}: it has no effect"
                    place = module.variables[meant].at()
                    at = values.source.at(attribute.line)
                    yield broken(subject, told, at, place, edits=corrected(name, meant, at))


def _undeclared(terraform: Terraform) -> Iterator[Answer]:
    """Tell once of the values that files beside a module give to what no module declares."""
    found: list[tuple[str, Evidence]] = []
    for module in terraform:
        if module.in_part or not module.variables or not module.tfvars:
            continue
        # A file may be shared by several roots, each of which declares what it needs.
        others = {name for one in terraform if one is not module for name in one.variables}
        for values in module.tfvars:
            own = [name for name in values.attributes if name in module.variables]
            lacking = [name for name in values.attributes if name not in own and name not in others]
            if 2 * len(own) <= len(values.attributes):
                continue  # it is more of another root than of this one
            unset = module.variables.keys() - set(own)
            slips = {name for name in lacking if fumbled(name, unset) is not None}
            found += [
                (name, values.source.at(values.attributes[name].line))
                for name in lacking
                if name not in slips
            ]
    if found:
        names = listed([*dict.fromkeys(name for name, _ in found)])
        told = f"a value is given to {names}, which no module declares: terraform warns, and it has no effect"
        places = [place for _, place in found]
        yield broken("undeclared", told, *places[:MOST_PLACES], weight=Weight.NOTE, remedy=_DECLARE)


_DECLARE = Remedy(summary="Take the value out, or declare the variable and read it", minutes=5)

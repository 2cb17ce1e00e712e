"""Whether what is asked of Terraform's outputs is one of them."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts, Word
from tasks.domain.spelling import misspelled
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import TerraformRun, terraform_runs
from tasks.domain.terraform_values import shown


@check(
    "terraform-output-declared",
    phase=Phase.DEPLOYMENT,
    remedy=Remedy(summary="Declare the output in that module, or ask for one that it has", minutes=5),
)
def terraform_output_declared(scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Every output that a workflow or a script asks terraform for is declared in the module it runs in."""
    if terraform.modules:
        yield from merged(_outputs(scripts, terraform))


def _outputs(scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    everywhere = {name for module in terraform for name in module.outputs}
    whole = not any(module.in_part for module in terraform)
    for run in terraform_runs(scripts, terraform):
        word = _name(run) if run.action == "output" else None
        name = None if word is None else word.literal
        if word is None or not name or run.script.never:
            continue
        where = f"{run.script.path.rpartition('/')[2]}: terraform output {name}"
        if run.module is not None:
            if run.module.in_part or not run.module.files:
                continue
            declared, place = frozenset(run.module.outputs), shown(run.module.directory)
        elif run.directory is None and whole and everywhere:
            # Wherever it is run: a script changes into a directory that only a run tells.
            declared, place = frozenset(everywhere), "no module of the repository"
        else:
            continue
        if name in declared:
            yield holds(where, "is declared")
            continue
        lost = not run.command.fatal
        ends = "what is asked for is always empty" if lost else "it ends with an error"
        told = (
            f"{place} declares no output {name}" if run.module else f"{place} declares an output {name}"
        ) + f": {ends}"
        weight = Weight.WARNING if lost or run.script.job is None else None
        meant = misspelled(name, declared)
        at = run.script.source.at(word)
        yield broken(where, told, at, weight=weight, edits=corrected(name, meant, at) if meant else ())


def _name(run: TerraformRun) -> Word | None:
    """Return the word that names an output; None without one, or with what is not certain."""
    following = False
    for word in run.options:
        if following:
            following = False
        elif not word.beginning:
            return None
        elif word.beginning.startswith("-"):
            following = word.text.lstrip("-") == "state"
        else:
            return word
    return None

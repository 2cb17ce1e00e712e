"""Whether the outputs of Terraform that documents tell people to ask for are declared."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.checks.documented_commands import told
from tasks.domain.answers import listed
from tasks.domain.check import Answer, check
from tasks.domain.document import Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Command
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.told import Told, named, once
from tasks.domain.tree import Tree


@check(
    "documented-output-declared",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Correct the document, or declare the output", minutes=5),
)
def documented_output_declared(
    documents: Documents, terraform: Terraform, tree: Tree, sources: Sources
) -> Iterator[Answer]:
    """Every output that a document tells people to ask terraform for is declared in some module here."""
    declared = {name for module in terraform for name in module.outputs}
    if not declared or any(module.in_part for module in terraform):
        return
    said = tuple(
        one
        for one in _outputs(documents, tree, declared)
        if not any(sources.saying(f'output "{one.name}"'))  # also by what documents show
    )
    yield from once(said, lambda told_: f"tells to ask for {_shown(named(told_))}, which no module declares")


def _shown(names: list[str]) -> str:
    return f"the output{'s' if len(names) > 1 else ''} {listed(names)}"


def _outputs(documents: Documents, tree: Tree, declared: set[str]) -> Iterator[Told]:
    for document, _, command in told(documents, tree, "terraform output", "tofu output"):
        name = _asked(command) if command.program in ("terraform", "tofu") else None
        if name is not None and name not in declared:
            yield Told(document=document.path, name=name, place=document.source.at(command))


def _asked(command: Command) -> str | None:
    """Return the output that a command asks for; None for another command, or what is not certain."""
    words = [word for word in command.arguments if not word.text.startswith("-")]
    if len(words) != 2 or words[0].literal != "output":
        return None
    name = words[1].literal
    return name if name is not None and name.isidentifier() and not name.isupper() else None

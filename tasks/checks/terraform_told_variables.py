"""Whether the variables of Terraform that people are told to export are declared by a module."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.check import Answer, check
from tasks.domain.document import Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.spelling import misspelled
from tasks.domain.terraform import Terraform
from tasks.domain.told import Told, once

_NAMED = re.compile(r"(?<![\w$])TF_VAR_(?P<name>[A-Za-z]\w*)(?![\w*<{])")
_EXPORTED = re.compile(r"^\s*export\s+TF_VAR_(?P<name>[A-Za-z]\w*)=")
_STANDS_FOR = re.compile(r"(?:^|_)(?:name|var|variable|foo|bar|example|my|your|x+)(?:_|$)", re.IGNORECASE)


@check(
    "terraform-told-variable-declared",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Name the variable as a module declares it, or leave it out", minutes=5),
)
def terraform_told_variable_declared(
    documents: Documents, sources: Sources, terraform: Terraform
) -> Iterator[Answer]:
    """Every `TF_VAR_` variable of documents and scripts is declared: terraform ignores others silently."""
    modules = tuple(terraform)
    if not modules or any(one.in_part for one in modules):
        return
    if any(one.path.endswith("terragrunt.hcl") for one in sources):
        return
    declared = {name for module in modules for name in module.variables}
    yield from once(tuple(_told(documents, sources, declared)), lambda told: _say(told, declared))


def _say(told: list[Told], declared: set[str]) -> str:
    names = [one.name for one in told]
    said = f"has {' and '.join(f'TF_VAR_{one}' for one in names[:3])} set"
    said += f" and {len(names) - 3} more" if len(names) > 3 else ""
    meant = misspelled(names[0], declared) if len(names) == 1 else None
    return f"{said}, which no module declares: it has no effect" + (f" ({meant} is)" if meant else "")


def _told(documents: Documents, sources: Sources, declared: set[str]) -> Iterator[Told]:
    followed_texts = [(one.source, _NAMED) for one in followed(documents, "TF_VAR_")]
    scripts = [(one, _EXPORTED) for one in sources.saying("TF_VAR_", told=False) if one.path.endswith(".sh")]
    for source, pattern in (*followed_texts, *scripts):
        for number, line in enumerate(source.lines, 1):
            for found in pattern.finditer(line) if "TF_VAR_" in line else ():
                name = found["name"]
                if name in declared or _STANDS_FOR.search(name) or _is_read(name, sources):
                    continue
                yield Told(document=source.path, name=name, place=source.at(number))


def _is_read(name: str, sources: Sources) -> bool:
    """Tell whether something else than terraform takes the value."""
    read = re.compile(rf"\$\{{?TF_VAR_{name}\b|(?:env\.|getenv\W+|environ\W+|var\W+)TF_VAR_{name}\b")
    return any(read.search(one.text) for one in sources.saying(f"TF_VAR_{name}"))

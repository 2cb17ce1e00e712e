"""Whether what a template reads is handed to it: terraform fails to plan for one name that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.terraform import Call, Module, Terraform
from tasks.domain.terraform_values import calls, module_path, nested, shown

_READ = re.compile(r"(?<!\$)\$\{~?[ \t]*(?P<name>[A-Za-z_][\w-]*)[ \t]*(?:~?\}|[.\[])")
_BOUND = re.compile(r"(?:%\{~?|[\[{])\s*for\s+(?P<names>\w+(?:\s*,\s*\w+)?)\s+in\b")
"""What a loop binds, be it a directive or inside an expression."""
_WRITTEN_NAME = re.compile(r"[A-Za-z_][\w-]*")

_NO_EXPRESSION = re.compile(r"(?<!\$)\$\{(?:\w+(?::[-+=?]|##|%%|//)|#\w)")
_NO_DIRECTIVE = re.compile(r"(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)")
"""What the shell and curl write so (``${NAME:-x}``, ``%{http_code}``) and terraform cannot read."""


@check(
    "terraform-template-is-given",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Hand the value to the template, or write $${...} for what the shell is to fill in", minutes=5
    ),
)
def terraform_template_is_given(terraform: Terraform, sources: Sources) -> Iterator[Answer]:
    """Every template of `templatefile()` can be read, and is handed each name that it fills in."""
    yield from merged(
        answer
        for module in terraform
        for block in module.blocks
        for inner in nested(block)
        for attribute in inner.attributes.values()
        for call in calls(attribute.value)
        if call.function == "templatefile"
        for answer in _given(module, block.source, call, sources)
    )


def _given(module: Module, where: Source, call: Call, sources: Sources) -> Iterator[Answer]:
    path = module_path(call.arguments[0], module) if len(call.arguments) == 2 else None
    template = None if path is None else sources.get(path)
    given = call.arguments[-1]
    if template is None or not template.readable:
        return
    yield from _unreadable(template, f"{shown(module.directory)}: {path}", where, call)
    if not isinstance(given, Mapping):
        return
    if not all(_WRITTEN_NAME.fullmatch(name) for name in given):
        return  # a key is computed
    bound = {name.strip() for found in _BOUND.finditer(template.text) for name in found["names"].split(",")}
    subject = f"{shown(module.directory)}: {path}"
    wrong = False
    for number, line in enumerate(template.lines, 1):
        if "${" not in line:
            continue
        for found in _READ.finditer(line):
            name = found["name"]
            if name in given or name in bound:
                continue
            wrong = True
            told = f"the template reads {name}, and is handed {listed(list(given))}: terraform fails to plan"
            yield broken(f"{subject}: {name}", told, template.at(number), where.at(call.line))
    if not wrong:
        yield holds(subject, "is handed what it reads")


def _unreadable(template: Source, subject: str, where: Source, call: Call) -> Iterator[Answer]:
    """Tell what is meant for the shell, and which terraform takes for its own and refuses."""
    for number, line in enumerate(template.lines, 1):
        if "${" not in line and "%{" not in line:
            continue
        for pattern, sign in ((_NO_EXPRESSION, "$${"), (_NO_DIRECTIVE, "%%{")):
            found = pattern.search(line)
            if found is not None:
                told = (
                    f"terraform takes {found[0]}... for its own and fails to plan; {sign} leaves it as it is"
                )
                yield broken(f"{subject}: {found[0]}", told, template.at(number), where.at(call.line))

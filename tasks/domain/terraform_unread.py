"""Which declared variables of a module nothing reads, and which of them are unread on purpose."""

from __future__ import annotations

import re

from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Module

_ALLOWED = "tflint-ignore: terraform_unused_declarations"
_ON_PURPOSE = re.compile(
    r"\bun(?:used|read)\b|\bnot (?:used|read)\b"
    r"|\bundeclared\b|\bsilence[sd]?\b|\bshared (?:\S+ )?\S*tfvars\b",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(?:\s*(?:(?:#|//)[^\n]*(?:\n|\Z)|/\*.*?\*/))*", re.DOTALL)
_BECOMES_TERRAFORM = (".tf.json", ".hcl", ".tpl", ".tmpl", ".tftpl", ".j2")


def unread(module: Module, sources: Sources) -> tuple[Block, ...]:
    """Return the variables that nothing of a module reads, nor a file that is made into one of its own."""
    if module.in_part:
        return ()
    references = [reference for _, _, reference in module.references() if reference.root == "var"]
    if any(len(reference.path) == 1 for reference in references):
        return ()  # the whole of `var` is handed on
    read = {reference.path[1] for reference in references}
    begin = f"{module.directory}/" if module.directory else ""
    others = [
        one.text
        for one in sources
        if one.path.startswith(begin) and one.path.endswith(_BECOMES_TERRAFORM) and "var." in one.text
    ]
    return tuple(
        block
        for name, block in module.variables.items()
        if name not in read
        and not any(f"var.{name}" in text for text in others)
        and _ALLOWED not in (block.source.line(block.line - 1) or "")
        and not _is_unread_on_purpose(block)
    )


def _is_unread_on_purpose(block: Block) -> bool:
    """Tell whether its file's name, the comment at the top of that, or its own description says so.

    Terraform warns of values for variables that are not declared: modules that share one file of values
    declare all of them.
    """
    name = block.source.path.rpartition("/")[2].removesuffix(".tf").replace("_", " ").replace("-", " ")
    text = block.source.text
    header = _HEADER.match(text)
    end = header.end() if header else 0
    if text[end : end + 1].strip() and text.count("\n", 0, end) + 1 != block.line:
        header = None  # it is about the block below it alone
    description = block.get("description")
    said = (name, header[0] if header else "", description if isinstance(description, str) else "")
    return any(_ON_PURPOSE.search(one) for one in said)

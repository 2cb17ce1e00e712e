"""Texts of Terraform with the values of variables and locals filled in, where each has just one."""

from __future__ import annotations

import re

from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.terraform import Attribute, Expression, Module, Terraform, Value
from tasks.domain.terraform_values import DEEPEST, possible

_FILLED = re.compile(r"\$\{\s*((?:var|local)\.[A-Za-z_][\w-]*)\s*\}")
_BARE = re.compile(r"(?:var|local)\.[A-Za-z_][\w-]*")


def text_of(terraform: Terraform, module: Module, value: Value, depth: int = 0) -> str | None:
    """Return the only text that a value can be by the repository's files; None when it is not certain."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Expression) or depth > DEEPEST:
        return None
    written = value.text.strip()
    if _BARE.fullmatch(written):
        return _named(terraform, module, written, depth)
    if not (written.startswith('"') and written.endswith('"')):
        return None
    made = written[1:-1]
    for name in dict.fromkeys(_FILLED.findall(made)):
        filled = _named(terraform, module, name, depth)
        if filled is None:
            return None
        made = filled.join(re.split(r"\$\{\s*" + re.escape(name) + r"\s*\}", made))
    return None if "${" in made or "%{" in made else made


def _named(terraform: Terraform, module: Module, name: str, depth: int) -> str | None:
    kind, _, word = name.partition(".")
    if kind == "local":
        given = module.locals.get(word)
        return None if given is None else text_of(terraform, module, given.value, depth + 1)
    block = module.variables.get(word)
    if block is None:
        return None
    found = {one.attributes[word].value for one in module.tfvars if word in one.attributes}
    if not found and module.is_root and "default" in block.attributes:
        # Whoever else calls it, it is also run by itself, with its own defaults.
        return text_of(terraform, module, block.get("default"), depth + 1)
    if not found:
        asked = Attribute(name=word, line=block.line, value=Expression(text=name, line=block.line))
        found = {one.value for one in possible(terraform, module, block, asked)}
    one = found.pop() if len(found) == 1 else None
    return one if isinstance(one, str) else None


def passed(name: str, scripts: Scripts, sources: Sources) -> bool:
    """Tell whether somebody gives a variable of Terraform another value than its default."""
    if any(True for _ in sources.saying(f"TF_VAR_{name}")):
        return True
    given = re.compile(rf"(?:^|['\"=\s]){re.escape(name)}=")
    return any(
        given.search(word.text) or word.text.startswith("-var-file")
        for _, command in scripts.commands("terraform", "tofu")
        for word in command.words
    )

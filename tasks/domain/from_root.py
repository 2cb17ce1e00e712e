"""Whether a command of a document is plainly run at the repository's root, with nothing but what is in it."""

from __future__ import annotations

import re

from tasks.domain.document import Document
from tasks.domain.script import Command, Script
from tasks.domain.source import Sources
from tasks.domain.tree import SUBMODULE, Tree

_MOVES = re.compile(
    r"\b(?:cd|pushd|clone[ds]?|cloning|mkdir|curl|wget|tar|unzip|untar|new|init|generate\w*|create\w*|"
    r"scaffold\w*|extract\w*|download\w*|scp|rsync|ssh|exec|cp|ln|mv|degit|checkout)\b",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\b(?:your|their|user'?s?|another|other|separate|different|client|target)\s+(?:[\w-]+\s+)?"
    r"(?:repositor(?:y|ies)|repos?|projects?|crates?|director(?:y|ies)|servers?|machines?|hosts?)\b"
    r"|\bclon(?:e|ed|ing)\b|\bexample\b|\be\.g\.|\bsuppose\b",
    re.IGNORECASE,
)


def runs_at_root(  # noqa: PLR0917 - every fact is one
    path: str, document: Document, script: Script, command: Command, tree: Tree, sources: Sources
) -> bool:
    """Tell whether a path of which not even the beginning is there can only be meant from the root.

    It stands in a shell block of a document of the root; nothing above brings files or leads elsewhere, and
    nothing else of the repository but documents speaks of the place.
    """
    top = path.split("/", maxsplit=1)[0]
    if "/" in document.path or top in tree.named or any(one.mode == SUBMODULE for one in tree):
        return False
    blocks = [one for one in document.blocks if one.is_shell and one.line <= command.line]
    if not blocks or command.line > blocks[-1].line + blocks[-1].text.count("\n"):
        return False
    lines = document.source.lines
    inside = lines[blocks[-1].line - 1 : command.line - 1]
    if any(_MOVES.search(one) for one in (*(one.text for one in blocks[:-1]), *inside)):
        return False
    moved = any(one.program in ("cd", "pushd") and one is not command for one in script.earlier(command))
    if moved or any(_AWAY.search(line) for line in lines[: command.line]):
        return False
    return not any(_speaks(one.path, one.text, top) for one in sources.saying(top, told=False))


def _speaks(path: str, text: str, top: str) -> bool:
    """Tell whether a text has a path with this beginning, or a rule for git that may be about one."""
    return f"{top}/" in text or f"/{top}" in text or path.endswith("ignore")

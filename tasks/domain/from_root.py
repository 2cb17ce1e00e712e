"""Whether a command of a document is plainly run at the repository's root, with nothing but what is in it."""

from __future__ import annotations

import re

from tasks.domain.document import Document
from tasks.domain.own_clone import is_root, own_names, without_own_clones
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

_CLONES = re.compile(r"\bclon(?:e|ed|ing)\b", re.IGNORECASE)
_TO = re.compile(r"\s+([\w./-]+)")
_TERRAFORM = re.compile(r"\b(?:terraform|tofu)\b.*\binit\b")
_SAVES = re.compile(r"\s-\w*[oO]\b|--output|--remote-name|>|\b(?:tar|unzip|sh|bash)\b")


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
    names = own_names(sources)
    lines = document.source.lines
    inside = "\n".join(lines[blocks[-1].line - 1 : command.line - 1])
    texts = [without_own_clones(one, names) for one in (*(str(one.text) for one in blocks[:-1]), inside)]
    if any(_moves(one, tree) for one in texts):
        return False
    gone = [one for one in script.earlier(command) if one.program in ("cd", "pushd")]
    if any(not is_root(one.literals[0] or "" if one.literals else "", names) for one in gone):
        return False
    above = without_own_clones("\n".join(lines[: command.line]), names)
    cloned = len(above) < sum(len(one) + 1 for one in lines[: command.line]) - 1
    if cloned and "git clone" not in above:
        above = _CLONES.sub("", above)
    if _AWAY.search(above.replace(path, "")):
        return False
    return not any(_speaks(one.path, one.text, top) for one in sources.saying(top, told=False))


def _moves(text: str, tree: Tree) -> bool:
    """Tell whether commands bring files or lead people elsewhere, not only to another directory of here."""
    for line in text.split("\n"):
        for found in _MOVES.finditer(line):
            word = found[0].lower()
            to = _TO.match(line, found.end()) if word in ("cd", "pushd") else None
            if to is not None and (to[1] in ("..", "-") or tree.directory(to[1])):
                continue
            if word == "init" and _TERRAFORM.search(line):
                continue
            if word == "curl" and not _SAVES.search(line):
                continue
            return True
    return False


def _speaks(path: str, text: str, top: str) -> bool:
    """Tell whether a text has a path with this beginning, or a rule for git that may be about one."""
    return f"{top}/" in text or f"/{top}" in text or path.endswith("ignore")

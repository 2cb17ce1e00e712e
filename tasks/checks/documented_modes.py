"""Whether the scripts that documents tell people to run by their paths may be executed."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check
from tasks.domain.document import Document, Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed
from tasks.domain.foreign_section import of_another_project
from tasks.domain.own_clone import own_names
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.tree import EXECUTABLE, SYMLINK, Tree

_PLAIN = re.compile(r"\.{0,2}/?[\w./-]+")
_BROUGHT = re.compile(r"\b(?:curl|wget|chmod|unzip|tar|scp|docker|install|icacls)\b")


@check(
    "documented-script-executable",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
)
def documented_script_executable(
    documents: Documents, scripts: Scripts, sources: Sources, tree: Tree
) -> Iterator[Answer]:
    """Every script of the repository that a document runs by its path may be executed: git has its mode."""
    found: dict[str, list[Evidence]] = {}
    for path, place in _told(documents, sources, tree):
        found.setdefault(path, []).append(place)
    by_workflow = _run_by_workflows(scripts) if found else frozenset()
    paths = sorted(
        path for path in found if path not in by_workflow
    )  # workflow-script-executable tells of those
    if not paths:
        return
    many = len(paths) > 1
    given = " ".join(shlex.quote(path) for path in paths)
    told = (
        f"documents tell people to run {listed(paths)}, and git has {'them' if many else 'it'} with mode "
        "100644: the shell of a fresh clone answers `Permission denied`"
    )
    commit = f"git -c core.fileMode=true commit -m 'Make it executable' -- {given}"
    remedy = Remedy(
        summary=f"Make the {'scripts' if many else 'script'} executable in git",
        commands=(f"chmod +x {given} && git update-index --chmod=+x {given} && {commit}",),
        minutes=2,
    )
    places = [place for path in paths for place in found[path]]
    yield broken("scripts that documents run", told, *places[:MOST_PLACES], remedy=remedy)


def _told(documents: Documents, sources: Sources, tree: Tree) -> Iterator[tuple[str, Evidence]]:
    """Go through the scripts that may not be executed, with the places that run them by their paths."""
    plain = {
        posixpath.basename(one.path)
        for one in tree
        if one.mode not in (EXECUTABLE, SYMLINK) and _has_shebang(one.path, sources)
    }
    if not plain:
        return
    sites, own = Sites.of(tree), own_names(sources)
    for document in followed(documents, *plain):
        if sites.have(document):
            continue
        words = tuple(name for name in plain if name in document.source.text)
        for script in (*document.scripts_with(*words), *document.spoken_with("./", "../")):
            for command in script.commands:
                first = command.words[0].literal if command.words else None
                if first is None or posixpath.basename(first) not in words or not _PLAIN.fullmatch(first):
                    continue
                path = _meant(first, tree) if "/" in first else None
                entry = tree.file(path) if path is not None else None
                if path is None or entry is None or entry.mode in (EXECUTABLE, SYMLINK):
                    continue
                if _may_be_made(path, document, script) or of_another_project(
                    document, command.line, tree, own
                ):
                    continue
                yield path, document.source.at(command)


def _has_shebang(path: str, sources: Sources) -> bool:
    text = sources.get(path)
    return text is not None and text.text.startswith("#!")


def _meant(first: str, tree: Tree) -> str | None:
    """Return the one file of its name, where a path that people type can mean it."""
    named = [path for path in tree.named.get(posixpath.basename(first), ()) if path in tree.entries]
    ending = posixpath.normpath(first).lstrip("./")
    return named[0] if len(named) == 1 and f"/{named[0]}".endswith(f"/{ending}") else None


def _may_be_made(path: str, document: Document, script: Script) -> bool:
    """Tell whether the document brings the file from elsewhere, or gives it the right mode before."""
    name = posixpath.basename(path)
    lines = document.source.lines
    return _BROUGHT.search(script.text) is not None or any(
        _BROUGHT.search(line) and (name in line or "chmod" in line) for line in lines
    )


def _run_by_workflows(scripts: Scripts) -> frozenset[str]:
    found = set()
    for script in scripts:
        for command in script.commands if script.job is not None and "chmod" not in script.text else ():
            first = command.run[0].literal if command.run else None
            path = command.path(first) if first is not None and "/" in first else None
            if path is not None:
                found.add(path)
    return frozenset(found)

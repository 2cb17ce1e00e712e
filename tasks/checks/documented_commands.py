"""Whether the targets that documents tell `make` and `just` to make are in the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, check
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed
from tasks.domain.foreign_section import of_another_project
from tasks.domain.own_clone import own_names, without_own_clones
from tasks.domain.phase import Phase
from tasks.domain.recipes import recipes
from tasks.domain.script import Command, Script
from tasks.domain.source import Sources
from tasks.domain.told import Told, named, once
from tasks.domain.tree import SUBMODULE, Tree

_CORRECT = Remedy(summary="Correct the document, or add what it names", minutes=10)
_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_BRINGS = re.compile(
    r"\b(?:clone|mkdir|curl|wget|tar|unzip|(?<!terraform )(?<!tofu )init|new|generate|untar|scp|rsync|ssh|"
    r"docker run|exec)\b"
)
_LEAVES = re.compile(r"\b(?:clone|curl|wget|scp|rsync|ssh|docker run|exec)\b|\.{3}|\u2026")
_LEFT = re.compile(
    r"[`'\"*\]]\s*(?:\([^)]*\)\s*)?(?:repo\b|repository)|\brepository\s+[`'\"*\[]", re.IGNORECASE
)
"""A sentence that names another repository, in which the command is run."""
_BUILDS_OTHERS = re.compile(
    r"\./configure|\bcmake\b|\bclone\b|\bautogen|[Mm]akefile|[Jj]ustfile|GNU [Mm]ake|\bmake install"
)
_MAY_BRING = re.compile(r"(?i)makefile|justfile|^\.?just|\.mk$|^CMakeLists|^configure")
_LANGUAGES = frozenset({"make", "makefile", "just", "justfile", "mf"})
_TAKE_VALUE = {"make": frozenset("CfIjlOoW"), "just": frozenset("fd")}


@check(
    "documented-recipe-exists", phase=Phase.RELEASE, weight=Weight.NOTE, subject="documents", remedy=_CORRECT
)
def documented_recipe_exists(documents: Documents, sources: Sources, tree: Tree) -> Iterator[Answer]:
    """Every target that a document tells `make` or `just` to make is one that a file of them has."""
    said = tuple(_recipes(documents, sources, tree))
    yield from once(said, _no_recipes)


def _no_recipes(calls: list[Told]) -> str:
    file = "justfile" if calls[0].name.startswith("just ") else "Makefile"
    return f"tells to run {listed([f'`{one}`' for one in named(calls)])}, which no {file} here has"


def _recipes(documents: Documents, sources: Sources, tree: Tree) -> Iterator[Told]:
    known, own = {program: recipes(sources, program) for program in ("make", "just")}, own_names(sources)
    for document, _, command in told(documents, tree, "make", "just", own=own):
        has = known.get(str(command.program))
        elsewhere = command.has("-f", "-C", "--file", "--directory", "--makefile", "--justfile")
        if has is None or elsewhere or not _LANGUAGES.isdisjoint(document.languages):
            continue  # a document that shows recipes of its own teaches how to write them
        name = _first(command)
        if name is None or not _NAME.fullmatch(name):
            continue
        if not (has.absent and _may_make(document, command, tree)) and (tree.has(name) or not has.whole):
            continue
        if name in has.names or _LEFT.search("\n".join(_above(document, command))):
            continue
        if not of_another_project(document, command.line, tree, own):
            called = f"{command.program} {name}"
            yield Told(document=document.path, name=called, place=document.source.at(command))


def _may_make(document: Document, command: Command, tree: Tree) -> bool:
    """Tell whether people can only be in this repository, which has no file for `make` or `just`."""
    if _BUILDS_OTHERS.search(document.source.text) or _has_submodules(tree) or Sites.of(tree).have(document):
        return False
    if "`" in document.source.lines[command.line - 1]:
        return False  # a sentence may speak of what others make
    names = {path.rpartition("/")[2] for path in tree.entries}
    return not any(_MAY_BRING.search(one) for one in names)


def _has_submodules(tree: Tree) -> bool:
    return any(one.mode == SUBMODULE for one in tree)


def _above(document: Document, command: Command) -> tuple[str, ...]:
    return document.source.lines[max(0, command.line - 4) : command.line]


def _first(command: Command) -> str | None:
    """Return the first free word: what to make."""
    takes = _TAKE_VALUE[str(command.program)]
    following = False
    for word in command.arguments:
        if following:
            following = False
        elif word.text.startswith("-"):
            following = len(word.text) == 2 and word.text[1] in takes
        elif "=" not in word.text:
            return word.literal
    return None


def told(
    documents: Documents, tree: Tree, *words: str, own: frozenset[str] = frozenset()
) -> Iterator[tuple[Document, Script, Command]]:
    """Go through the commands of blocks with one of some words, as long as people are in the repository.

    A block that brings something (a clone, a download) or goes to a place nobody knows is left out. Single
    commands that begin with one of the words are among them, where no block says that it is shell. A clone
    of the repository itself, by one of its ``own`` names, leads to its root.
    """
    for document in followed(documents, *words):
        for script in document.scripts_with(*words):
            if _BRINGS.search(without_own_clones(script.text, own)):
                continue
            lost = _lost(script, tree, own)
            for command in script.commands:
                if lost is not None and command.line > lost:
                    break
                yield document, script, command
        for script in document.spoken_with(*words):
            if _LEAVES.search(script.text):
                continue
            for command in script.commands:
                yield document, script, command


def _lost(script: Script, tree: Tree, own: frozenset[str]) -> int | None:
    """Return the first line from which people go to a directory whose name the repository does not have."""
    gone = (one for one in script.commands if one.program in ("cd", "pushd") and one.literals)
    return min((one.line for one in gone if not _stays(one.literals[0], tree, own)), default=None)


def _stays(place: str | None, tree: Tree, own: frozenset[str]) -> bool:
    name = "" if place is None else posixpath.basename(place.rstrip("/"))
    if name.lower() in own and place is not None and "/" not in place.rstrip("/"):
        return True
    return name in ("..", ".", "-") or any(one in tree.directories for one in tree.named.get(name, ()))

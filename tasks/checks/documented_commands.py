"""Whether the targets, directories and files that documents' commands name are in the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, check
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites, followed
from tasks.domain.from_root import runs_at_root
from tasks.domain.phase import Phase
from tasks.domain.recipes import recipes
from tasks.domain.script import Command, Script
from tasks.domain.source import Sources
from tasks.domain.spelling import fumbled
from tasks.domain.told import Told, named, once
from tasks.domain.tree import SUBMODULE, Tree

_CORRECT = Remedy(summary="Correct the document, or add what it names", minutes=10)
_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_BRINGS = re.compile(
    r"\b(?:clone|mkdir|curl|wget|tar|unzip|(?<!terraform )(?<!tofu )init|new|generate|untar|scp|rsync|ssh|"
    r"docker run|exec)\b"
)
_USES = ("cd", "terraform", "cp", "docker", "kubectl", "source ", ". .", "cargo install")
_BELOW = re.compile(r"(?:\./)?[\w-]+(?:/[\w-]+)*/")
_VALUES = "values file"  # people may keep it to themselves: only a slip in the name of one is certain
_LEAVES = re.compile(r"\b(?:clone|curl|wget|scp|rsync|ssh|docker run|exec)\b|\.{3}|\u2026")
# Directories that builds and tools make.
_MADE = frozenset(
    {"target", "build", "dist", "out", "node_modules", "tmp", "pkg", "release", "bin", "venv", ".venv"}
)
_PATTERN = re.compile(r"[.-](?:example|sample|template|dist)\b|\bexample[.-]")
_TOLD_TO_MAKE = re.compile(r">|\b(?:mkdir|create|generat\w*|cat|tee|touch|add|write|put)\b", re.IGNORECASE)
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
    known = {program: recipes(sources, program) for program in ("make", "just")}
    for document, _, command in told(documents, tree, "make", "just"):
        has = known.get(str(command.program))
        elsewhere = command.has("-f", "-C", "--file", "--directory", "--makefile", "--justfile")
        if has is None or elsewhere or not _LANGUAGES.isdisjoint(document.languages):
            continue  # a document that shows recipes of its own teaches how to write them
        name = _first(command)
        if name is None or not _NAME.fullmatch(name):
            continue
        if not (has.absent and _may_make(document, command, tree)) and (tree.has(name) or not has.whole):
            continue
        if name not in has.names and not _LEFT.search("\n".join(_above(document, command))):
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


@check(
    "documented-place-exists",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
    remedy=_CORRECT,
)
def documented_place_exists(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every directory of the repository that a document goes to, and every file it hands on, is there."""
    said = tuple(_places(documents, tree, sources))
    yield from once(
        said, lambda told: f"tells to use the {listed(named(told))}, which the repository does not have"
    )


def _places(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Told]:
    for document, script, command in told(documents, tree, *_USES):
        for path, kind in _named(command):
            clean = posixpath.normpath(path)
            if kind == _VALUES and not _is_slip(clean, tree):
                continue
            known = _is_there(clean, tree, document, tree.named.get(posixpath.basename(clean), ()))
            sure = _is_sure(clean, script, document, tree, kind) or _is_terraforms(
                clean, script, command, tree
            )
            if known or _is_brought(clean, document):
                continue
            if sure or (
                _is_apart(clean, kind, command)
                and runs_at_root(clean, document, script, command, tree, sources)
            ):
                place = document.source.at(command)
                yield Told(document=document.path, name=f"{kind} {clean}", place=place)


def _is_apart(path: str, kind: str, command: Command) -> bool:
    """Tell whether a path of which nothing is there is no name that people choose themselves."""
    plain = re.fullmatch(r"[a-z.][\w./-]+", path) is not None and not path.startswith("..")
    if (
        not plain
        or _MADE & set(path.split("/"))
        or re.search(r"(?:^|/)(?:your|my|path|some|foo|examples?)\b", path)
    ):
        return False
    return "/" in path or (kind == "directory" and command.program in ("kubectl", "terraform", "tofu"))


def _named(command: Command) -> Iterator[tuple[str, str]]:
    """Go through the paths that a command cannot do without, with what each is."""
    words = command.literals
    match command.program:
        case "cd" if len(words) == 1 and words[0]:
            yield words[0], "directory"
        case "terraform" | "tofu":
            for word in command.arguments:
                if word.text.startswith("-chdir=") and word.literal is not None:
                    yield word.literal.removeprefix("-chdir=").strip("'\""), "directory"
            yield from _given_to_terraform(command)
        case "cp" if len(words) == 2 and words[0] and _PATTERN.search(words[0]):
            yield words[0], "file"
        case "source" | "." if len(words) == 1 and words[0] and _PATTERN.search(words[0]):
            yield words[0], "file"
        case "cargo" if words[:1] == ("install",):
            path = command.option("--path")
            if path is not None and path.literal is not None and "/" in path.literal.strip("./"):
                yield path.literal, "directory"
        case "docker" | "docker-compose" | "kubectl":
            if words[:1] in (("run",), ("exec",), ("logs",)):
                return
            for word in command.options("-f", "--file", "--filename"):
                if word.literal is not None and re.search(r"\.\w+$|Dockerfile", word.literal):
                    yield word.literal, "file"
                elif command.program == "kubectl" and _BELOW.fullmatch(word.literal or ""):
                    yield str(word.literal), "directory"


def _given_to_terraform(command: Command) -> Iterator[tuple[str, str]]:
    """Go through the files of `-var-file` and `-backend-config`, which terraform reads from its directory."""
    below = next((one for one in command.literals if one is not None and one.startswith("-chdir=")), None)
    for word in command.arguments if below is not None else ():
        option, _, path = (word.literal or "").partition("=")
        if option in ("-var-file", "-backend-config") and re.fullmatch(r"[\w./-]+\.(?:tfvars|hcl)", path):
            yield posixpath.join(str(below).removeprefix("-chdir="), path), _VALUES


def _is_slip(path: str, tree: Tree) -> bool:
    above, _, name = path.rpartition("/")
    return fumbled(name, tree.inside.get(above, frozenset())) is not None


def _is_there(path: str, tree: Tree, document: Document, alike: tuple[str, ...]) -> bool:
    """Tell whether a path may be meant: from the root, from the document, or from where people went."""
    above = posixpath.dirname(document.path)
    if any(
        tree.has(one) or tree.unseen(one) for one in (path, posixpath.normpath(posixpath.join(above, path)))
    ):
        return True
    return any(one.endswith(f"/{path}") for one in alike)


def _is_sure(path: str, script: Script, document: Document, tree: Tree, kind: str) -> bool:
    """Tell whether a path can only be one of this repository."""
    if path.startswith(("/", "~", "..", "-", "$")) or not re.fullmatch(r"[\w./-]+", path):
        return False
    if _MADE & set(path.split("/")) or re.search(r"(?:^|/)(?:your|my|path|some|foo|example)\b", path):
        return False
    if "/" not in path and kind == "directory" and _is_slip(path, tree):
        return True
    if "/" in path:
        return tree.directory(path.partition("/")[0])
    # A bare name is one only for who stands in a directory of it, and only a file that is handed on.
    here = "/" not in document.path or any(one.program == "cd" for one in script.commands)
    return here and kind == "file" and _PATTERN.search(path) is not None


def _is_terraforms(path: str, script: Script, command: Command, tree: Tree) -> bool:
    """Tell whether a bare name is a directory for terraform, in a repository that has its files elsewhere."""
    if not re.fullmatch(r"[a-z][\w-]*", path) or path in _MADE or path in tree.named or _has_submodules(tree):
        return False
    behind = next((one for one in script.commands if one.line > command.line), None)
    asked = command.program if command.program != "cd" or behind is None else behind.program
    return asked in ("terraform", "tofu") and any(one.endswith(".tf") for one in tree.entries)


def _is_brought(path: str, document: Document) -> bool:
    """Tell whether the text tells to make the place."""
    name = posixpath.basename(path)
    return any(_TOLD_TO_MAKE.search(line) for line in document.source.lines if name in line)


def told(documents: Documents, tree: Tree, *words: str) -> Iterator[tuple[Document, Script, Command]]:
    """Go through the commands of blocks with one of some words, as long as people are in the repository.

    A block that brings something (a clone, a download) or goes to a place nobody knows is left out. Single
    commands that begin with one of the words are among them, where no block says that it is shell.
    """
    for document in followed(documents, *words):
        for script in document.scripts_with(*words):
            if _BRINGS.search(script.text):
                continue
            lost = _lost(script, tree)
            for command in script.commands:
                if lost is not None and command.line > lost:
                    break
                yield document, script, command
        for script in document.spoken_with(*words):
            if _LEAVES.search(script.text):
                continue
            for command in script.commands:
                yield document, script, command


def _lost(script: Script, tree: Tree) -> int | None:
    """Return the first line from which people go to a directory whose name the repository does not have."""
    gone = (one for one in script.commands if one.program in ("cd", "pushd") and one.literals)
    return min((one.line for one in gone if not _stays(one.literals[0], tree)), default=None)


def _stays(place: str | None, tree: Tree) -> bool:
    name = "" if place is None else posixpath.basename(place.rstrip("/"))
    return name in ("..", ".", "-") or any(one in tree.directories for one in tree.named.get(name, ()))

"""Whether the directories and files that documents' commands name are in the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.checks.documented_commands import told
from tasks.domain.answers import listed
from tasks.domain.check import Answer, check
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import Sites
from tasks.domain.from_root import runs_at_root
from tasks.domain.handed_path import PATTERN, READ, VALUES, VALUES_PLACE, handed_paths
from tasks.domain.ignored import Ignored
from tasks.domain.needed_file import needed_file
from tasks.domain.own_clone import is_root, own_names
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Script
from tasks.domain.source import Sources
from tasks.domain.spelling import fumbled
from tasks.domain.told import Told, named, once
from tasks.domain.tree import SUBMODULE, Tree

_CORRECT = Remedy(summary="Correct the document, or add what it names", minutes=10)
_USES = (
    "cd ", "terraform -chdir", "tofu -chdir", "terraform init -", "terraform plan -", "terraform apply -",
    "terraform destroy -", "cp ", "docker build", "docker compose", "docker-compose", "kubectl apply",
    "kubectl create", "kubectl delete", "source ", ". .", "cargo install --path", "cat ", "psql ",
)  # fmt: skip
"""What a command begins with that hands on a path."""
# Directories that builds and tools make.
_MADE = frozenset(
    {"target", "build", "dist", "out", "node_modules", "tmp", "pkg", "release", "bin", "venv", ".venv"}
)
_ANY = re.compile(r"(?:^|/)(?:your|my|path|some|foo|example(?!\.))\b")
"""The beginning of a name that stands for any; ``example.toml`` is there to be copied."""
_MADE_UP = re.compile(
    r"(?:^|[/_.-])(?:new|name|demo|sample|test|xxx*|todo|hello|your|my|example)(?:[/_.-]|$)"
)
_WRITES = r">|\b(?:mkdir|create|generat\w*|cat|tee|touch|add|write|put)\b"
_TOLD_TO_MAKE = re.compile(_WRITES, re.IGNORECASE)
_READING = re.compile(r"^\W*(?:\$ )?(?:sudo )?(?:cat|cp|source|\.|psql)\b")
_COMMON = frozenset(
    {"Dockerfile", "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"}
)


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
    names, ignored = own_names(sources), Ignored(sources)
    for document, script, command in told(documents, tree, *_USES, own=names):
        for path, kind in handed_paths(command):
            use = _Use(
                path=posixpath.normpath(path), kind=kind, document=document, script=script, command=command
            )
            if _is_gone(use, tree, sources, names) and use.path not in ignored:
                called = "file" if kind == READ else "directory" if kind == VALUES_PLACE else kind
                place = document.source.at(command)
                yield Told(document=document.path, name=f"{called} {use.path}", place=place)


@dataclass(frozen=True, kw_only=True)
class _Use:
    """One path that one command of a document names."""

    path: str
    kind: str
    document: Document
    script: Script
    command: Command

    @property
    def name(self) -> str:
        """Its last part."""
        return posixpath.basename(self.path)

    @property
    def top(self) -> str:
        """Its first part."""
        return self.path.partition("/")[0]

    @property
    def next(self) -> Command | None:
        """The command behind this one."""
        behind = False
        for one in self.script.commands:
            if behind:
                return one
            behind = one is self.command
        return None


def _is_gone(use: _Use, tree: Tree, sources: Sources, names: frozenset[str]) -> bool:
    """Tell whether a path can only be one of this repository, in which it is not."""
    if use.kind == VALUES and not _is_slip(use.path, tree):
        return False
    if not _is_plain(use.path) or _is_there(use, tree) or is_root(use.top, names) or _is_brought(use):
        return False
    if use.kind == VALUES_PLACE:
        above = posixpath.dirname(use.path)
        return bool(above) and any(
            one == above or one.endswith(f"/{above}")
            for one in tree.named.get(posixpath.basename(above), ())
            if one in tree.directories
        )
    if use.kind == READ:
        return "/" in use.path and _MADE_UP.search(use.path) is None and _is_read(use, tree)
    return (
        _is_sure(use, tree)
        or _is_terraforms(use, tree)
        or _is_recipe_of_docker(use)
        or _is_beside(use, tree)
        or (_is_apart(use) and runs_at_root(use.path, use.document, use.script, use.command, tree, sources))
    )


def _is_plain(path: str) -> bool:
    if path.startswith(("/", "~", "..", "-", "$")) or not re.fullmatch(r"[\w./-]+", path) or path == ".":
        return False
    return _MADE.isdisjoint(path.split("/")) and _ANY.search(path) is None


def _is_there(use: _Use, tree: Tree) -> bool:
    """Tell whether a path may be meant: from the root, from the document, or from where people went."""
    near = posixpath.normpath(posixpath.join(posixpath.dirname(use.document.path), use.path))
    if any(tree.has(one) or tree.unseen(one) for one in (use.path, near)):
        return True
    return any(one.endswith(f"/{use.path}") for one in tree.named.get(use.name, ()))


def _is_slip(path: str, tree: Tree) -> bool:
    above, _, name = path.rpartition("/")
    return fumbled(name, tree.inside.get(above, frozenset())) is not None


def _is_sure(use: _Use, tree: Tree) -> bool:
    """Tell whether a path begins in this repository."""
    if "/" not in use.path and use.kind == "directory" and _is_slip(use.path, tree):
        return True
    if "/" in use.path:
        return tree.directory(use.top)
    # A bare name is one only for who stands in a directory of it, and only a file that is handed on.
    here = "/" not in use.document.path or any(one.program == "cd" for one in use.script.commands)
    return here and use.kind == "file" and PATTERN.search(use.path) is not None


def _is_apart(use: _Use) -> bool:
    """Tell whether a path of which nothing is there is no name that people choose themselves."""
    if re.fullmatch(r"[a-z.][\w./-]+", use.path) is None or use.top == "examples":
        return False
    if "/" in use.path:
        return True
    tools = ("kubectl", "terraform", "tofu")
    goes = use.command.program == "cd" and use.next is not None and needed_file(use.next) is not None
    return use.kind == "directory" and (use.command.program in tools or goes)


def _is_terraforms(use: _Use, tree: Tree) -> bool:
    """Tell whether a bare name is a directory for terraform, in a repository that has its files elsewhere."""
    path = use.path
    if not re.fullmatch(r"[a-z][\w-]*", path) or path in tree.named or has_submodules(tree):
        return False
    asked = use.command if use.command.program != "cd" or use.next is None else use.next
    return asked.program in ("terraform", "tofu") and any(one.endswith(".tf") for one in tree.entries)


def _is_recipe_of_docker(use: _Use) -> bool:
    """Tell whether docker is to build from a file that only the repository can have."""
    if "/" in use.path or use.command.program != "docker" or "Dockerfile" not in use.path:
        return False
    lines = [one for one in use.document.source.lines if use.path in one]
    return use.path != "Dockerfile" and all("docker" in one for one in lines)


def _is_beside(use: _Use, tree: Tree) -> bool:
    """Tell whether a file lies beside the document, and the path says where both were before."""
    here = posixpath.dirname(use.document.path)
    if not here or use.kind != "file" or "/" not in use.path or use.top in tree.named:
        return False
    above = posixpath.basename(posixpath.dirname(use.path))
    return tree.file(posixpath.join(here, use.name)) is not None and (
        use.name not in _COMMON or above == posixpath.basename(here)
    )


def _is_brought(use: _Use) -> bool:
    """Tell whether the text tells to make the place."""
    if use.kind in (READ, VALUES_PLACE):
        return False
    said = use.name if "/" in use.path or use.kind != "directory" else None
    if said is not None:
        return any(_TOLD_TO_MAKE.search(line) for line in use.document.source.lines if said in line)
    named = re.compile(rf"{re.escape(use.path)}/|`{re.escape(use.path)}`|mkdir\b.*\b{re.escape(use.path)}\b")
    return any(
        named.search(line) and _TOLD_TO_MAKE.search(line)
        for line in use.document.source.lines
        if use.path in line
    )


def _is_read(use: _Use, tree: Tree) -> bool:
    """Tell whether a document only reads a file, and its directory is there."""
    lines = [one for one in use.document.source.lines if use.name in one]
    known = tree.directory(posixpath.dirname(use.path))
    return known and all(_READING.search(one) and ">" not in one for one in lines)


def has_submodules(tree: Tree) -> bool:
    """Tell whether directories of the repository are of others."""
    return any(one.mode == SUBMODULE for one in tree)


@check(
    "documented-place-serves",
    phase=Phase.DEPLOYMENT,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Correct the directory in the document", minutes=5),
)
def documented_place_serves(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Answer]:
    """Every directory to which a document goes to run a tool has the file that the tool looks for."""
    said = tuple(_idle(documents, tree, sources))
    yield from once(said, lambda told: f"tells to run {listed([one.why for one in told], most=4)}")


def _idle(documents: Documents, tree: Tree, sources: Sources) -> Iterator[Told]:
    names, sites = own_names(sources), Sites.of(tree)
    for document, script, command in told(documents, tree, "cd ", own=names):
        place = command.literals[0] if command.program == "cd" and len(command.literals) == 1 else None
        if not place or place.startswith(("/", "~", "$", "..")) or sites.have(document):
            continue
        use = _Use(
            path=posixpath.normpath(place),
            kind="directory",
            document=document,
            script=script,
            command=command,
        )
        needed = needed_file(use.next) if use.next is not None else None
        places = _meant(use, tree)
        if needed is None or not places or is_root(use.path, names):
            continue
        if re.search(rf"clone\b.*\b{re.escape(use.name)}\b", document.source.text):
            continue
        if not any(needed.is_in(one, tree) for one in places) and not needed.is_made(document.source.text):
            why = f"{needed.tool} in {use.path}, which has no {needed.called}"
            yield Told(document=document.path, name=use.path, place=document.source.at(use.next), why=why)


def _meant(use: _Use, tree: Tree) -> tuple[str, ...]:
    """Return the directories that may be meant: one from the root or the document, and what ends like it."""
    near = posixpath.normpath(posixpath.join(posixpath.dirname(use.document.path), use.path))
    if tree.unseen(use.path) or tree.unseen(near) or not (tree.directory(use.path) or tree.directory(near)):
        return ()
    alike = (one for one in tree.named.get(use.name, ()) if one in tree.directories)
    return tuple(one for one in alike if one == use.path or one.endswith(f"/{use.path}"))

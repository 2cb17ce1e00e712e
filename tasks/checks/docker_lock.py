"""Whether an image that is built with `cargo --locked` gets the lock file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from tasks.domain.answers import MOST_PLACES, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.compose import Compose
from tasks.domain.docker_ignore import NAME, docker_ignore
from tasks.domain.dockerfile import Dockerfile, Instruction, Stage, read_dockerfile
from tasks.domain.document import Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_context import ImageContext, image_contexts
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows

LOCK = "Cargo.lock"
_CARGO = re.compile(r"\bcargo(?:[ \t]+\+\S+)?[ \t]+(?!install\b|--version\b)(?P<rest>[^&|;\n]*)")
_LOCKED = re.compile(r"(?:build|b|check|test|run|fetch|rustc)\b.*\s--(?:locked|frozen)\b")
_MAY_MAKE = re.compile(r"Cargo\.(?:lock|\*)|\bgit\b|\bcd\b|--manifest-path|\|\||\bif\b|type=bind|<<")
"""What may bring a lock file from elsewhere, or have cargo look in another place."""


@check(
    "docker-lock-let-in",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Let the lock file in again with a line `!Cargo.lock` at the end of .dockerignore", minutes=2
    ),
)
def docker_lock_let_in(  # noqa: PLR0917 - every fact is one
    sources: Sources,
    tree: Tree,
    workflows: Workflows,
    scripts: Scripts,
    compose: Compose,
    documents: Documents,
) -> Iterator[Answer]:
    """Every image whose programs are built with `--locked` from the whole context has the lock file in it."""
    if not any(one.endswith(NAME) for one in tree.named):
        return
    # Whoever speaks of the file may write it anew before an image is built.
    if any(not one.path.endswith(NAME) for one in sources.saying(NAME, told=False)):
        return
    ways = list(image_contexts(workflows, scripts, compose, documents, tree))
    root = sources.get("Dockerfile")
    if root is not None and not any(one.file == root.path for one in ways):
        ways.append(ImageContext(file=root.path, context="", place=None, weight=Weight.WARNING))
    yield from of_one_cause(_answers(ways, sources, tree))


def _answers(ways: Sequence[ImageContext], sources: Sources, tree: Tree) -> Iterator[Answer]:
    for way in ways:
        source = sources.get(way.file)
        ignore = docker_ignore(way.file, way.context, sources, tree)
        if source is None or ignore is None or LOCK in source.text:
            continue
        if any(tree.file(posixpath.join(way.context, one)) is None for one in ("Cargo.toml", LOCK)):
            continue
        file = read_dockerfile(source)
        runs = [run for stage in file.needed if (run := _first(file, stage))] if file is not None else []
        rule = ignore.leaves_out(LOCK, tree) if runs else None
        if runs and rule is None:
            yield holds(f"{way.file}: {LOCK}", "is let in")
        elif runs and rule is not None:
            told = (
                f"{ignore.source.path} leaves {LOCK} out of the context, and cargo is run with `--locked`: "
            )
            told += "it makes no lock file then, and the build fails"
            places = [source.at(runs[0].line), ignore.source.at(rule)]
            places += [way.place] if way.place is not None else []
            yield broken(f"{way.file}: {LOCK}", told, *places[:MOST_PLACES], weight=way.weight)


def _first(file: Dockerfile, stage: Stage) -> Instruction | None:
    """Return what runs cargo first in a stage, when it is locked and just the whole context lies there."""
    place, copied = "/", False
    for one in (each for part in reversed(file.chain(stage)) for each in part.instructions):
        if one.name == "WORKDIR":
            place = posixpath.join(place, one.words[0]) if one.words else place
        elif one.name in ("COPY", "ADD"):
            words = one.words
            if "from" in one.flags or len(words) < 2 or _MAY_MAKE.search(one.rest):
                return None
            to = posixpath.normpath(posixpath.join(place, words[-1]))
            copied = copied or (words[0] in (".", "./") and to == posixpath.normpath(place))
        elif one.name == "RUN":
            if _MAY_MAKE.search(one.rest):
                return None
            found = _CARGO.search(one.rest)
            if found is not None:
                return one if copied and _LOCKED.match(found["rest"]) else None
    return None

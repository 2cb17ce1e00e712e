"""Whether a Dockerfile copies what its context and its stages have."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.compose import Compose
from tasks.domain.docker_ignore import NAME as IGNORE
from tasks.domain.docker_ignore import DockerIgnore, docker_ignore
from tasks.domain.dockerfile import Dockerfile, read_dockerfile
from tasks.domain.document import Documents
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_context import ImageContext, image_contexts
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Source, Sources
from tasks.domain.spelling import misspelled
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows

_FROM = re.compile(r"^FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_COPIES = frozenset({"chown", "chmod", "link"})
_LET_IN = Remedy(summary="Let the path in again with a line `!PATH` below, or do not copy it", minutes=5)
_COPY = re.compile(r"^(?:COPY|ADD)\s+(?P<rest>[^\[<].*)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Copy:
    """One COPY: its line, what it takes, and the stage it takes it from."""

    line: int
    paths: tuple[str, ...]
    stage: str | None = None
    stages: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True)
class _Lost:
    """What a Dockerfile copies and one line leaves out of the context, when an image is built in some way."""

    way: ImageContext
    line: int
    path: str
    rule: int


@check(
    "docker-copies-are-there",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Copy a file of the context, or correct the path", minutes=5),
)
def docker_copies_are_there(  # noqa: PLR0917 - every fact is one
    sources: Sources,
    tree: Tree,
    workflows: Workflows,
    scripts: Scripts,
    compose: Compose,
    documents: Documents,
) -> Iterator[Answer]:
    """Each file that a Dockerfile copies is in its context: committed, and let in by .dockerignore."""
    source = sources.get("Dockerfile")
    if source is not None:
        yield from merged(
            answer
            for one in _copies(source)
            if one.stage is None
            for answer in _taken(one, source, sources, tree)
        )
    if any(one.endswith(IGNORE) for one in tree.named):
        ways = tuple(image_contexts(workflows, scripts, compose, documents, tree))
        yield from _all_left_out(ways, sources, tree)


def _all_left_out(ways: Sequence[ImageContext], sources: Sources, tree: Tree) -> Iterator[Answer]:
    """Go through what some way to build an image leaves out, one answer for each line that does so."""
    if any(_writes_it(one) for one in sources.saying(IGNORE, told=False)):
        return  # before an image is built
    known = [*ways]
    root = sources.get("Dockerfile")
    if root is not None and not any(one.file == root.path for one in ways):
        known.append(ImageContext(file=root.path, context="", place=None, weight=Weight.WARNING))
    found: dict[tuple[str, int], list[_Lost]] = {}
    for way in known:
        source = sources.get(way.file)
        ignore = docker_ignore(way.file, way.context, sources, tree)
        file = read_dockerfile(source) if source is not None and ignore is not None else None
        if file is None or ignore is None:
            continue
        for one in _lost(file, ignore, way, tree):
            found.setdefault((ignore.source.path, one.rule), []).append(one)
    for (path, rule), every in found.items():
        every.sort(key=lambda one: (one.way.weight is not Weight.BLOCKER, one.way.file, one.line))
        lost = list(dict.fromkeys(one.path for one in every))
        files = list(dict.fromkeys(one.way.file for one in every))
        copy = (
            f"{listed(files)} {'copies' if len(files) == 1 else 'copy'} {'it' if len(lost) == 1 else 'them'}"
        )
        told = f"{path} leaves {listed(lost)} out of the context, and {copy}: the build fails there"
        places = [sources.files[one.way.file].at(one.line) for one in every]
        places += [sources.files[path].at(rule)]
        places += [one.way.place for one in every if one.way.place is not None]
        shown = tuple(dict.fromkeys(places))
        subject = f"{path}: {(sources.files[path].line(rule) or '').strip()}"
        yield broken(subject, told, *shown[:MOST_PLACES], weight=every[0].way.weight, remedy=_LET_IN)


def _writes_it(source: Source) -> bool:
    """Tell whether a file that speaks of .dockerignore may write it; comments do not."""
    lines = (one.strip() for one in source.lines if IGNORE in one)
    return not source.path.endswith(IGNORE) and any(not one.startswith(("#", "//")) for one in lines)


def _lost(file: Dockerfile, ignore: DockerIgnore, way: ImageContext, tree: Tree) -> Iterator[_Lost]:
    for stage in file.needed:
        for one in stage.instructions:
            if one.name not in ("COPY", "ADD") or not _COPIES.issuperset(one.flags):
                continue
            words = one.words
            for written in words[:-1]:
                path = posixpath.normpath(written).lstrip("/")
                if path in ("", ".") or re.search(r"[$*?\[\]\"'\\<{]|^\.\.|://|\.git$", written):
                    continue
                rule = ignore.leaves_out(path, tree)
                if rule is not None:
                    yield _Lost(way=way, line=one.line, path=path, rule=rule)


def _is_spoken_of(path: str, source: Source, sources: Sources) -> bool:
    """Tell whether another file names what is copied: a workflow or script that makes it."""
    name = path.rpartition("/")[2]
    return any(one.path != source.path for one in sources.saying(name))


def _taken(copy: _Copy, source: Source, sources: Sources, tree: Tree) -> Iterator[Answer]:
    for path in copy.paths:
        plain = path.removeprefix("./").strip("/")
        if not plain or plain == "." or re.search(r"[$*?\[\"'\\]|\.\.|://", path) or tree.unseen(plain):
            continue
        subject = f"{source.path}: {plain}"
        if not tree.has(plain):
            near = misspelled(plain, _beside(plain, tree))
            # What is not committed may be built before the image is: only a slip of the fingers is certain.
            if near is not None and not _is_spoken_of(plain, source, sources):
                told = f"copies {plain}, which is not in the repository; did it mean {near}?"
                place = source.at(copy.line)
                yield broken(subject, told, place, edits=corrected(plain, near, place))
        else:
            yield holds(subject, "is there")


def _beside(path: str, tree: Tree) -> frozenset[str]:
    directory = path.rpartition("/")[0]
    begin = f"{directory}/" if directory else ""
    names = {one[len(begin) :].partition("/")[0] for one in tree.starting(begin)}
    return frozenset(f"{begin}{name}" for name in names if name)


@check(
    "docker-stage-exists",
    phase=Phase.FIRST_RUN,
    weight=Weight.BLOCKER,
    remedy=Remedy(summary="Name a stage that stands above", minutes=2),
)
def docker_stage_exists(sources: Sources) -> Iterator[Answer]:
    """No `COPY --from` names a stage with a slip in its name: docker would look for such an image."""
    for source in sources:
        if not source.path.rpartition("/")[2].startswith("Dockerfile"):
            continue
        for one in _copies(source):
            if one.stage is None or one.stage.isdigit() or "$" in one.stage:
                continue
            subject = f"{source.path}: {one.stage}"
            near = misspelled(one.stage.lower(), one.stages)
            if near is not None:
                told = f"copies from {one.stage!r}; the stage above is called {near!r}"
                place = source.at(one.line)
                edits = corrected(one.stage, near, place, after=("--from=",))
                yield broken(subject, told, place, edits=edits)
            elif one.stage.lower() in one.stages:
                yield holds(subject, "stands above")


def _copies(source: Source) -> Iterator[_Copy]:
    stages: list[str] = []
    for number, text in _instructions(source):
        begins = _FROM.match(text)
        if begins is not None:
            stages += [begins["name"].lower()] if begins["name"] else []
            continue
        copies = _COPY.match(text)
        if copies is None:
            continue
        words = copies["rest"].split()
        flags = [word for word in words if word.startswith("--")]
        paths = [word for word in words if not word.startswith("--")]
        stage = next((flag.partition("=")[2] for flag in flags if flag.startswith("--from=")), None)
        if len(paths) >= 2 and "--parents" not in flags:
            yield _Copy(line=number, paths=tuple(paths[:-1]), stage=stage, stages=frozenset(stages))


def _instructions(source: Source) -> Iterator[tuple[int, str]]:
    """Go through the instructions with the line they begin on; a line that goes on is one with the next."""
    begin, kept = 0, ""
    for number, text in enumerate(source.lines, 1):
        if text.lstrip().startswith("#"):
            continue
        begin = begin or number
        kept += text.strip().removesuffix("\\")
        if not text.rstrip().endswith("\\"):
            yield begin, kept
            begin, kept = 0, ""

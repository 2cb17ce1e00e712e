"""Whether a Dockerfile copies what its context and its stages have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import corrected
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.spelling import misspelled
from tasks.domain.tree import Tree, matcher

_FROM = re.compile(r"^FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_COPY = re.compile(r"^(?:COPY|ADD)\s+(?P<rest>[^\[<].*)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Copy:
    """One COPY: its line, what it takes, and the stage it takes it from."""

    line: int
    paths: tuple[str, ...]
    stage: str | None = None
    stages: frozenset[str] = field(default_factory=frozenset)


@check(
    "docker-copies-are-there",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Copy a file of the context, or correct the path", minutes=5),
)
def docker_copies_are_there(sources: Sources, tree: Tree) -> Iterator[Answer]:
    """Every file that a Dockerfile at the root copies is committed, and not left out by .dockerignore."""
    source = sources.get("Dockerfile")
    if source is None:
        return
    ignored = None if tree.has("Dockerfile.dockerignore") else sources.get(".dockerignore")
    yield from merged(
        answer
        for one in _copies(source)
        if one.stage is None
        for answer in _taken(one, source, sources, tree, ignored)
    )


def _is_spoken_of(path: str, source: Source, sources: Sources) -> bool:
    """Tell whether another file names what is copied: a workflow or script that makes it."""
    name = path.rpartition("/")[2]
    return any(one.path != source.path for one in sources.saying(name))


def _taken(
    copy: _Copy, source: Source, sources: Sources, tree: Tree, ignored: Source | None
) -> Iterator[Answer]:
    for path in copy.paths:
        plain = path.removeprefix("./").strip("/")
        if not plain or plain == "." or re.search(r"[$*?\[\"'\\]|\.\.|://", path) or tree.unseen(plain):
            continue
        subject = f"{source.path}: {plain}"
        out = _left_out(plain, ignored)
        if not tree.has(plain):
            near = misspelled(plain, _beside(plain, tree))
            # What is not committed may be built before the image is: only a slip of the fingers is certain.
            if near is not None and not _is_spoken_of(plain, source, sources):
                told = f"copies {plain}, which is not in the repository; did it mean {near}?"
                place = source.at(copy.line)
                yield broken(subject, told, place, edits=corrected(plain, near, place))
        elif out is not None and ignored is not None:
            told = f"copies {plain}, which {ignored.path} leaves out of the context"
            yield broken(subject, told, source.at(copy.line), ignored.at(out))
        else:
            yield holds(subject, "is there")


def _beside(path: str, tree: Tree) -> frozenset[str]:
    directory = path.rpartition("/")[0]
    begin = f"{directory}/" if directory else ""
    names = {one[len(begin) :].partition("/")[0] for one in tree.starting(begin)}
    return frozenset(f"{begin}{name}" for name in names if name)


def _left_out(path: str, ignored: Source | None) -> int | None:
    """Return the line that leaves a path out; None when it is kept, or a later line may let it in again."""
    if ignored is None:
        return None
    found = None
    for number, text in enumerate(ignored.lines, 1):
        pattern = text.strip()
        if not pattern or pattern.startswith("#"):
            continue
        if pattern.startswith("!"):
            return None
        rule = pattern.strip("/")
        parts = path.split("/")
        if any(matcher(rule).fullmatch("/".join(parts[:end])) for end in range(1, len(parts) + 1)):
            found = number
    return found


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

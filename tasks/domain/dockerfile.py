"""What a Dockerfile says: its stages, their instructions and the arguments that it declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.cached import cached
from tasks.domain.source import Source

_FROM = re.compile(r"(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_ARGUMENT = re.compile(r"([A-Za-z_][\w.-]*)(=)?")
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_MOUNTED = re.compile(r"--mount=\S*?from=([\w-]+)")
_TAKES_HEREDOCS = ("RUN", "COPY", "ADD")
_ESCAPE = re.compile(r"^#\s*escape\s*=\s*`", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction; ``rest`` is what stands behind its name, on one line, with its heredocs."""

    line: int
    name: str  # in capital letters
    rest: str

    @property
    def flags(self) -> dict[str, str]:
        """The ``--name=value`` before the other words."""
        return dict(re.findall(r"(?:^|\s)--([\w-]+)=(\S+)", self.rest))

    @property
    def words(self) -> list[str]:
        """The words that are no flags."""
        return [word for word in self.rest.split() if not word.startswith("--")]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One ``FROM`` and what follows it; ``name`` is in lower case."""

    line: int
    image: str
    name: str | None = None
    instructions: tuple[Instruction, ...] = ()

    def all(self, name: str) -> tuple[Instruction, ...]:
        """Return its instructions of a name."""
        return tuple(one for one in self.instructions if one.name == name)


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """A file that builds an image; ``arguments`` stand before its first stage, with their lines."""

    source: Source = field(repr=False)
    stages: tuple[Stage, ...] = ()
    arguments: tuple[Instruction, ...] = ()

    @cached
    def declared(self) -> frozenset[str]:
        """The names of all arguments that it declares anywhere."""
        own = (one for stage in self.stages for one in stage.all("ARG"))
        return frozenset(name for one in (*self.arguments, *own) for name, _ in arguments(one))

    @cached
    def needed(self) -> tuple[Stage, ...]:
        """The last stage and all that it is built on or copies from: the others are not built."""
        left, found = list(self.stages[-1:]), list[Stage]()
        while left:
            stage = left.pop(0)
            if stage in found:
                continue
            found.append(stage)
            copied = (one.flags.get("from", "").lower() for one in stage.all("COPY"))
            mounted = (name for one in stage.all("RUN") for name in _MOUNTED.findall(one.rest))
            others = (self.stage(name) for name in (stage.image, *copied, *mounted) if name)
            left += [one for one in others if one is not None]
        return tuple(sorted(found, key=lambda one: one.line))

    def stage(self, name: str) -> Stage | None:
        """Return the stage of a name or number."""
        if name.isdigit():
            return self.stages[int(name)] if int(name) < len(self.stages) else None
        return next((one for one in reversed(self.stages) if one.name == name.lower()), None)

    def chain(self, stage: Stage) -> tuple[Stage, ...]:
        """Return a stage and those that it is built on, the nearest first."""
        found = [stage]
        while (below := self.stage(found[-1].image)) is not None and below not in found:
            found.append(below)
        return tuple(found)


def arguments(instruction: Instruction) -> Iterator[tuple[str, bool]]:
    """Go through the names that an ``ARG`` declares, and whether each has a value of its own."""
    for word in instruction.rest.split():
        match = _ARGUMENT.match(word)
        if match is not None:
            yield match[1], match[2] is not None


def is_dockerfile(path: str) -> bool:
    """Tell whether a path is called as Dockerfiles are."""
    name = path.rpartition("/")[2]
    return name.startswith(("Dockerfile", "Containerfile")) or name.endswith((".Dockerfile", ".dockerfile"))


def read_dockerfile(source: Source) -> Dockerfile | None:
    """Read a Dockerfile; None for one that escapes as Windows does, or is filled in before it is used."""
    if _ESCAPE.search(source.text[:200]) or re.search(r"\{\{|\{%|<%|@@", source.text):
        return None
    before: list[Instruction] = []
    stages: list[tuple[int, str, str | None, list[Instruction]]] = []
    for one in _instructions(source):
        begins = _FROM.match(one.rest) if one.name == "FROM" else None
        if begins is not None:
            name = begins["name"]
            stages.append((one.line, begins["image"], name.lower() if name else None, []))
        elif stages:
            stages[-1][3].append(one)
        else:
            before.append(one)
    made = (
        Stage(line=line, image=image, name=name, instructions=tuple(found))
        for line, image, name, found in stages
    )
    first = tuple(one for one in before if one.name == "ARG")
    return Dockerfile(source=source, stages=tuple(made), arguments=first)


def _instructions(source: Source) -> Iterator[Instruction]:
    begin, kept, ends = 0, "", list[str]()
    for number, text in enumerate(source.lines, 1):
        if ends:
            if text.strip() == ends[0]:
                ends.pop(0)
            kept = f"{kept}\n{text}"
        elif text.lstrip().startswith("#") or (not text.strip() and not kept):
            continue
        else:
            begin = begin or number
            kept = (
                f"{kept} {text.strip().removesuffix(chr(92)).strip()}"
                if kept
                else text.strip().removesuffix("\\")
            )
            if text.rstrip().endswith("\\"):
                continue
            name = kept.split(None, 1)[0].upper() if kept.split() else ""
            ends = _HEREDOC.findall(kept) if name in _TAKES_HEREDOCS else []
        if not ends:
            name, _, rest = kept.strip().partition(" ")
            yield Instruction(line=begin, name=name.upper(), rest=rest.strip())
            begin, kept = 0, ""

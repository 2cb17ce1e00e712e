"""One thing broken in a repository, and where a person should be sent for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "deployments" / "embedded" / "sample"
_NOT_COMMITTED = {"target", "dist", "__pycache__", ".terraform"}

Place = tuple[str, int]
"""A path and a line; line 0 is the whole file."""


@dataclass(frozen=True, kw_only=True)
class OnGitHub:
    """What is set on GitHub, by name; each environment with its own secrets."""

    secrets: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    environments: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The files of a repository as they are committed, by path, and those that may be executed.

    Without ``github`` what the repository's ``activation.toml`` asks for is set there.
    """

    files: Mapping[str, str]
    executable: frozenset[str]
    name: str = "sample"
    slug: str = "acme/moonphase"
    branch: str = "main"
    github: OnGitHub | None = None

    def matching(self, *patterns: str) -> tuple[str, ...]:
        """Return the paths that one of these regular expressions finds."""
        return tuple(path for path in sorted(self.files) if any(re.search(one, path) for one in patterns))

    def lines(self, *patterns: str) -> Iterator[tuple[str, int, str]]:
        """Go through path, number and text of every line of the files that match."""
        for path in self.matching(*patterns):
            for number, line in enumerate(self.files[path].split("\n"), 1):
                yield path, number, line

    def places(self, text: str, *patterns: str) -> frozenset[Place]:
        """Return where a regular expression is found."""
        return frozenset((path, at) for path, at, line in self.lines(*patterns) if re.search(text, line))

    def with_line(self, path: str, number: int, *lines: str) -> dict[str, str | None]:
        """Return the change that puts other lines, or none, in the place of one."""
        text = self.files[path].split("\n")
        return {path: "\n".join([*text[: number - 1], *lines, *text[number:]])}


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A breakage: the files that are other than in the sample (None: gone), and the places that show it."""

    operator: str
    about: str
    files: Mapping[str, str | None]
    expected: frozenset[Place]
    not_executable: frozenset[str] = field(default_factory=frozenset)
    subject: str = "the sample"
    why: str = ""
    whole: Sample | None = None  # the repository it is made of, when that is not the bundled sample

    def broken(self, whole: Sample) -> Sample:
        """Return the repository with this one thing broken."""
        files = {path: text for path, text in {**whole.files, **self.files}.items() if text is not None}
        return replace(whole, files=files, executable=whole.executable - self.not_executable)

    @property
    def name(self) -> str:
        """What is broken, in a line."""
        return f"{self.operator}: {self.about}"


Expect = Callable[[Sample, str, int, re.Match[str]], Iterable[Place]]
Operator = Callable[[Sample], Iterator[Mutation]]


def here(_sample: Sample, path: str, number: int, _match: re.Match[str]) -> Iterable[Place]:
    """Expect a breakage to be told at the line that was changed."""
    return ((path, number),)


def replacing(
    operator: str,
    files: str,
    pattern: str,
    replacement: str | Callable[[str], str],
    *,
    expect: Expect = here,
) -> Operator:
    """Return the operator that replaces what the group ``x`` of a pattern matches, one place at a time."""

    def operate(sample: Sample) -> Iterator[Mutation]:
        for path, number, line in sample.lines(files):
            for match in re.finditer(pattern, line):
                old = match["x"]
                new = replacement if isinstance(replacement, str) else replacement(old)
                changed = line[: match.start("x")] + new + line[match.end("x") :]
                told = f"{path}:{number}: {old.strip()!r} -> {new.strip()!r}"
                yield Mutation(
                    operator=operator,
                    about=told,
                    files=sample.with_line(path, number, changed),
                    expected=frozenset(expect(sample, path, number, match)),
                )

    return operate


def misspelled(word: str) -> str:
    """Return a word with a letter too many at its end."""
    return f"{word}x"


def sample() -> Sample:
    """Read the bundled sample."""
    return read(SAMPLE)


def read(root: Path, name: str = "sample", slug: str = "acme/moonphase", branch: str = "main") -> Sample:
    """Read the repository in a directory."""
    paths = [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file() and not _NOT_COMMITTED & set(path.relative_to(root).parts)
    ]
    return Sample(
        files={str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths},
        executable=frozenset(str(path.relative_to(root)) for path in paths if path.stat().st_mode & 0o100),
        name=name,
        slug=slug,
        branch=branch,
    )

# ruff: noqa: PLR0917 - an operator reads as a row: name, reason, pattern, change
"""What the operators of the held-out set are built from: places, lines, steps and jobs of a repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tests.benchmarks.mutation import Mutation, Place, Sample

Where = tuple[str, str]
Operate = Callable[[Sample], Iterator[Mutation]]
When = Callable[[Sample, str, int, re.Match[str]], bool]

WORKFLOWS = r"^\.github/workflows/"
YAML = r"^\.github/(workflows|actions)/"
DOCS = r"\.md$"


def places(host: Sample, where: Iterable[Where]) -> frozenset[Place]:
    """Return the lines of the files that match, for pairs of patterns of path and line."""
    return frozenset(
        (path, number)
        for files, text in where
        for path, number, line_ in host.lines(files)
        if re.search(text, line_)
    )


def span(host: Sample, path: str, start: int, end: int, lines: Iterable[str]) -> dict[str, str | None]:
    """Return the change that puts other lines in the place of those from start to end."""
    text = host.files[path].split("\n")
    return {path: "\n".join([*text[: start - 1], *lines, *text[end:]])}


def changed(
    host: Sample,
    subject: str,
    operator: str,
    why: str,
    about: str,
    files: Mapping[str, str | None],
    at: Iterable[Place] = (),
    also: Iterable[Where] = (),
    not_executable: Iterable[str] = (),
) -> Mutation:
    one = Mutation(
        subject=subject,
        operator=operator,
        about=about,
        why=why,
        files=files,
        expected=frozenset(at),
        not_executable=frozenset(not_executable),
        whole=host,
    )
    return replace(one, expected=one.expected | places(one.broken(host), also))


def line(
    host: Sample,
    subject: str,
    operator: str,
    why: str,
    path: str,
    number: int,
    new: str | None,
    also: Iterable[Where] = (),
) -> Mutation:
    """Replace a line, or take it away (None)."""
    old = host.files[path].split("\n")[number - 1]
    files = span(host, path, number, number, [] if new is None else new.split("\n"))
    at = [] if new is None else [(path, number + k) for k in range(len(new.split("\n")))]
    return changed(
        host,
        subject,
        operator,
        why,
        f"{path}:{number}: {old.strip()!r} -> {(new or '').strip()!r}",
        files,
        at,
        also,
    )


Also = Callable[[Sample, re.Match[str]], Iterable[Where]]


def typo(word: str) -> str:
    """The word with two letters exchanged in its middle, as fingers do."""
    letters = [
        k
        for k in range(1, len(word) - 1)
        if word[k].isalnum() and word[k + 1].isalnum() and word[k] != word[k + 1]
    ]
    if not letters:
        return word + "x"
    k = letters[len(letters) // 2]
    return word[:k] + word[k + 1] + word[k] + word[k + 2 :]


def words(
    subject: str,
    operator: str,
    why: str,
    files: str,
    pattern: str,
    new: str | Callable[[str], str] = typo,
    also: Also | tuple[Where, ...] = (),
    when: When = lambda *_: True,
) -> Operate:
    """Replace what group x matches, one place at a time."""

    def operate(host: Sample) -> Iterator[Mutation]:
        for path, number, text in host.lines(files):
            if text.lstrip().startswith("#"):
                continue
            for match in re.finditer(pattern, text):
                if not when(host, path, number, match):
                    continue
                group = next(g for g in ("x", "y", "z") if match.groupdict().get(g) is not None)
                old = match[group]
                put = new if isinstance(new, str) else new(old)
                if put == old:
                    continue
                made = text[: match.start(group)] + put + text[match.end(group) :]
                extra = also(host, match) if callable(also) else also
                yield line(host, subject, operator, why, path, number, made, extra)

    operate.__name__ = operator
    return operate


# workflow structure, by indentation


@dataclass(frozen=True)
class Step:
    path: str
    job: str
    start: int
    end: int
    text: tuple[str, ...]

    @property
    def body(self) -> str:
        return "\n".join(self.text)


def blocks(host: Sample, path: str) -> Iterator[tuple[str, int, int]]:
    """(job, first line, last line) of every job of a workflow."""
    lines = host.files[path].split("\n")
    inside, starts = False, []
    for n, text in enumerate(lines, 1):
        if re.match(r"^jobs:", text):
            inside = True
        elif inside and (m := re.match(r"^  ([\w-]+):\s*$", text)):
            starts.append((m[1], n))
    for k, (job, start) in enumerate(starts):
        end = starts[k + 1][1] - 1 if k + 1 < len(starts) else len(lines)
        while not lines[end - 1].strip():
            end -= 1
        yield job, start, end


def steps(host: Sample, pattern: str = YAML) -> Iterator[Step]:
    for path in host.matching(pattern):
        lines = host.files[path].split("\n")
        for job, start, end in blocks(host, path) if "workflows" in path else [("", 1, len(lines))]:
            first = next((n for n in range(start, end + 1) if re.match(r"^\s+steps:", lines[n - 1])), None)
            if first is None:
                continue
            begin = [n for n in range(first + 1, end + 1) if re.match(r"^(      |    )- ", lines[n - 1])]
            dash = min((len(lines[n - 1]) - len(lines[n - 1].lstrip()) for n in begin), default=0)
            begin = [n for n in begin if len(lines[n - 1]) - len(lines[n - 1].lstrip()) == dash]
            for k, n in enumerate(begin):
                last = begin[k + 1] - 1 if k + 1 < len(begin) else end
                while not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#"):
                    last -= 1
                yield Step(path, job, n, last, tuple(lines[n - 1 : last]))


def without(
    host: Sample, subject: str, operator: str, why: str, step: Step, also: Iterable[Where]
) -> Mutation:
    files = span(host, step.path, step.start, step.end, [])
    return changed(
        host,
        subject,
        operator,
        why,
        f"{step.path}:{step.start}: without {step.text[0].strip()!r}",
        files,
        (),
        also,
    )


def swapped(
    host: Sample, subject: str, operator: str, why: str, first: Step, second: Step, also: Iterable[Where]
) -> Mutation:
    """Two steps of a job, in the other order; whatever stands between them stays."""
    lines = host.files[first.path].split("\n")
    made = [
        *lines[: first.start - 1],
        *second.text,
        *lines[first.end : second.start - 1],
        *first.text,
        *lines[second.end :],
    ]
    return changed(
        host,
        subject,
        operator,
        why,
        f"{first.path}: {second.text[0].strip()!r} before {first.text[0].strip()!r}",
        {first.path: "\n".join(made)},
        (),
        also,
    )


def esc(text: str) -> str:
    return re.escape(text)

"""Reads the shell that Makefiles, justfiles and Dockerfiles call cargo with; nothing is ever run.

What make, just or docker fills in is not certain: it stands in the text as an expression that nobody knows.
Only texts that spell ``cargo`` are read.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tasks.domain.build_shell import BuildShell, BuildText
from tasks.domain.script import Script
from tasks.domain.source import Source
from tasks.facts.bash import read_shell

_UNKNOWN = "${{ vars.FILLED_IN }}"
_MAKEFILES = frozenset({"Makefile", "makefile", "GNUmakefile"})
_JUSTFILES = frozenset({"justfile", "Justfile", ".justfile"})
_MADE = re.compile(r"\$\$|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^{}]*\}|\$[^\s$({]")
_GIVEN = re.compile(r"\{\{.*?\}\}")
_RULE = re.compile(r"^(?P<names>[^\s#:=][^#:=]*?)\s*::?(?!=)")
_RECIPE = re.compile(r"^@?(?P<name>[A-Za-z_][\w-]*)(?![ \t]*:=)(?:[ \t][^\n]*?)?:(?!=)")
_PREFIXES = re.compile(r"^[@+\s]*")
_ODD_JUST = re.compile(r"^set\s+shell\s*:=\s*\[(?!\s*[\"'](?:/\S*/)?(?:ba|z)?sh[\"'])", re.MULTILINE)
_MOVED_JUST = re.compile(r"^set\s+working-directory\b", re.MULTILINE)
_MOVED_RECIPE = re.compile(r"^\[.*(?:no-cd|working-directory)")
_FAKES = re.compile(r"Cargo\.toml|cargo\s+(?:new|init)|>\s*\S+\.rs\b|\btouch\b|git\s+clone|--recipe-path")


def read_build_shell(sources: Iterable[Source]) -> BuildShell:
    """Read the recipes and instructions of all such files."""
    found: list[BuildText] = []
    for one in sorted(sources, key=lambda one: one.path):
        name = posixpath.basename(one.path)
        if "cargo" not in one.text or not one.readable:
            continue
        if name in _MAKEFILES:
            found += _of_make(one)
        elif name in _JUSTFILES:
            found += _of_just(one)
        elif name.startswith("Dockerfile") or name.endswith("Dockerfile"):
            found += _of_docker(one)
    return BuildShell(texts=tuple(found))


def _script(source: Source, text: str, line: int, cwd: str | None) -> Script:
    def numbered(row: int) -> int:
        return line + row

    read = functools.partial(read_shell, text, line=numbered, cwd=cwd)
    return Script(source=source, text=text, line=line, read=read, cwd=cwd)


def _of_make(source: Source) -> Iterator[BuildText]:
    directory = posixpath.dirname(source.path)
    target: str | None = None
    for line, text in _joined(source.lines):
        if not text.startswith("\t"):
            rule = _RULE.match(text)
            target = rule["names"] if rule else None if text.strip() and text[0] not in " #" else target
            continue
        shell = _PREFIXES.sub("", text)
        if "cargo" in shell and not shell.startswith(("-", "#")):
            filled = _MADE.sub(lambda found: "$" if found[0] == "$$" else _UNKNOWN, shell)
            yield BuildText(script=_script(source, filled, line, directory), program="make", target=target)


def _of_just(source: Source) -> Iterator[BuildText]:
    if _ODD_JUST.search(source.text):
        return
    directory = None if _MOVED_JUST.search(source.text) else posixpath.dirname(source.path)
    for recipe in _recipes(source.lines):
        place = None if recipe.moved else directory
        texts = recipe.body
        if texts and texts[0][1].strip().startswith("#!"):
            if not re.search(r"\b(?:ba|z)?sh\b", texts[0][1]):
                continue
            texts = [(texts[0][0], "\n".join(text for _, text in texts))]
        for line, text in texts:
            shell = _PREFIXES.sub("", text) if "\n" not in text else text
            if "cargo" in shell and not shell.startswith("-"):
                filled = _GIVEN.sub(_UNKNOWN, shell)
                yield BuildText(
                    script=_script(source, filled, line, place), program="just", target=recipe.name
                )


@dataclass(kw_only=True)
class _Recipe:
    """A recipe of a justfile while it is read."""

    name: str
    moved: bool
    body: list[tuple[int, str]] = field(default_factory=list)


def _recipes(lines: Iterable[str]) -> Iterator[_Recipe]:
    now: _Recipe | None = None
    moved = False
    for line, text in _joined(lines):
        if text[:1] in (" ", "\t"):
            if now is not None:
                now.body.append((line, text))
            continue
        if not text.strip():
            continue
        if text.startswith("["):
            moved = moved or _MOVED_RECIPE.match(text) is not None
            continue
        if now is not None:
            yield now
        begins = _RECIPE.match(text)
        now = _Recipe(name=begins["name"], moved=moved) if begins else None
        moved = False
    if now is not None:
        yield now


def _joined(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Go through the lines with their numbers; one that ends in a backslash goes on in the next."""
    begin, kept = 0, ""
    number = 0
    for number, text in enumerate(lines, 1):
        begin = begin or number
        kept = f"{kept}\n{text}" if kept else text
        if not text.endswith("\\"):
            yield begin, kept
            begin, kept = 0, ""
    if kept:
        yield begin, kept


@dataclass(kw_only=True)
class _Stage:
    """Where a stage of a Dockerfile works, and where in it the repository's root was copied to."""

    place: str = "/"
    root: str | None = None

    def enter(self, path: str) -> None:
        self.place = posixpath.normpath(posixpath.join(self.place, path)) if "$" not in path else "?"

    def copy(self, words: list[str]) -> None:
        paths = [word for word in words if not word.startswith("--")]
        if any(word.startswith("--from") for word in words) or len(paths) < 2:
            return
        if {"." if one == "./" else one.removeprefix("./") for one in paths[:-1]} & {".", "Cargo.toml"}:
            to = posixpath.normpath(posixpath.join(self.place, paths[-1]))
            self.root = to if self.root in (None, to) else "?"


def _of_docker(source: Source) -> Iterator[BuildText]:
    # Where the context of any other Dockerfile is is up to who builds it; dummies have names of their own.
    sure = "/" not in source.path and not _FAKES.search(_runs(source))
    stages: dict[str, _Stage] = {}
    now = _Stage()
    for line, text in _instructions(source):
        verb, _, rest = text.lstrip().partition(" ")
        words = rest.replace("\\\n", " ").split()
        if verb.upper() == "FROM" and words:
            plain = [word for word in words if not word.startswith("--")]
            above = stages.get(plain[0].lower(), _Stage())
            now = _Stage(place=above.place, root=above.root)
            if len(plain) > 2:
                stages[plain[2].lower()] = now
        elif verb.upper() == "WORKDIR" and words:
            now.enter(words[0].strip("\"'"))
        elif verb.upper() in ("COPY", "ADD"):
            now.copy(words)
        elif verb.upper() == "RUN" and "cargo" in rest and not rest.lstrip().startswith(("[", "<<")):
            cwd = "" if sure and now.root == now.place else None
            shell = re.sub(r"^(?:\s|\\\n)*(?:--\w+(?:=\S+)?(?:\s|\\\n)+)*", _blank, rest)
            yield BuildText(script=_script(source, shell, line, cwd), program="docker")


def _blank(found: re.Match[str]) -> str:
    """Keep the line ends of what is taken away, so that lines stay where they are."""
    return "\\\n" * found[0].count("\n")


def _runs(source: Source) -> str:
    return "\n".join(text for _, text in _instructions(source) if text.lstrip()[:4].upper() == "RUN ")


def _instructions(source: Source) -> Iterator[tuple[int, str]]:
    """Go through the instructions; a comment between the lines of one is no part of it."""
    lines: list[str] = []
    begin = 0
    for number, text in enumerate(source.lines, 1):
        plain = text.rstrip()
        if not lines and (not plain or plain.lstrip().startswith("#")):
            continue
        begin = begin or number
        if lines and (not plain or plain.lstrip().startswith("#")):
            lines.append("\\")
            continue
        lines.append(plain)
        if not plain.endswith("\\"):
            yield begin, "\n".join(lines)
            lines, begin = [], 0
    if lines:
        yield begin, "\n".join(lines)

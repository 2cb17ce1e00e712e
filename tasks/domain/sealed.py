"""All names that the steps of a job can have written, where every one of them is spelled."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator

from tasks.domain.checkout import checked_out
from tasks.domain.crate import Manifests
from tasks.domain.script import Command, Scripts, Word
from tasks.domain.tree import Tree
from tasks.domain.workflow import Job, Step
from tasks.domain.written_file import written_by

_CHECKOUT = "actions/checkout"
_ACTIONS = (_CHECKOUT, "dtolnay/rust-toolchain", "swatinem/rust-cache", "actions/upload-artifact")
_PLAIN = frozenset({"echo", "printf", "ls", "cat", "mkdir", "strip", "sha256sum", "shasum", "rustup", "set"})
_PACKS = frozenset({"tar", "zip"})
_BUILDS = frozenset({"build", "fetch", "clippy", "check", "fmt"})
_ELSEWHERE = re.compile(r"target[-_]dir|artifact-dir|out-dir|\bcd\b|GITHUB_ENV", re.IGNORECASE)


def written_names(
    scripts: Scripts,
    path: str,
    job: Job,
    step: Step,
    *,
    until: Command | None,
    manifests: Manifests,
    tree: Tree,
) -> tuple[str, ...] | None:
    """Return patterns of all paths outside cargo's directory that can have been written before a step.

    None when anything ran that may write names which it does not spell: only a job that checks out, builds
    and packs is known that well. ``*`` stands for what only a run can tell.
    """
    built = any(posixpath.basename(one.path) == "build.rs" for one in tree)
    if built or any("build" in one.root for one in manifests.configs) or not checked_out(job, step):
        return None
    if _ELSEWHERE.search(str(job.root.get("env"))):
        return None
    found: list[str] = []
    for one in job.steps[: step.index + (until is not None)]:
        if one.action is not None:
            moved = any(name in one.inputs for name in ("repository", "cache-directories"))
            moved = moved or ("path" in one.inputs and one.action.name == _CHECKOUT)
            if moved or not one.action.name.startswith(_ACTIONS):
                return None
            continue
        script = scripts.of(path, job, one)
        if script is None or not script.understood or script.cwd != "" or _ELSEWHERE.search(script.text):
            return None
        for command in script.commands if one.index < step.index or until is None else script.earlier(until):
            written = _written(command)
            if written is None:
                return None
            found += written
    return tuple(found)


def can_be(wanted: str, written: tuple[str, ...], tree: Tree) -> bool:
    """Tell whether a path or pattern names a file of the repository, or one of those that were written."""
    if any(mark in wanted for mark in "[]{}?!"):
        return True
    wanted = wanted.replace("**/", "*")  # also without a directory between
    every = (*written, *(one.path for one in tree))
    return any(_meet(wanted, one) or one.startswith(f"{wanted}/") for one in every)


def _meet(one: str, other: str) -> bool:
    """Tell whether two patterns with ``*`` can name the same: in doubt they do."""
    if "*" in one and "*" in other:
        first, second = (text.partition("*")[0] for text in (one, other))
        last, end = (text.rpartition("*")[2] for text in (one, other))
        starts = first.startswith(second) or second.startswith(first)
        return starts and (last.endswith(end) or end.endswith(last))
    return fnmatch.fnmatchcase(one, other) or fnmatch.fnmatchcase(other, one)


def _written(command: Command) -> list[str] | None:
    """Return the patterns of what a command writes; None when it may write what it does not spell."""
    program = command.program
    words = [one.target for one in command.redirects if one.writes and one.target is not None]
    if program == "cargo":
        first = next((one for one in command.literals if one is None or not one.startswith(("-", "+"))), None)
        if first not in _BUILDS:
            return None
    elif program in _PACKS:
        made = [*written_by(command)]
        if not made or command.has("-x", "--extract", "-r", "-m"):
            return None
        words += made
    elif program not in _PLAIN and command.words:
        return None
    return None if command.cwd != "" else [*_patterns(words)]


def _patterns(words: list[Word]) -> Iterator[str]:
    for word in words:
        texts = word.values or ("".join("*" if part is None else part for part in word.parts) or "*",)
        yield from (posixpath.normpath(one) for one in texts)

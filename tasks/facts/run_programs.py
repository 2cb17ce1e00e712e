"""Reads what the repository's own programs spell that workflows run with ``cargo run``.

A file whose name is in no text of the program, nor in those of the packages it is built from here, was not
written by it. Only programs of a few files are read; of any other one nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tasks.domain.cargo_command import built, cargo_command
from tasks.domain.crate import Manifests, Package
from tasks.domain.script import Call, Scripts, call_of
from tasks.facts.tree import Files

LARGEST = 256 * 1024  # bytes of all of a program's files
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_MADE_ELSEWHERE = re.compile(r"\binclude(?:_str)?!|env::(?:var|args)|Command::new|\bxshell\b|\bduct\b")
"""What lets a program write names that it does not spell: of files it includes, of arguments, of others."""


def with_programs(files: Files, scripts: Scripts, manifests: Manifests) -> Scripts:
    """Return the scripts with the texts of the programs that they run, where these are known."""
    read: dict[str, str | None] = {}
    found: dict[Call, str] = {}
    for _, command in scripts.commands("cargo", spelling="run"):
        call = cargo_command(command)
        if call is None or call.subcommand != "run":
            continue
        packages = built(call, manifests)
        if len(packages) != 1:
            continue
        package = packages[0]
        if package.directory not in read:
            read[package.directory] = _spelled(files, _with_own(package, manifests))
        text = read[package.directory]
        if text is not None:
            found[call_of(command)] = text
    return replace(scripts, programs=found) if found else scripts


def _with_own(package: Package, manifests: Manifests) -> Iterable[str]:
    """Return the directories of a package and of all of this repository that it depends on."""
    waiting, seen = [package], {package.directory: None}
    while waiting:
        for one in waiting.pop().dependencies:
            below = manifests.at(one.path) if one.path is not None else None
            if below is not None and below.directory not in seen:
                seen[below.directory] = None
                waiting.append(below)
    return seen


def _spelled(files: Files, directories: Iterable[str]) -> str | None:
    paths = {
        path
        for directory in directories
        for path in files.tree.paths
        if path.endswith(".rs") and path.startswith(f"{directory}/" if directory else "")
    }
    size = sum(entry.size or 0 for path in paths if (entry := files.tree.file(path)) is not None)
    if not paths or size > LARGEST:
        return None
    texts = [content.decode(errors="replace") for content in files.read(sorted(paths)).values()]
    if any(_MADE_ELSEWHERE.search(text) for text in texts):
        return None
    return "\n".join(match[1] for text in texts for match in _TEXT.finditer(text))

"""What lies in the archive of a Lambda function, as far as the repository's files tell."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.domain.evidence import Evidence
from tasks.domain.script import Scripts, inside
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import module_path

_MAKEFILES = ("Makefile", "makefile", "GNUmakefile")
_ZIP = re.compile(r"^\t[\s@+]*zip[ \t]+(?P<words>[^\n]+)$", re.MULTILINE)
_FLAGS = re.compile(r"-(?P<letters>[jqvX0-9]+)|--(?:junk-paths|quiet|must-match)|-FS")


@dataclass(frozen=True, kw_only=True)
class Packed:
    """One call of ``zip``: the archive's path in the repository, and the paths in it.

    ``archive`` and ``files`` are None when they are not certain; ``name`` is the archive's last part.
    """

    name: str
    archive: str | None
    files: tuple[str, ...] | None
    at: Evidence


def packed_by_terraform(module: Module, function: Block) -> tuple[str, Evidence] | None:
    """Return the only file in the archive that Terraform makes for a function, and where it is named."""
    given = function.attributes.get("filename")
    names = {
        one.path[2]
        for one in (given.references if given is not None else ())
        if one.path[:2] == ("data", "archive_file") and len(one.path) > 2
    }
    blocks = module.of("data", "archive_file", names.pop()) if len(names) == 1 else ()
    if len(blocks) != 1:
        return None
    block = blocks[0]
    if block.blocks or block.get("type") != "zip" or "source_file" not in block.attributes:
        return None
    name = last_name(block.get("source_file"))
    return None if name is None else (name, block.at("source_file"))


def last_name(value: Value) -> str | None:
    """Return the last part of a path, where it is written out; None when only a run can tell."""
    if isinstance(value, str):
        return posixpath.basename(value) or None
    if not isinstance(value, Expression) or not value.parts:
        return None
    end = value.parts[-1]
    return posixpath.basename(end) or None if end is not None and "/" in end else None


def archive_of(terraform: Terraform, module: Module, function: Block) -> str | None:
    """Return the path in the repository of the archive that a function is made of; None if not certain."""
    given = function.get("filename")
    if (path := module_path(given, module)) is not None:
        return path
    text = text_of(terraform, module, given)
    # A bare path is one of the directory that terraform is run in.
    return None if text is None or module not in terraform.roots else inside(text, module.directory)


def packed(scripts: Scripts, sources: Sources) -> Iterator[Packed]:
    """Go through the calls of ``zip`` in workflows, scripts and Makefiles whose archive is certain."""
    for script, command in scripts.commands("zip"):
        words = [word.literal for word in command.arguments]
        yield from _packed(words, command.cwd, script.source.at(command))
    for source in sources.saying("zip "):
        if posixpath.basename(source.path) in _MAKEFILES:
            for found in _ZIP.finditer(source.text):
                line = source.text.count("\n", 0, found.start()) + 1
                yield from _packed(_words(found["words"]), posixpath.dirname(source.path), source.at(line))


def _words(text: str) -> list[str | None]:
    """Split a recipe's words; what make or the shell fills in is not certain."""
    try:
        words = shlex.split(text)
    except ValueError:
        return [None]
    return [None if re.search(r"[$*?\[;&|<>]", one) else one for one in words]


def _packed(words: Sequence[str | None], cwd: str | None, at: Evidence) -> Iterator[Packed]:
    junk, certain = False, True
    names: list[str | None] = []
    for word in words:
        if word is None or not word.startswith("-"):
            names.append(word)
        elif (flag := _FLAGS.fullmatch(word)) is not None:
            junk = junk or "j" in (flag["letters"] or "") or word == "--junk-paths"
        else:
            certain = False  # what it takes out of a directory, leaves out or renames
    if not names or names[0] is None:
        return
    written = names[0] if "." in posixpath.basename(names[0]) else f"{names[0]}.zip"
    files = [one for one in names[1:] if one is not None]
    certain = certain and len(files) == len(names) - 1 and bool(files)
    kept = tuple(posixpath.basename(one) if junk else posixpath.normpath(one) for one in files)
    yield Packed(
        name=posixpath.basename(written),
        archive=inside(written, cwd),
        files=kept if certain else None,
        at=at,
    )

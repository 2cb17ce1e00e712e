"""Searches the Rust sources for the variables that documents set for `cargo run`.

A variable is unknown only if no source spells it in any way and one reads a name that fingers meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.cargo_command import cargo_command
from tasks.domain.closed_job import is_of_a_tool
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.followed import followed
from tasks.domain.program_option import UnknownVariable
from tasks.domain.spelling import fumbled
from tasks.facts.tree import Files

LARGEST = 8 * 1024 * 1024
"""Bytes of Rust that are searched; above it nothing is."""

_SETS = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+=\S+ (?:\S+=\S+ )*cargo (?:run|r)\b")
_READS = re.compile(rb'(?:\bvar(?:_os)?\(\s*|\benv\s*=\s*|\benv!\(\s*|\.env\(\s*)"([A-Z][A-Z0-9_]+)"')


def read_unknown_variables(files: Files, documents: Documents) -> tuple[UnknownVariable, ...]:
    """Look for the variables of all documents; without one no source is read."""
    given = [*_given(documents)]
    entries = [one for one in files.tree if one.path.endswith(".rs")] if given else []
    if not entries or sum(LARGEST if one.size is None else one.size for one in entries) > LARGEST:
        return ()
    contents = files.read([one.path for one in entries])
    if len(contents) < len(entries):
        return ()  # what cannot be read may have the name
    every = b"\n".join(contents.values())
    known = frozenset(name.decode() for name in _READS.findall(every))
    meant = {name: fumbled(name, known) for name, _ in given if not _may_be_read(name, every)}
    return tuple(
        UnknownVariable(name=name, place=place, meant=to)
        for name, place in given
        if (to := meant.get(name)) is not None
    )


def _given(documents: Documents) -> Iterator[tuple[str, Evidence]]:
    for document in followed(documents, "cargo run", "cargo r "):
        if not _SETS.search(document.source.text):
            continue
        for script in (*document.scripts_with("cargo r"), *document.spoken_with("cargo r")):
            for command in script.commands:
                call = cargo_command(command) if command.assignments else None
                if call is not None and call.subcommand in ("run", "r"):
                    names = (one for one in command.assignments if not is_of_a_tool(one.name))
                    yield from ((one.name, document.source.at(one.line)) for one in names)


def _may_be_read(name: str, every: bytes) -> bool:
    """Tell whether the sources spell a name: whole, as a field of that name, or by what it begins with."""
    words = name.split("_")
    begins = ("_".join(words[:number]) for number in range(1, len(words)))
    spelled = [name, name.lower(), *(f'"{one}{end}"' for one in begins for end in ("", "_", "__"))]
    return any(one.encode() in every for one in spelled)

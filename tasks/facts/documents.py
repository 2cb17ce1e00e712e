"""Reads the documents of a tree; what is inside each is found out when a check asks."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from tasks.domain.crate import is_copy
from tasks.domain.document import CodeBlock, Document, Documents
from tasks.domain.script import Script
from tasks.domain.source import Source
from tasks.facts.bash import read_shell

LARGEST = 1024 * 1024
"""Bytes of a document that is still read; larger ones are records, not instructions."""

GENERATED = ".openapi-generator/FILES"
"""The end of the path of a list in which the OpenAPI generator keeps what it wrote beside it."""
_OF_OTHERS = frozenset({"node_modules", "fixtures", "testdata"})
_OF_PEOPLE = frozenset({".github", ".gitlab", ".config", ".devcontainer", ".cargo", ".docker", ".circleci"})
"""Directories beginning with a dot whose documents people follow; in others tools and agents keep theirs,
most of them general instructions copied from somewhere."""


def is_document(path: str) -> bool:
    """Tell whether a file is prose for the repository's people, not a copy of somebody else's."""
    lower = path.lower()
    if not lower.endswith((".md", ".markdown", ".mdx")):
        return False
    directory = posixpath.dirname(lower)
    if any(one.startswith(".") and one not in _OF_PEOPLE for one in directory.split("/")):
        return False
    return _OF_OTHERS.isdisjoint(directory.split("/")) and not is_copy(directory)


def read_documents(sources: Iterable[Source]) -> Documents:
    """Take the documents among the sources; those that a generator writes anew are left out."""
    sources = tuple(sources)
    made = {path for one in sources for path in _generated(one)}
    # What lies beside is left over from an earlier run: the generator takes nothing away.
    beside = {
        posixpath.dirname(path) for path in made if posixpath.basename(posixpath.dirname(path)) == "docs"
    }
    found = (
        one
        for one in sources
        if is_document(one.path) and one.readable and len(one.text) <= LARGEST
        if one.path not in made and posixpath.dirname(one.path) not in beside
    )
    return Documents(
        files=tuple(Document(source=one, read=_script) for one in sorted(found, key=lambda one: one.path))
    )


def _generated(source: Source) -> Iterator[str]:
    """Go through the files that a list of the OpenAPI generator names as its own."""
    if source.path.endswith(GENERATED) and source.readable:
        directory = posixpath.dirname(posixpath.dirname(source.path))
        yield from (posixpath.join(directory, line.strip()) for line in source.lines if line.strip())


def _script(source: Source, block: CodeBlock) -> Script:
    text = block.commands
    return Script(  # noqa: S604 - the name of a shell, not the switch of a call
        source=source,
        text=str(text),
        line=block.line,
        shell="bash",
        # People are told to run it somewhere: from where is not certain.
        read=lambda: read_shell(text, line=lambda row: block.line + row, cwd=None, errexit=False),
        cwd=None,
    )

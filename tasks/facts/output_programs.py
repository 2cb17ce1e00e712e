"""Reads the Python programs of steps that write outputs; only running them would tell which ones."""

from __future__ import annotations

import re

from tasks.domain.python_program import OutputPrograms, program_path
from tasks.domain.script import Scripts
from tasks.facts.tree import Files

LARGEST = 512 * 1024
_OUTPUT = b"GITHUB_OUTPUT"
_COMPUTED = re.compile(rb"[\"']\{[^{}\n]*\}[\w-]*(?:=|<<)|%s(?:=|<<)|\+\s*[\"'](?:=|<<)|[\"']=[\"']\.join")
"""Names of outputs that are put together: which ones there are only a run tells."""
_WRITTEN = re.compile(r"(?:[\"']|\\n)([A-Za-z_][\w-]*)=")
_WORD = re.compile(r"[A-Za-z_][\w-]*")


def read_output_programs(files: Files, scripts: Scripts) -> OutputPrograms:
    """Keep the words of the programs that steps with an id run: what is none of them is not written."""
    wanted = {
        path
        for script in scripts
        if script.step is not None and script.step.id
        for command in script.commands
        if (path := program_path(command)) is not None
    }
    entries = [entry for path in sorted(wanted) if (entry := files.tree.file(path)) is not None]
    small = [entry.path for entry in entries if (entry.size or 0) <= LARGEST]
    texts = {
        path: content.decode(errors="replace")
        for path, content in files.read(small).items()
        if _OUTPUT in content and not _COMPUTED.search(content)
    }
    return OutputPrograms(
        words={path: frozenset(_WORD.findall(text)) for path, text in texts.items()},
        written={path: frozenset(_WRITTEN.findall(text)) for path, text in texts.items()},
    )

"""parliament, the linter of IAM policies; it reaches no network.

It runs in a process of its own, which ends with its time limit: an extraordinary policy can keep it busy.
Its own command is not used, because that writes a log to a fixed path in the directory for temporary files.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tasks.systems.shell import ProgramFailed, Shell

_CHILD = Path(__file__).with_name("parliament_child.py")


class Parliament:
    """Runs the library that is installed beside this Python."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def version(self) -> str:
        """Return its name and version. Raises PackageNotFoundError."""
        return f"parliament {importlib.metadata.version('parliament')}"

    def look(self, texts: Mapping[str, str], directory: Path) -> dict[str, list[dict[str, Any]] | None]:
        """Return what it says of each document, None for one that it stops at. Raises ProgramFailed.

        A finding has ``rule``, ``title``, ``detail`` (texts) and ``severity``, and may have ``statement``,
        ``line`` and ``text``. The directory is where the documents are handed over.
        """
        directory.mkdir(parents=True, exist_ok=True)
        given = directory / "policies.json"
        given.write_text(json.dumps(dict(texts)))
        ended = self._shell.run(sys.executable, "-I", str(_CHILD), str(given), cwd=directory, timeout=60)
        if not ended.ok:
            raise ProgramFailed(ended)
        found: dict[str, list[dict[str, Any]] | None] = json.loads(ended.out)
        return found

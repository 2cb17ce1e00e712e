"""zizmor, the linter for the safety of workflows; it reaches no network here."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tasks.systems.shell import ProgramFailed, Shell

_FOUND = frozenset({0, 11, 12, 13, 14})
"""Exit codes of a look that came to its end: nothing found, or the highest severity found."""


class Zizmor:
    """Runs the program that was installed beside this Python, else the one on PATH."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        beside = Path(sys.executable).parent / "zizmor"
        self._program = str(beside) if beside.is_file() else "zizmor"

    @property
    def program(self) -> str:
        """The program as a person types it in a shell; uv brings it where PATH has none.

        The one beside this Python is no part of a person's PATH, and its place is that of this machine alone.
        """
        path = self._shell.environment.get("PATH", os.defpath)
        return "zizmor" if shutil.which("zizmor", path=path) is not None else "uvx zizmor"

    def version(self) -> str:
        """Return its version. Raises ProgramMissing."""
        here = Path(sys.executable).parent
        return self._shell.check(self._program, "--version", cwd=here, timeout=30).out.strip()

    def look(self, directory: Path) -> list[dict[str, Any]]:
        """Return its findings about a directory, as it writes them. Raises ProgramMissing, ProgramFailed."""
        options = ("--offline", "--format", "json-v1", "--no-progress", "--quiet", "--collect=all")
        ended = self._shell.run(self._program, *options, ".", cwd=directory, timeout=120)
        if ended.exit not in _FOUND or ended.timed_out:
            raise ProgramFailed(ended)
        found: list[dict[str, Any]] = json.loads(ended.out)
        return found

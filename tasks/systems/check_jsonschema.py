"""check-jsonschema with the schema of workflow files that it ships: no network is reached."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tasks.systems.shell import ProgramFailed, Shell


class CheckJsonschema:
    """Runs the program that was installed beside this Python, else the one on PATH."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        beside = Path(sys.executable).parent / "check-jsonschema"
        self._program = str(beside) if beside.is_file() else "check-jsonschema"

    def version(self) -> str:
        """Return its version. Raises ProgramMissing."""
        here = Path(sys.executable).parent
        return self._shell.check(self._program, "--version", cwd=here, timeout=30).out.strip()

    def workflows(self, directory: Path, files: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return what the schema refuses in workflow files, as it is written. Raises ProgramFailed."""
        options = ("--builtin-schema", "vendor.github-workflows", "--output-format", "json")
        ended = self._shell.run(self._program, *options, "--", *files, cwd=directory, timeout=120)
        if ended.exit not in (0, 1) or ended.timed_out or not ended.out.startswith("{"):
            raise ProgramFailed(ended)
        found: list[dict[str, Any]] = json.loads(ended.out).get("errors", [])
        return found

"""grep, asked in a checkout what it finds there."""

from __future__ import annotations

import re
from pathlib import Path

from tasks.systems.shell import ProgramFailed, Shell

_MATCH = re.compile(r"(?P<file>[^\0]+)\0(?P<line>\d+):(?P<text>.*)")
_SILENT = re.compile(r"^-[a-zA-Z]*$")


class Grep:
    """Runs one of the greps below a directory."""

    def __init__(self, shell: Shell, directory: Path) -> None:
        self._shell = shell
        self._directory = directory

    def first(self, program: str, arguments: tuple[str, ...], cwd: str) -> tuple[str, int, str] | None:
        """Return path (relative to cwd), line and text of the first match; None without one.

        Raises ProgramMissing, ProgramFailed when it could not look.
        """
        kept = [
            _speaking(one) for one in arguments if one not in ("--quiet", "--silent", "--files-with-matches")
        ]
        said = self._shell.run(
            program,
            *("-n", "-H", "-Z", "--color=never"),
            *(one for one in kept if one != "-"),
            cwd=self._directory / cwd,
            env={"LC_ALL": "C.UTF-8"},
            timeout=60,
            limit=1024 * 1024,
        )
        if said.exit not in (0, 1) or said.timed_out:
            raise ProgramFailed(said)
        found = next((match for line in said.out.splitlines() if (match := _MATCH.match(line))), None)
        if said.exit == 1:
            return None
        return (".", 0, "") if found is None else (found["file"], int(found["line"]), found["text"])


def _speaking(option: str) -> str:
    """Return an option without the flags that keep grep from showing a line: the answer is the same."""
    return re.sub("[qlcohs]", "", option) if _SILENT.match(option) and option != "-" else option

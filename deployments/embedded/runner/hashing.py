"""What `hashFiles()` answers."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from tasks.domain.glob import matches


def find_files(workspace: Path, patterns: Sequence[str]) -> list[Path]:
    """Find the files that patterns select below the workspace, in the order of their paths.

    `!` takes away again. A pattern that names a directory selects everything in it, as the toolkit's
    globber does.
    """
    lines = [line.strip() for pattern in patterns for line in pattern.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    chosen: list[Path] = []
    for path in _below(workspace):
        name = path.relative_to(workspace).as_posix()
        if _selects(workspace, wanted, name):
            chosen.append(path)
    return chosen


def _selects(workspace: Path, patterns: Sequence[str], name: str) -> bool:
    hit = False
    for pattern in patterns:
        body = pattern.removeprefix("!")
        body = body.removeprefix(f"{workspace.as_posix()}/").removeprefix("./").rstrip("/")
        if body in ("", ".") or matches(body, name) or matches(f"{body}/**", name):
            hit = not pattern.startswith("!")
    return hit


def _below(root: Path) -> list[Path]:
    found: list[Path] = []
    for directory, names, files in os.walk(root):
        # Hashing what git itself keeps, or what a build wrote, is never asked for and takes long.
        names[:] = sorted(name for name in names if name != ".git")
        found.extend(Path(directory, name) for name in files)
    return sorted(found)


def hash_files(workspace: Path, patterns: Sequence[str]) -> str:
    """Hash the hashes of the selected files; the empty text when none is selected."""
    total = hashlib.sha256()
    files = [path for path in find_files(workspace, patterns) if path.is_file()]
    for path in files:
        with path.open("rb") as content:
            total.update(hashlib.file_digest(content, "sha256").digest())
    return total.hexdigest() if files else ""

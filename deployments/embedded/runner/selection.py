"""The files that an action's `path:` or `files:` names: paths and globs, `!` taking away."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from deployments.embedded.runner.action import ActionCall

_MAGIC = "*?["


def expand(call: ActionCall, patterns: Sequence[str]) -> list[Path]:
    """Give what patterns name as absolute paths, files and directories, sorted, each once."""
    found: set[Path] = set()
    for pattern in patterns:
        absolute = str(call.inside(pattern.removeprefix("!")))
        # pathlib globs only below a directory; these patterns are absolute.
        named = glob.glob(absolute, recursive=True, include_hidden=True)  # noqa: PTH207
        hits = {Path(os.path.normpath(hit)) for hit in named}
        if pattern.startswith("!"):
            found = {path for path in found if not any(path == hit or hit in path.parents for hit in hits)}
        else:
            found |= hits
    return sorted(found)


def files(call: ActionCall, patterns: Sequence[str], *, hidden: bool) -> list[Path]:
    """Give the files that patterns name, those inside named directories included."""
    excluded = [pattern for pattern in patterns if pattern.startswith("!")]
    chosen: set[Path] = set()
    for path in expand(call, [pattern for pattern in patterns if not pattern.startswith("!")]):
        if path.is_file():
            chosen.add(path)
        elif path.is_dir():
            chosen.update(inner for inner in path.rglob("*") if inner.is_file())
    out = set(expand(call, [pattern.removeprefix("!") for pattern in excluded])) if excluded else set()
    kept = [path for path in chosen if path not in out and not any(parent in out for parent in path.parents)]
    if not hidden:
        kept = [path for path in kept if not _is_hidden(call, path)]
    return sorted(kept)


def _is_hidden(call: ActionCall, path: Path) -> bool:
    root = call.rooms.workspace
    parts = path.relative_to(root).parts if path.is_relative_to(root) else path.parts[-1:]
    return any(part.startswith(".") for part in parts)


def root_of(call: ActionCall, patterns: Sequence[str], chosen: Sequence[Path]) -> Path:
    """Give the directory that names in an archive start from: what the search paths have in common."""
    starts = [_start(call.inside(pattern)) for pattern in patterns if not pattern.startswith("!")]
    common = Path(os.path.commonpath([str(start) for start in starts]))
    if len(chosen) == 1 and common == chosen[0]:
        return common.parent
    return common if not common.is_file() else common.parent


def _start(pattern: Path) -> Path:
    """Give the part of a pattern before its first wildcard."""
    parts: list[str] = []
    for part in pattern.parts:
        if any(sign in part for sign in _MAGIC):
            break
        parts.append(part)
    return Path(os.path.normpath(Path(*parts)))

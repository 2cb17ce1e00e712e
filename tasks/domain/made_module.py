"""A Rust module whose file is made before it is compiled, by a build script or something else."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from tasks.domain.cargo_run import CargoFormat
from tasks.domain.ignored import is_ignored
from tasks.domain.source import Source, Sources

_MISSING = re.compile(r"failed to resolve mod `[^`]*`: (?P<path>\S+\.rs) does not exist")


@dataclass(frozen=True, kw_only=True)
class MadeModule:
    """A file that rustfmt misses; ``by`` is the build script that spells it or its directory, on ``line``."""

    path: str
    by: Source | None = None
    line: int = 1


def made_module(run: CargoFormat, sources: Sources) -> MadeModule | None:
    """Return the file at which rustfmt stopped, when it is made; None for one that is simply not there."""
    found = _MISSING.search(run.last)
    if found is None or sources.get(found["path"]) is not None:
        return None
    path = found["path"].removeprefix("./")
    ignored = is_ignored(path, sources)
    script = _build_script(path, sources)
    if script is None:
        return MadeModule(path=path) if ignored else None
    inside = posixpath.relpath(path, posixpath.dirname(script.path) or ".")
    for spelled in (inside, posixpath.basename(path), posixpath.dirname(inside)):
        # The directory of all sources says nothing about one file of it.
        if spelled in ("", ".", "src") and not ignored:
            continue
        line = next((number for number, text in enumerate(script.lines, 1) if f'{spelled}"' in text), None)
        if spelled and line is not None:
            return MadeModule(path=path, by=script, line=line)
    return MadeModule(path=path) if ignored else None


def _build_script(path: str, sources: Sources) -> Source | None:
    """Return the build script of the package that a file belongs to."""
    directory = posixpath.dirname(path)
    while directory and sources.get(f"{directory}/Cargo.toml") is None:
        directory = posixpath.dirname(directory)
    return sources.get(f"{directory}/build.rs" if directory else "build.rs")

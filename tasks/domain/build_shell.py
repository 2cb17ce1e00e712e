"""The shell that stands in files which build: recipes of Makefiles and justfiles, RUN of Dockerfiles."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasks.domain.script import Script


@dataclass(frozen=True, kw_only=True)
class BuildText:
    """One recipe or instruction that calls cargo; ``program`` starts it: make, just or docker.

    ``target`` is what the program is told to make, None for an instruction of a Dockerfile.
    """

    script: Script = field(repr=False)
    program: str
    target: str | None = None


@dataclass(frozen=True, kw_only=True)
class BuildShell:
    """All of them, by path and line."""

    texts: tuple[BuildText, ...] = ()

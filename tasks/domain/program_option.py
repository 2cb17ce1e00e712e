"""The options that documents and scripts give to programs of the workspace, and that no source knows."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.evidence import Evidence


@dataclass(frozen=True, kw_only=True)
class UnknownOption:
    """One option that a program of the workspace refuses; ``meant`` is how it spells the right one."""

    option: str
    package: str
    place: Evidence
    meant: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnknownOptions:
    """All of them, in the order in which they are told."""

    found: tuple[UnknownOption, ...] = ()

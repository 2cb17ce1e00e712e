"""The options and variables that documents and scripts give to programs, and that no source knows."""

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
class UnknownVariable:
    """A variable that a document sets for `cargo run`; what the sources read is ``meant``."""

    name: str
    place: Evidence
    meant: str


@dataclass(frozen=True, kw_only=True)
class UnknownOptions:
    """All of them, in the order in which they are told."""

    found: tuple[UnknownOption, ...] = ()
    variables: tuple[UnknownVariable, ...] = ()

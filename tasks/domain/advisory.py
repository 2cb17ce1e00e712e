"""Security advisories about the versions that a lock file chooses, with the date of what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tasks.domain.evidence import Evidence


class AdvisoryKind(StrEnum):
    """What an advisory tells of; all but the first are RustSec's informational ones."""

    VULNERABILITY = "vulnerability"
    UNSOUND = "unsound"
    UNMAINTAINED = "unmaintained"
    NOTICE = "notice"


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """One advisory of the database; the ranges are RustSec's."""

    id: str
    package: str
    title: str
    kind: AdvisoryKind
    published: date
    patched: tuple[str, ...] = ()
    unaffected: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Affected:
    """A locked version that an advisory is about."""

    advisory: Advisory
    version: str
    place: Evidence


@dataclass(frozen=True, kw_only=True)
class Advisories:
    """What a database says of the root's lock file; ``database`` is None when there is none on this machine.

    ``asked`` counts the locked versions from crates.io. ``dated`` is the day of the database's newest
    commit, of its newest advisory about one of these crates when it has no history; ``age`` is in days.
    """

    asked: int
    found: tuple[Affected, ...] = ()
    database: str | None = None
    dated: date | None = None
    age: int = 0
    looked_in: tuple[str, ...] = ()

"""What activation learned about one thing, and what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.evidence import Evidence
from tasks.domain.phase import Phase


class Verdict(StrEnum):
    """The answer to a check's question."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"  # we could not look: never passes, never accuses
    NOT_APPLICABLE = "not-applicable"


class Weight(StrEnum):
    """How much a finding matters when it does not hold."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What puts a finding right: who does what, and about how long it takes them.

    ``commands`` can be copied and run as they are; ``owner`` is a role (``repository`` for whoever may
    push, ``github-admin``, ``aws-admin``, ``operator`` ...); ``minutes`` is a person's time.
    ``live`` says what the same would be in the real world, for a remedy of a rehearsal. ``in_place`` tells
    that the commands are for the finding's own lines: another one of the same cause has its own. ``again``
    asks only the finding's check again.
    """

    summary: str
    commands: tuple[str, ...] = ()
    url: str | None = None
    owner: str = "repository"
    minutes: int = 5
    live: str | None = None
    in_place: bool = False
    again: str | None = None


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A person's decision to live with a finding until a date (ISO, inclusive)."""

    check: str
    subject: str
    reason: str
    owner: str
    expires: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One answer of one check about one subject, with its proof and its remedy."""

    check: str
    phase: Phase
    subject: str
    verdict: Verdict
    weight: Weight
    message: str
    evidence: tuple[Evidence, ...] = ()
    remedy: Remedy | None = None
    seconds: float = 0.0
    waived: Waiver | None = None

    @property
    def blocks(self) -> bool:
        """A blocker stops its phase when it is broken *or* could not be seen, unless it is waived."""
        return (
            self.weight is Weight.BLOCKER
            and self.verdict in (Verdict.BROKEN, Verdict.UNKNOWN)
            and self.waived is None
        )

    @property
    def key(self) -> str:
        """The identity of a finding across runs: check and subject."""
        return f"{self.check}/{self.subject}"

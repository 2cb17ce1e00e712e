"""What was true when a person last accepted it, and what has drifted since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tasks.domain.finding import Finding, Verdict


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A finding whose verdict is not the accepted one; ``was`` is None for a new subject."""

    finding: Finding
    was: Verdict | None


def drifted(accepted: Mapping[str, Verdict], now: Iterable[Finding]) -> tuple[Drift, ...]:
    """Return the findings whose verdict is not the accepted one; a new subject that holds is no drift."""
    return tuple(
        Drift(finding=finding, was=accepted.get(finding.key))
        for finding in now
        if accepted.get(finding.key, Verdict.HOLDS) is not finding.verdict
        and finding.verdict is not Verdict.NOT_APPLICABLE
    )

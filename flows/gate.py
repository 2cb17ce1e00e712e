"""Which findings stop which steps: everything that is not blocked is carried on with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tasks.domain.finding import Finding
from tasks.domain.phase import Phase
from tasks.steps.step import Step


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The blocking findings of a run, and the ids of checks that some step names as its own business.

    A blocker that a step names stops that step. A blocker that no step names stops every step of its
    phase; one of the preflight stops the first run, because a push is the first thing others see.
    """

    blockers: tuple[Finding, ...]
    claimed: frozenset[str]

    @classmethod
    def over(
        cls, findings: Iterable[Finding], steps: Iterable[Step[Any]], judged: frozenset[str] = frozenset()
    ) -> Gate:
        """Build the gate of a run from what the checks found and all the steps there are.

        ``judged`` names checks whose question some step answers itself, for just what it is about to do:
        a secret that only the release reads does not stop the push.
        """
        claimed = frozenset(check for step in steps for check in step.blocked_by)
        blockers = tuple(one for one in findings if one.blocks and one.check not in judged)
        return cls(blockers=blockers, claimed=claimed)

    def stops(self, step: Step[Any]) -> tuple[Finding, ...]:
        """Return the findings that stop a step; one that is not configured does nothing to be stopped."""
        if not step.configured:
            return ()
        return tuple(
            finding
            for finding in self.blockers
            if finding.check in step.blocked_by
            or (finding.check not in self.claimed and _first_stopped(finding.phase) is step.phase)
        )


def _first_stopped(phase: Phase) -> Phase:
    return Phase.FIRST_RUN if phase is Phase.PREFLIGHT else phase

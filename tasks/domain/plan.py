"""What would be done, as data that a person can approve."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tasks.domain.change import Change
from tasks.domain.phase import Phase


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """The changes one step would make now."""

    step: str
    phase: Phase
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every change that is left between the world as it is and as it should be."""

    repo: str
    commit: str
    world: str
    steps: tuple[PlannedStep, ...]

    @property
    def digest(self) -> str:
        """A short name for exactly these changes: 12 hex digits of a SHA-256 over their canonical JSON."""
        body = [
            [planned.step, planned.phase.value, change.verb, change.target, sorted(change.detail.items())]
            for planned in self.steps
            for change in planned.changes
        ]
        text = json.dumps([self.repo, self.commit, self.world, body], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def daily_usd(self) -> float | None:
        """The added daily cost in US dollars; None when the cost of any change is unknown."""
        costs = [change.daily_usd for planned in self.steps for change in planned.changes]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    @property
    def empty(self) -> bool:
        """Tell whether nothing is left to do."""
        return not any(planned.changes for planned in self.steps)

"""The plan that the owner of a repository pays GitHub for, and what the plans allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

AT_ONCE: Mapping[str, int] = {"free": 20, "pro": 40, "team": 60, "enterprise": 500}
"""Plan -> jobs that run at the same time on GitHub's standard runners (GitHub's page of limits, 2026)."""

MACOS_AT_ONCE: Mapping[str, int] = {"free": 5, "pro": 5, "team": 5, "enterprise": 50}
"""Plan -> those of them that may be on macOS; larger runners are counted by themselves (the same page)."""

PRIVATE_REVIEWERS = frozenset({"enterprise"})
"""Plans with required reviewers and wait timers for private repositories; public ones have them on every
plan (GitHub's reference of deployments and environments, 2026)."""

PRIVATE_ENVIRONMENTS = frozenset({"pro", "team", "enterprise"})
"""Plans on which environments of private repositories have secrets and branch policies."""

_OTHER_NAMES: Mapping[str, str] = {"business": "team", "business_plus": "enterprise"}


@dataclass(frozen=True, kw_only=True)
class ForgePlan:
    """Whose plan it is, and its name: free, pro, team, enterprise; None when GitHub does not tell."""

    owner: str
    name: str | None = None


def plan_name(given: str | None) -> str | None:
    """Return the plan as people call it now; None for one that is not known."""
    name = _OTHER_NAMES.get(str(given), str(given)).lower()
    return name if name in AT_ONCE else None

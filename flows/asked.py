"""What a person asked of a command, in its words; nothing is looked up yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tasks.domain.phase import Phase

SCENARIOS = (
    "broken-build",
    "missing-secret",
    "over-budget",
    "red-tests",
    "token-without-workflow-scope",
    "unhealthy-release",
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The arguments of a command; ``repository`` None means the bundled sample in a rehearsal."""

    command: str
    repository: Path | None = None
    live: bool = False
    offline: bool = False
    scenario: str | None = None
    config: Path | None = None
    until: Phase | None = None
    only: Phase | None = None
    only_check: str | None = None
    plan: bool = False
    approve: str | None = None
    yes: bool = False
    json: bool = False
    quiet: bool = False
    everything: bool = False
    fix: bool = False
    report: Path | None = None

    @classmethod
    def of_parameters(
        cls,
        command: str,
        repository: str,
        *,
        live: bool,
        until: str | None,
        only: str | None,
        approve: str | None,
        scenario: str | None = None,
    ) -> Asked:
        """Return what the parameters of a flow ask for; ValueError for what a command would not take."""
        if scenario and scenario not in SCENARIOS:
            raise ValueError(f"the scenario {scenario} is not known; one of {', '.join(SCENARIOS)}")
        if scenario and (repository or live):
            raise ValueError("a scenario is about the bundled sample, not about a repository")
        return cls(
            command=command,
            repository=Path(repository) if repository else None,
            live=live,
            until=Phase(until) if until else None,
            only=Phase(only) if only else None,
            approve=approve,
            scenario=scenario or None,
        )

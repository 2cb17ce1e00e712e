"""Everything one command has to say, ready for any renderer."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.finding import Finding
from tasks.domain.phase import Phase
from tasks.domain.plan import Plan
from tasks.domain.step import PhaseResult


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One verified file of a release; ``target`` is the Rust target triple when its name states one."""

    name: str
    sha256: str
    target: str | None = None
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class Release:
    """A published release whose every asset was downloaded and hashed."""

    tag: str
    url: str
    assets: tuple[Asset, ...]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What answers at an environment's URL; version and sha256 are read back there, None if unread."""

    environment: str
    url: str
    version: str | None
    sha256: str | None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A measured figure against its target and alert; ``value`` is None when it could not be read."""

    name: str
    value: float | None
    unit: str
    target: float | None = None
    alert: float | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a command did and found, independent of how it is shown."""

    command: str
    repo: str
    commit: str | None
    world: str
    exit: int
    seconds: float
    static_seconds: float | None = None
    findings: tuple[Finding, ...] = ()
    held: int = 0
    not_asked: int = 0
    phases: tuple[PhaseResult, ...] = ()
    plan: Plan | None = None
    release: Release | None = None
    deployments: tuple[Deployment, ...] = ()
    metrics: tuple[Metric, ...] = ()
    critical_path_minutes: int | None = None
    report_file: str | None = None
    journal_file: str | None = None
    next_commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def phase_findings(self, phase: Phase) -> tuple[Finding, ...]:
        """Return the findings that belong to a phase."""
        return tuple(finding for finding in self.findings if finding.phase is phase)

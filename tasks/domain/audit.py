"""What a linter of workflows says about the safety of a repository's workflows and actions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AuditFinding:
    """One place that the linter names; ``severity`` and ``confidence`` are its own words, in lower case.

    ``expression`` is what stands there between ``${{`` and ``}}``, where the place is one of an expression.
    """

    rule: str
    told: str
    severity: str
    confidence: str
    file: str
    line: int
    url: str | None = None
    expression: str | None = None


@dataclass(frozen=True, kw_only=True)
class WorkflowAudit:
    """Everything that one look of the linter found; what a file's own comments allow is not in it.

    ``unread`` are the files that the linter itself could not read, though YAML allows how they are written.
    """

    tool: str
    program: str = "zizmor"  # as a person types it
    findings: tuple[AuditFinding, ...] = ()
    unread: tuple[str, ...] = ()

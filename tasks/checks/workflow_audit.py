"""Whether a linter for the safety of workflows has something to say: unpinned actions, injection, rights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import counted, listed
from tasks.domain.audit import AuditFinding, WorkflowAudit
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources

_MOST = 10
_TELL_THEM = Remedy(
    summary="Write multi-line expressions as a block (`|-`), which it reads, or tell those who make it",
    url="https://github.com/zizmorcore/zizmor/issues",
    minutes=5,
)


@check("workflow-audit-passes", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def workflow_audit_passes(audit: WorkflowAudit, sources: Sources) -> Iterator[Answer]:
    """No workflow has a place that zizmor calls unsafe; what its own comments allow is left out."""
    by_rule: dict[str, list[AuditFinding]] = defaultdict(list)
    for one in audit.findings:
        # What is informational, or a guess, would accuse somebody of nothing.
        if one.severity in ("high", "medium", "low") and one.confidence in ("high", "medium"):
            by_rule[one.rule].append(one)
    for rule, found in sorted(by_rule.items()):
        files = {one.file for one in found}
        serious = any(one.severity == "high" for one in found)
        count = counted(len(found), "place") + (f" in {len(files)} files" if len(files) > 1 else "")
        yield broken(
            rule,
            f"{audit.tool}: {found[0].told} ({count})",
            *(_place(one, sources) for one in found[:_MOST]),
            remedy=Remedy(
                summary=f"Follow what zizmor says of {rule}, or allow it in the file with a reason",
                commands=(f"{audit.program} --offline .",),
                url=found[0].url,
                minutes=min(60, 2 + len(found)),
            ),
            weight=Weight.WARNING if serious else Weight.NOTE,
        )
    if audit.unread:
        told = f"{audit.tool} cannot read {listed(audit.unread)}; its fault, but nobody looked there"
        places = (Evidence(file=one) for one in audit.unread[:_MOST])
        yield unknown("unread", told, *places, weight=Weight.NOTE, remedy=_TELL_THEM)
    elif not by_rule:
        yield holds("workflows", f"{audit.tool} finds nothing")


def _place(one: AuditFinding, sources: Sources) -> Evidence:
    source = sources.get(one.file)
    return Evidence(file=one.file, line=one.line) if source is None else source.at(one.line)

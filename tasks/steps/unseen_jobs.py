"""Jobs that could not be run where they were tried: nobody has seen them pass, and nobody accuses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tasks.domain.evidence import Evidence
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.run import Job, Run, RunAnnotation

CHECK = "run-seen"
INSTALL = "Install what this machine lacks and run this again"
ELSEWHERE = "Have GitHub run what this machine cannot"


def unseen(run: Run, job: Job, limits: Sequence[RunAnnotation], phase: Phase) -> Finding:
    """Say which job could not be run and what was missing, with the place that asks for it."""
    obtain = tuple(dict.fromkeys(limit.details for limit in limits if limit.details))
    step = job.failed_step
    subject = f"{run.workflow.rpartition('/')[2]}: {job.name}"
    place = subject + (f", step {step.name}" if step else "")
    missing = "; ".join(dict.fromkeys(limit.message for limit in limits))
    return Finding(
        check=CHECK,
        phase=phase,
        subject=subject,
        verdict=Verdict.UNKNOWN,
        weight=Weight.BLOCKER,
        message=f"{place} could not be rehearsed here: {missing}",
        evidence=tuple(
            Evidence(
                source="annotation",
                file=limit.path,
                line=limit.line,
                excerpt=limit.message,
                url=job.url or run.url,
            )
            for limit in limits
        ),
        remedy=_remedy(obtain),
    )


def together(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give all that can be installed one remedy, so that it is one thing to do."""
    found = [one.remedy.commands for one in findings if one.check == CHECK and one.remedy is not None]
    remedy = _remedy(tuple(dict.fromkeys(command for commands in found for command in commands)))
    return tuple(
        replace(one, remedy=remedy)
        if one.check == CHECK and one.remedy is not None and one.remedy.commands
        else one
        for one in findings
    )


def _remedy(obtain: tuple[str, ...]) -> Remedy:
    if obtain:
        return Remedy(summary=INSTALL, commands=obtain, owner="operator", minutes=5)
    return Remedy(summary=ELSEWHERE, owner="operator", minutes=10)

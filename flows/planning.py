"""What a run would do, without doing it: every step looks and decides, none acts."""

from __future__ import annotations

import getpass
import shlex
import sys
from pathlib import Path
from typing import Any

from flows.consent import Approvals, sought
from flows.gate import Gate
from flows.session import Session
from tasks.domain.approval import Approval
from tasks.domain.finding import Finding
from tasks.domain.phase import Phase
from tasks.domain.plan import Plan, PlannedStep
from tasks.domain.settings import WorldKind
from tasks.domain.step import Decision
from tasks.domain.typed import interpreter
from tasks.steps.step import Blocked, Step


def plan_of(session: Session) -> tuple[Plan, tuple[Finding, ...]]:
    """Return the changes that are left and what stops some of them; the preflight has to have looked.

    A step that comes after one that is not done yet looks at a world that is still to change: what it
    finds missing there stops nothing.
    """
    steps = [step for phase in session.phases for step in session.steps.get(phase, ())]
    every = [one for listed in session.steps.values() for one in listed]
    gate = Gate.over(session.learned.findings, every, session.judged)
    planned: list[PlannedStep] = []
    stopping: list[Finding] = []
    undone: set[str] = set()
    for step in steps:
        if step.phase is Phase.PREFLIGHT:
            continue
        stops = gate.stops(step)
        decision = Decision(blocked=stops) if stops else decided(step)
        later = not undone.isdisjoint(step.after)
        stopping += () if later else decision.blocked
        if later or decision.changes or decision.blocked or decision.waiting:
            undone.add(step.name)
        if decision.changes:
            planned.append(PlannedStep(step=step.name, phase=step.phase, changes=decision.changes))
    settings = session.settings
    plan = Plan(
        repo=settings.full_name,
        commit=settings.commit or "",
        world=settings.world.value,
        steps=tuple(planned),
    )
    return plan, tuple(stopping)


def seek_before(session: Session, phase: Phase) -> None:
    """Ask for consent where a phase in the real world needs it.

    What a deployment would do can only be planned once there is a release: it is approved on its own.
    """
    asks = phase is Phase.DEPLOYMENT or (session.consent is None and phase is not Phase.PREFLIGHT)
    if asks and session.settings.world is WorldKind.LIVE:
        seek(session)


def seek(session: Session) -> None:
    """Ask for the consent that a run in the real world needs; the plan goes into the report either way.

    ``--approve DIGEST`` approves the plan of that digest and no other, ``--yes`` whatever the plan is.
    """
    settings, now = session.settings, session.clock.now()
    plan, _ = plan_of(session)
    approvals = Approvals(session.files.directory / "approvals.json")
    if not plan.empty and (settings.yes or settings.approve == plan.digest):
        approval = Approval(who=getpass.getuser(), when=now, digest=plan.digest)
        approvals.add(approval)
        session.journal.note(
            "approval", who=approval.who, digest=plan.digest, how="--yes" if settings.yes else "--approve"
        )
    repository = settings.source_path or settings.repository_path
    session.plan = plan
    session.consent = sought(
        plan,
        given=approvals.given(),
        now=now,
        command=approving(repository),
        before=session.consent.approved if session.consent else frozenset(),
    )
    if session.consent.digest is not None:
        session.tell(f"the plan {plan.digest} waits for approval")


def approving(repository: Path) -> str:
    """Return the command that approves a plan of a repository, up to the approval itself."""
    return (
        f"{interpreter(sys.orig_argv[0], Path.cwd())} -m flows.activate {shlex.quote(str(repository))} --live"
    )


def decided(step: Step[Any]) -> Decision:
    """Look once and decide; what only a person can put right is a decision as well."""
    try:
        return step.decide(step.look())
    except Blocked as stop:
        return Decision(blocked=stop.findings)

"""A person approves a plan by its digest; in the real world, a step makes no change that is not in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tasks.domain.approval import Approval
from tasks.domain.change import Change
from tasks.domain.plan import Plan
from tasks.domain.step import Decision
from tasks.steps.step import Step

Key = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, kw_only=True)
class Consent:
    """The changes that a person approved; ``digest`` names the plan that still has to be, if any."""

    approved: frozenset[Key] = frozenset()
    digest: str | None = None
    command: str = ""

    def bind(self, step: Step[Any]) -> Step[Any]:
        """Return the step that waits instead of making a change nobody approved."""

        def decide(seen: Any) -> Decision:
            decision = step.decide(seen)
            open_ = [change for change in decision.changes if key_of(step.name, change) not in self.approved]
            if not open_:
                return decision
            what = ", ".join(str(change) for change in open_)
            how = f"; {self.command}" if self.command else ""
            return replace(decision, changes=(), waiting=f"waits for approval of: {what}{how}")

        return replace(step, decide=decide)


def key_of(step: str, change: Change) -> Key:
    """Return what makes two changes the same to a person who approves one."""
    return step, change.verb, change.target, tuple(sorted(change.detail.items()))


def keys_of(plan: Plan) -> frozenset[Key]:
    """Return the keys of all changes of a plan."""
    return frozenset(key_of(planned.step, change) for planned in plan.steps for change in planned.changes)


def sought(
    plan: Plan,
    *,
    given: Iterable[Approval],
    now: datetime,
    command: str,
    before: frozenset[Key] = frozenset(),
) -> Consent:
    """Return what the given approvals allow of a plan: all of it, or what was allowed before and the digest.

    ``before`` are the changes that were approved earlier in this run; a plan of nothing else is approved.
    """
    wanted = keys_of(plan)
    if wanted <= before or any(approval.covers(plan.digest, now) for approval in given):
        return Consent(approved=before | wanted, command=f"{command} --plan")
    return Consent(approved=before, digest=plan.digest, command=f"{command} --approve {plan.digest}")


class Approvals:
    """The approvals a person gave for one repository, in a file that only that person reads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def given(self) -> tuple[Approval, ...]:
        """Return every approval that was written down, expired or not."""
        if not self._file.exists():
            return ()
        return tuple(
            Approval(who=row["who"], when=datetime.fromisoformat(row["when"]), digest=row["digest"])
            for row in json.loads(self._file.read_text(encoding="utf-8"))
        )

    def add(self, approval: Approval) -> None:
        """Write an approval down in one step."""
        rows = [
            {"who": one.who, "when": one.when.isoformat(), "digest": one.digest}
            for one in (*self.given(), approval)
        ]
        temporary = self._file.with_suffix(".new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(rows, out)
        temporary.replace(self._file)

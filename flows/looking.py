"""The preflight: each step looks at one part of the world, and the checks that can now be asked are asked.

A part that cannot be looked at becomes ``Unseen`` with its reason: its checks then say ``unknown``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from flows.session import Learned
from flows.strands import Strands
from flows.waivers import applying
from tasks.domain.check import Check, Guard
from tasks.domain.document import Documents
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.finding import Finding, Remedy, Verdict, Waiver
from tasks.domain.missing_program import missing_program_remedy
from tasks.domain.phase import Phase
from tasks.domain.step import Decision
from tasks.domain.terraform_reach import weighed
from tasks.domain.tree import Tree
from tasks.domain.work_tree import TreeDifference, WorkTree
from tasks.domain.workflow_phase import placed
from tasks.steps.step import Step
from tasks.systems.ahead import Ahead
from tasks.systems.git_objects import REFETCH, DamagedClone
from tasks.systems.shell import ProgramFailed, ProgramMissing

WORTH_A_HELPER = 50
"""Checks that take longer together than a helper takes to begin."""
TEXTS = "texts"
"""The strand of programs that read texts which they are handed."""
CHECKOUT = "checkout"
"""The strand of programs that work in the clean checkout: there is one, and each finds it as it was left."""

_WHOLE = "Get what the clone lacks, if it should be known before the push"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the world: what it is called, which facts a look at it gives, and the look.

    The look is given what was seen before and returns it with its own facts, seen or unseen.
    """

    name: str
    title: str
    kinds: tuple[type, ...]
    look: Callable[[Snapshot], Snapshot]
    moves: bool = False  # a phase may change it, so it is looked at again
    after: tuple[str, ...] = ()
    timeout: float = 600.0
    strand: str | None = None  # a program looks, and nothing of the run has to wait for it


@dataclass(kw_only=True)
class Looker:
    """Gathers the facts of a run and asks each check once, as soon as its facts are there.

    ``static`` are the facts that no program had to be run for; what is asked of nothing else is timed, and
    up to ``helpers`` processes beside this one ask it too.
    """

    checks: Sequence[Check]
    learned: Learned
    waivers: tuple[Waiver, ...]
    today: date
    regard: Callable[[Finding], Finding] = lambda finding: finding
    static: frozenset[type] = frozenset()
    guard: Guard = nullcontext
    helpers: int = 0
    end_programs: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.perf_counter
    snapshot: Snapshot = field(default_factory=Snapshot)
    _asked: set[str] = field(default_factory=set)
    _awaited: set[type] = field(default_factory=set)
    _parts: Sequence[Part] = ()
    _strands: Strands | None = None

    def steps(self, parts: Sequence[Part]) -> tuple[Step[Any], ...]:
        """Return one step for each part; a check waits for the last part that gives one of its facts."""
        self._awaited = {kind for part in parts for kind in part.kinds}
        self._parts = parts
        return tuple(self._step(part) for part in parts)

    def leave(self) -> None:
        """End what is still being looked at."""
        if self._strands is not None:
            self._strands.leave()

    def again(self, parts: Sequence[Part]) -> tuple[Finding, ...]:
        """Look at parts that a phase may have changed and ask their checks anew, as its postconditions."""
        kinds = {kind for part in parts for kind in part.kinds}
        stale = {check.id for check in self.checks if kinds & {kind for kind, _ in check.needs.values()}}
        seen = {kind: fact for kind, fact in self.snapshot.seen.items() if kind not in kinds}
        self.snapshot = Snapshot(seen)
        self.learned.findings[:] = [one for one in self.learned.findings if one.check not in stale]
        self._asked -= stale
        self._awaited = kinds
        return tuple(finding for part in parts for finding in self._look(part))

    def _step(self, part: Part) -> Step[Any]:
        return Step(
            name=part.name,
            phase=Phase.PREFLIGHT,
            title=part.title,
            look=lambda: self._look(part),
            decide=decide,
            act=_nothing,
            describe=summary,
            after=part.after,
            timeout=part.timeout,
        )

    def _look(self, part: Part) -> tuple[Finding, ...]:
        remedy = None
        try:
            self.snapshot = self._seen(part)
            reason = f"{part.title}: nothing was seen"
        except ProgramMissing as missing_one:
            reason, remedy = str(missing_one), missing_program_remedy(missing_one.program)
        except DamagedClone as damaged:
            reason, remedy = (
                damaged.lack,
                Remedy(summary=_WHOLE, commands=(REFETCH,), owner="operator", minutes=5),
            )
        except ProgramFailed as failure:
            reason = str(failure)
        except Exception as error:  # noqa: BLE001 - "could not look" is an answer, told by every check that needs it
            reason = f"{type(error).__name__}: {error}"
        missing = [kind for kind in part.kinds if kind not in self.snapshot.seen]
        unseen = Unseen(reason=reason, remedy=remedy)
        self.snapshot = self.snapshot.with_facts(unseen=dict.fromkeys(missing, unseen))
        self._awaited -= set(part.kinds)
        if WorkTree in part.kinds:
            self.learned.findings[:] = [self._marked(one) for one in self.learned.findings]
        return self._ask()

    def _seen(self, part: Part) -> Snapshot:
        """Look at a part; the first one that belongs to a strand has all strands begin."""
        if part.strand is not None and self._strands is None:
            self._strands = Strands(self._parts, self.snapshot, end=self.end_programs)
        if self._strands is None or not self._strands.has(part):
            return part.look(self.snapshot)
        seen = self._strands.look(part).seen
        return Snapshot({**self.snapshot.seen, **{kind: seen[kind] for kind in part.kinds if kind in seen}})

    def _ask(self) -> tuple[Finding, ...]:
        ready: list[Check] = []
        for check in self.checks:
            kinds = {kind for kind, _ in check.needs.values()}
            if check.id in self._asked or kinds & self._awaited:
                continue
            self._asked.add(check.id)
            if check.applies(self.snapshot):
                self.learned.not_asked.discard(check.id)
                ready.append(check)
            else:
                self.learned.not_asked.add(check.id)
        found = [
            self.regard(self._waived(self._marked(finding)))
            for answers in self._answers(ready)
            for finding in answers
        ]
        self.learned.findings += found
        return tuple(found)

    def _answers(self, checks: Sequence[Check]) -> Iterator[Sequence[Finding]]:
        """Go through the answers of the checks in their order; those that run no tool are asked together."""
        static = [one for one in checks if {kind for kind, _ in one.needs.values()} <= self.static]
        # What documents say is worked out once: by the helper, which begins with the last.
        static.sort(key=lambda one: any(kind is Documents for kind, _ in one.needs.values()))
        known = dict(zip((one.id for one in static), self._together(static), strict=True))
        return (known[one.id] if one.id in known else self._answer(one) for one in checks)

    def _together(self, static: Sequence[Check]) -> Sequence[Sequence[Finding]]:
        if not static:
            return ()
        started = self.clock()
        helpers = self.helpers if len(static) >= WORTH_A_HELPER else 0
        with Ahead([partial(self._answer, one) for one in static], helpers) as ahead:
            answers = ahead.answers()
        self.learned.static_seconds += self.clock() - started
        return answers

    def _answer(self, check: Check) -> Sequence[Finding]:
        answers = check.evaluate(self.snapshot, self.clock, self.guard)
        return [weighed(placed(one, self.snapshot), self.snapshot) for one in answers]

    def _marked(self, finding: Finding) -> Finding:
        work, tree, difference = (self.snapshot.get(kind) for kind in (WorkTree, Tree, TreeDifference))
        if isinstance(difference, TreeDifference):
            finding = difference.told(finding)
        if not isinstance(work, WorkTree) or not isinstance(tree, Tree):
            return finding
        return work.marked(finding, tree)

    def _waived(self, finding: Finding) -> Finding:
        waiver = applying(self.waivers, finding, self.today)
        return finding if waiver is None else replace(finding, waived=waiver)


def decide(findings: tuple[Finding, ...]) -> Decision:
    """Stop the preflight for what belongs to it; what belongs to a later phase stops that one."""
    blocked = tuple(one for one in findings if one.blocks and one.phase is Phase.PREFLIGHT)
    return Decision(blocked=blocked, why=summary(findings))


def summary(findings: tuple[Finding, ...]) -> str:
    """Count the answers in a line."""
    held = sum(one.verdict is Verdict.HOLDS for one in findings)
    stops = sum(one.blocks for one in findings)
    other = sum(one.verdict in (Verdict.BROKEN, Verdict.UNKNOWN) and not one.blocks for one in findings)
    parts = [f"{held} hold"] if held else []
    parts += [f"{stops} block"] if stops else []
    parts += [f"{other} to look at"] if other else []
    return ", ".join(parts) or "seen"


def _nothing(_change: object, _seen: object) -> None:
    raise AssertionError("a look decides on no change")

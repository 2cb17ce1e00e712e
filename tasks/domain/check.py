"""A check is a named, pure question over facts.

A check is a generator function whose parameters are annotated with the kinds of facts it asks for
and which yields one ``Answer`` per subject::

    @check("secrets-are-set", phase=Phase.FIRST_RUN, remedy=Remedy(summary="Set the secret"))
    def secrets_are_set(workflows: Workflows, forge: ForgeFacts) -> Iterator[Answer]:
        \"\"\"Every secret a workflow reads is set in the repository.\"\"\"
        for use in workflows.secrets:
            there = use.name in forge.secrets
            yield holds(use.name) if there else broken(use.name, "is not set", ...)

It reads nothing, asks nobody and never knows who asks: the same check is a gate before a phase, a
postcondition after it, a drift test at night and a line in a diagnosis.
"""

from __future__ import annotations

import inspect
import time
import traceback
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from tasks.domain import edit_command
from tasks.domain.cached import cached
from tasks.domain.credential import masked
from tasks.domain.edit_command import Edit
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.finding import Finding, Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources

_EDITED_MINUTES = 2


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a check says about one subject; ``phase``, ``weight`` and ``remedy`` override the check's own.

    ``edits`` put all of it right: where they are known they are the remedy.
    """

    subject: str
    verdict: Verdict
    message: str
    evidence: tuple[Evidence, ...] = ()
    remedy: Remedy | None = None
    phase: Phase | None = None
    weight: Weight | None = None
    edits: tuple[Edit, ...] = ()


def holds(subject: str, message: str = "", *evidence: Evidence) -> Answer:
    """Answer that the subject is as it should be."""
    return Answer(subject=subject, verdict=Verdict.HOLDS, message=message, evidence=evidence)


def broken(
    subject: str,
    message: str,
    *evidence: Evidence,
    remedy: Remedy | None = None,
    phase: Phase | None = None,
    weight: Weight | None = None,
    edits: tuple[Edit, ...] = (),
) -> Answer:
    """Answer that the subject is not as it should be, with the places that prove it."""
    return Answer(
        subject=subject,
        verdict=Verdict.BROKEN,
        message=message,
        evidence=evidence,
        remedy=remedy,
        phase=phase,
        weight=weight,
        edits=edits,
    )


def unknown(
    subject: str,
    message: str,
    *evidence: Evidence,
    remedy: Remedy | None = None,
    phase: Phase | None = None,
    weight: Weight | None = None,
) -> Answer:
    """Answer that nobody could look, and why."""
    return Answer(
        subject=subject,
        verdict=Verdict.UNKNOWN,
        message=message,
        evidence=evidence,
        remedy=remedy,
        phase=phase,
        weight=weight,
    )


Ask = Callable[..., Iterable[Answer]]
Guard = Callable[[], AbstractContextManager[object]]


class TookTooLong(Exception):  # noqa: N818 - reads as the sentence it is
    """A check was stopped at its time limit; the text says what the limit was."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One registered question: its id, what it asks, before which phase, and the usual remedy."""

    id: str
    subject: str  # the group it is listed under: git, cargo, terraform-runs, names, secrets ...
    title: str
    phase: Phase
    weight: Weight
    remedy: Remedy | None
    ask: Ask = field(repr=False)

    @cached
    def needs(self) -> dict[str, tuple[type, bool]]:
        """Parameter name -> (kind of fact, whether the check also accepts Unseen for it)."""
        hints = typing.get_type_hints(self.ask)
        return {name: _kind(hints[name]) for name in inspect.signature(self.ask).parameters}

    def unseen(self, snapshot: Snapshot) -> tuple[Unseen, ...]:
        """Return the facts this check cannot do without that the snapshot does not hold."""
        given = (snapshot.get(kind) for kind, tolerant in self.needs.values() if not tolerant)
        return tuple(fact for fact in given if isinstance(fact, Unseen))

    def applies(self, snapshot: Snapshot) -> bool:
        """Tell whether all its facts were asked for, seen or not."""
        return all(fact.asked for fact in self.unseen(snapshot))

    def evaluate(
        self,
        snapshot: Snapshot,
        clock: Callable[[], float] = time.perf_counter,
        guard: Guard = nullcontext,
    ) -> list[Finding]:
        """Ask the question; unseen facts, a crash and a time limit each become an ``unknown`` that says why.

        ``guard`` makes what stops the question with TookTooLong when it goes on for too long.
        """
        started = clock()
        if missing := self.unseen(snapshot):
            answers = [unknown("*", f"could not look: {missing[0].reason}", remedy=missing[0].remedy)]
        else:
            given = {name: snapshot.get(kind) for name, (kind, _) in self.needs.items()}
            answers = []
            try:
                with guard():
                    answers.extend(self.ask(**given))
            except TookTooLong as limit:
                answers = [*_proven(answers), _stopped(self, limit)]
            except Exception as bug:  # noqa: BLE001 - the other checks must still run, and the bug is reported by name
                answers = [*_proven(answers), _crashed(self, bug)]
        seconds = clock() - started
        texts = snapshot.get(Sources)
        known = texts if isinstance(texts, Sources) else None
        return [self._finding(answer, seconds, known) for answer in answers]

    def _finding(self, answer: Answer, seconds: float, texts: Sources | None) -> Finding:
        fine = answer.verdict in (Verdict.HOLDS, Verdict.NOT_APPLICABLE)
        return Finding(
            check=self.id,
            phase=answer.phase or self.phase,
            subject=answer.subject,
            verdict=answer.verdict,
            weight=answer.weight or self.weight,
            message=answer.message,
            evidence=answer.evidence if fine else tuple(_safe(place) for place in answer.evidence),
            remedy=None if fine else _edited(answer.edits, answer.remedy or self.remedy, texts),
            seconds=seconds,
        )


def _edited(edits: tuple[Edit, ...], usual: Remedy | None, texts: Sources | None) -> Remedy | None:
    """Return the remedy of edits that are known, which takes no longer than to read and to run them."""
    if not edits:
        return usual
    most = min(_EDITED_MINUTES, usual.minutes) if usual else _EDITED_MINUTES
    return replace(
        usual or Remedy(summary=""),
        summary=edit_command.summary(edits) or (usual.summary if usual else ""),
        commands=edit_command.commands(edits, texts),
        in_place=True,
        minutes=most,
    )


def _safe(place: Evidence) -> Evidence:
    """Hide a credential that stands on the line which proves something else."""
    shown = None if place.excerpt is None else masked(place.excerpt)
    return place if shown == place.excerpt else replace(place, excerpt=shown)


def _kind(hint: object) -> tuple[type, bool]:
    if isinstance(hint, types.UnionType):
        kinds = [kind for kind in typing.get_args(hint) if kind is not Unseen]
        if len(kinds) != 1 or not isinstance(kinds[0], type):
            raise TypeError(f"a check asks for one kind of fact per parameter, not {hint}")
        return kinds[0], True
    if not isinstance(hint, type):
        raise TypeError(f"a check's parameter is annotated with a kind of fact, not {hint}")
    return hint, False


def _proven(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Go through what a check that did not come to its end had found broken by then: that stays true."""
    return (one for one in answers if one.verdict is Verdict.BROKEN)


def _stopped(asked: Check, limit: TookTooLong) -> Answer:
    return unknown(
        "*",
        f"the check was stopped: {limit}; this is a bug in {asked.id}, or a file far out of the ordinary",
        remedy=_reported(asked, "slowness"),
    )


def _crashed(asked: Check, bug: Exception) -> Answer:
    frame = traceback.extract_tb(bug.__traceback__)[-1]
    return unknown(
        "*",
        f"the check itself failed ({type(bug).__name__}: {bug}); this is a bug in {asked.id}",
        Evidence(source="program", excerpt=f"{frame.name}: {frame.line}"),
        remedy=_reported(asked, "bug"),
    )


def _reported(asked: Check, what: str) -> Remedy:
    """Return who mends it; whoever cannot wait has to have looked at what the check did not see."""
    waive = (
        f'. Until then look yourself ("{asked.title}") and waive {asked.id} for "*" in activation.toml'
        if asked.weight is Weight.BLOCKER
        else ""
    )
    summary = f"Report the {what} in check {asked.id}; the other checks ran{waive}"
    return Remedy(summary=summary, owner="activation", minutes=5)


_REGISTRY: dict[str, Check] = {}


def check(
    id: str,  # noqa: A002 - the word people use
    *,
    phase: Phase,
    weight: Weight = Weight.BLOCKER,
    remedy: Remedy | None = None,
    subject: str | None = None,
) -> Callable[[Ask], Ask]:
    """Register a check; ``subject`` defaults to the name of the file it stands in."""

    def register(ask: Ask) -> Ask:
        if id in _REGISTRY:
            raise ValueError(f"check {id!r} is declared twice")
        title = (inspect.getdoc(ask) or "").strip().splitlines()
        if not title:
            raise ValueError(f"check {id!r} needs a docstring that says what holds")
        _REGISTRY[id] = Check(
            id=id,
            subject=subject or ask.__module__.rpartition(".")[2].replace("_", "-"),
            title=title[0],
            phase=phase,
            weight=weight,
            remedy=remedy,
            ask=ask,
        )
        return ask

    return register


def registered() -> tuple[Check, ...]:
    """Return every check imported so far, ordered by id."""
    return tuple(_REGISTRY[id_] for id_ in sorted(_REGISTRY))


def evaluate(checks: Iterable[Check], snapshot: Snapshot) -> Iterator[Finding]:
    """Ask every check whose facts were asked for."""
    for one in checks:
        if one.applies(snapshot):
            yield from one.evaluate(snapshot)

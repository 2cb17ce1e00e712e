"""Answers about one subject put together: a finding is known by check and subject, so each is told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tasks.domain.check import Answer
from tasks.domain.finding import Verdict

MOST_PLACES = 10

_WORST_FIRST = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS, Verdict.NOT_APPLICABLE)


def merged(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Return one answer for each subject: the worst, with the places of all that share its verdict."""
    by_subject: dict[str, list[Answer]] = {}
    for answer in answers:
        by_subject.setdefault(answer.subject, []).append(answer)
    for found in by_subject.values():
        worst = min(found, key=lambda one: _WORST_FIRST.index(one.verdict))
        places = [place for one in found if one.verdict is worst.verdict for place in one.evidence]
        yield replace(worst, evidence=tuple(dict.fromkeys(places))[:MOST_PLACES])

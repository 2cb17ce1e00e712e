"""Answers about one subject put together: a finding is known by check and subject, so each is told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def listed(names: Sequence[str], most: int = 6) -> str:
    """Write names as a person lists them: ``a, b and c``, and only the first of many."""
    shown = list(dict.fromkeys(names))
    if len(shown) > most:
        return f"{', '.join(shown[:most])} and {len(shown) - most} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else "none"

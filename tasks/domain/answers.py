"""Answers about one subject put together: a finding is known by check and subject, so each is told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tasks.domain.check import Answer
from tasks.domain.finding import Verdict, Weight

MOST_PLACES = 10

_HEAVIEST_FIRST = (Weight.BLOCKER, None, Weight.WARNING, Weight.NOTE)  # None stands for the check's own
_WORST_FIRST = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS, Verdict.NOT_APPLICABLE)


def merged(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Return one answer for each subject: the worst, with the places of all that share its verdict."""
    by_subject: dict[str, list[Answer]] = {}
    for answer in answers:
        by_subject.setdefault(answer.subject, []).append(answer)
    for found in by_subject.values():
        worst = min(found, key=lambda one: _WORST_FIRST.index(one.verdict))
        yield as_one(worst, [one for one in found if one.verdict is worst.verdict])


def of_one_cause(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Put together what is broken with one message: the first subject, the heaviest weight, all places."""
    by_message: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.verdict is Verdict.BROKEN:
            by_message.setdefault(answer.message, []).append(answer)
        else:
            yield answer
    for found in by_message.values():
        heaviest = min(found, key=lambda one: _HEAVIEST_FIRST.index(one.weight))
        yield as_one(replace(heaviest, subject=found[0].subject), found)


def as_one(first: Answer, found: Sequence[Answer]) -> Answer:
    """Return the first with the places of all, and with their edits if there are any for each of them.

    Where they are too many to be shown the message says how many more there are.
    """
    places = dict.fromkeys(place for one in found for place in one.evidence)
    edits = dict.fromkeys(edit for one in found for edit in one.edits)
    whole = all(one.edits for one in found)
    return replace(
        first,
        message=first.message + beyond(len(places)),
        evidence=tuple(places)[:MOST_PLACES],
        edits=tuple(edits) if whole else (),
    )


def beyond(places: int) -> str:
    """Say how many of some places are not shown; nothing where all are."""
    return f" (and {counted(places - MOST_PLACES, 'more place')})" if places > MOST_PLACES else ""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: ``1 step``, ``2 steps``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Write names as a person lists them: ``a, b and c``, and only the first of many."""
    shown = list(dict.fromkeys(names))
    if len(shown) > most:
        return f"{', '.join(shown[:most])} and {len(shown) - most} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else "none"

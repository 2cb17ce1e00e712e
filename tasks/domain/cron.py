"""Schedules as GitHub reads them: five fields of POSIX cron, with names for months and weekdays."""

from __future__ import annotations

import itertools
import re

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PART = re.compile(
    r"(?:(?P<all>\*)|(?P<low>[0-9]+|[A-Za-z]{3})(?:-(?P<high>[0-9]+|[A-Za-z]{3}))?)(?:/(?P<step>[0-9]+))?"
)

SHORTEST = 5
"""Minutes: GitHub runs no schedule more often."""


class CronError(Exception):
    """A schedule that GitHub refuses."""


def minutes(cron: str) -> frozenset[int]:
    """Return the minutes of an hour at which a schedule fires. Raises CronError with what is wrong."""
    fields = cron.split()
    if len(fields) != len(_FIELDS):
        raise CronError(f"a schedule has 5 fields, this has {len(fields)}")
    found = [
        _values(field, name, low, high) for field, (name, low, high) in zip(fields, _FIELDS, strict=True)
    ]
    return found[0]


def closest(fires: frozenset[int]) -> int:
    """Return the fewest minutes between two firings within an hour; 60 when there is only one."""
    return min((later - sooner for sooner, later in itertools.pairwise(sorted(fires))), default=60)


def _values(field: str, name: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise CronError(f"{part!r} is no {name}")
        first, last = low, high
        if match["low"] is not None:
            first = _number(match["low"], name)
            last = _number(match["high"], name) if match["high"] else (high if match["step"] else first)
        step = int(match["step"] or 1)
        if not low <= first <= high or not low <= last <= high or first > last or step == 0:
            raise CronError(f"{part!r} is no {name}: it goes from {low} to {high}")
        found |= set(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, name: str) -> int:
    if text.isdigit():
        return int(text)
    names = _MONTHS if name == "month" else _DAYS if name == "weekday" else ()
    if text.upper() not in names:
        raise CronError(f"{text!r} is no {name}")
    return names.index(text.upper()) + (1 if name == "month" else 0)

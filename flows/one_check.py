"""The choice of one check: is there such a check, and which parts of the world it needs a look at."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from flows.looking import Part
from tasks.domain.area import AREAS
from tasks.domain.check import Check
from tasks.domain.mistake import Mistake, Mistaken

SUGGESTED = 3
AGREE = "commit-and-work-tree-agree"


def chosen(checks: Sequence[Check], id_: str | None) -> tuple[Check, ...]:
    """Return the check of that id, all of them for None; Mistaken with the nearest ids when it is none.

    With it comes the one that tells where the work tree answers it worse than the commit.
    """
    if id_ is None:
        return tuple(checks)
    found = tuple(one for one in checks if one.id == id_)
    if not found:
        near = difflib.get_close_matches(id_, [one.id for one in checks], n=SUGGESTED, cutoff=0.7)
        areas = {area.lower(): area for area in AREAS}
        area = difflib.get_close_matches(id_.lower(), areas, n=1, cutoff=0.7)
        listed = f"one of {areas[area[0]]} in `preflight --list`" if area else "one of `preflight --list`"
        expected = " or ".join(near) or listed
        raise Mistaken([Mistake(place=f"argument --only {id_}", message="is no check", expected=expected)])
    return found + tuple(one for one in checks if one.id == AGREE and id_ != AGREE)


def parts_for(checks: Sequence[Check], parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that give a fact one of the checks asks for, and those that have to come before."""
    asked = {kind for check in checks for kind, _ in check.needs.values()}
    names = {part.name for part in parts if asked & set(part.kinds)}
    for part in reversed(parts):
        if part.name in names:
            names.update(part.after)
    # The first part puts what was read of the files before the run into what is asked.
    return tuple(part for number, part in enumerate(parts) if number == 0 or part.name in names)

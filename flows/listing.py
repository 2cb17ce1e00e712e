"""The list of all checks, by area: for people and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

from flows.command import DONE
from tasks import checks
from tasks.domain.area import AREAS, OTHER, area_of
from tasks.domain.check import Check


def listed(*, as_json: bool) -> int:
    """Show every check there is."""
    every = checks.load()
    if as_json:
        sys.stdout.write(json.dumps(_document(every), ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(every))
    return DONE


def _document(every: Sequence[Check]) -> dict[str, object]:
    rows = [
        {
            "check": one.id,
            "area": area_of(one.subject),
            "subject": one.subject,
            "phase": one.phase,
            "weight": one.weight,
            "title": one.title,
        }
        for one in every
    ]
    return {"schema": 1, "command": "preflight", "exit": DONE, "checks": rows}


def _lines(every: Sequence[Check]) -> Iterator[str]:
    width = max((len(one.id) for one in every), default=0)
    for area in (*AREAS, OTHER):
        own = [one for one in every if area_of(one.subject) == area]
        if own:
            yield f"{area} ({len(own)})"
            for one in own:
                yield f"  {one.id:<{width}}  {one.phase.value:<12}  {one.weight.value:<7}  {one.title}"
            yield ""
    yield f"{len(every)} checks. `preflight --only CHECK` asks one of them."

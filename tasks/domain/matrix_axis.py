"""The values that stand in a matrix of which only a run knows the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.located import Map, Seq, Text
from tasks.domain.workflow import Job, computed

_AXIS = re.compile(r"\$\{\{\s*matrix((?:\.[\w-]+)+)\s*\}\}")


def certain_values(job: Job, written: str) -> tuple[Text, ...]:
    """Return the literal values that a text of one ``${{ matrix.x.y }}`` surely has in some of a job's lanes.

    An axis beside it, or another entry of ``include``, may be computed: each lane has one value of every
    axis. Nothing is certain where lanes are taken out.
    """
    found = _AXIS.fullmatch(written.strip())
    matrix = job.matrix
    if found is None or not isinstance(matrix, Map) or "exclude" in matrix:
        return ()
    names = found[1].lstrip(".").split(".")
    return tuple(_values(matrix, names))


def _values(matrix: Map, names: list[str]) -> Iterator[Text]:
    axis, include = matrix.get(names[0]), matrix.get("include")
    of_axis = list(axis) if isinstance(axis, Seq) else []
    entries = [one for one in include if isinstance(one, Map)] if isinstance(include, Seq) else []
    # An entry gives an axis no other value: it makes a lane of its own, or joins one that has its value.
    of_axis += [one.get(names[0]) for one in entries]
    for one in of_axis:
        value: object = one
        for name in names[1:]:
            value = value.get(name) if isinstance(value, Map) else None
        if isinstance(value, Text) and not computed(value):
            yield value

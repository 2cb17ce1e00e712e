"""Whether what lies uncommitted in the work tree compiles where the commit does."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from tasks.checks.cargo_runs import obtaining
from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.cargo_run import CargoBuild, CargoOutcome, CargoWorkTree
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase

_SUBJECT = "work tree"


@check("work-tree-builds", phase=Phase.PREFLIGHT, weight=Weight.WARNING, subject="git")
def work_tree_builds(lying: CargoWorkTree, build: CargoBuild) -> Iterator[Answer]:
    """Nothing uncommitted keeps the work tree from compiling: once committed, it would go out."""
    if not lying.files:
        yield holds(_SUBJECT, "nothing that cargo reads is uncommitted")
    elif lying.outcome is CargoOutcome.PASSED:
        yield holds(_SUBJECT, "compiles")
    elif lying.outcome is not CargoOutcome.FAILED:
        why = lying.lacks.what if lying.lacks is not None else "it took too long"
        told = f"nobody saw whether {listed(lying.files, 3)} compiles as it lies there: {why}"
        yield unknown(_SUBJECT, told, weight=Weight.NOTE, remedy=obtaining(lying.lacks, None))
    elif build.outcome is CargoOutcome.PASSED:
        changed = frozenset(lying.files)
        places = tuple(replace(one, committed=one.file not in changed) for one in lying.places)
        first = (lying.places[0].excerpt or "" if lying.places else lying.last).partition("\n")[0]
        told = f"the commit compiles, and with {listed(lying.files, 3)} as it lies there it does not"
        yield broken(
            _SUBJECT,
            told + (f": {first}" if first else ""),
            *(places or (Evidence(source="cargo", file=lying.files[0], committed=False),))[:MOST_PLACES],
            remedy=Remedy(
                summary="Correct it before it is committed",
                commands=(lying.command, f"git diff HEAD -- {shlex.join(lying.files)}"),
                minutes=10,
            ),
        )

"""Judges many breakages on every core and says how far it is; what is found does not depend on the order."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tasks.domain.finding import Finding
from tests.benchmarks.benchmark import Outcome, checks, judged
from tests.benchmarks.held_out.score import outcomes
from tests.benchmarks.mutation import Mutation, sample

_AT_ONCE = 16  # breakages that a process is handed at a time
_SAID_EVERY = 250
_made: Sequence[Mutation] = ()


def all_judged(title: str, made: Sequence[Mutation]) -> list[Outcome]:
    """Return what is found of each, in their order; progress goes to the standard error."""
    started = time.monotonic()
    found: list[Outcome] = []
    with ProcessPoolExecutor(initializer=_handed, initargs=(made,)) as pool:
        judgements = pool.map(_judgement, range(len(made)), chunksize=_AT_ONCE)
        for number, (mutation, parts) in enumerate(zip(made, judgements, strict=True), 1):
            caught, elsewhere, seconds = parts
            found.append(Outcome(mutation=mutation, caught=caught, elsewhere=elsewhere, seconds=seconds))
            if number % _SAID_EVERY == 0 or number == len(made):
                past = time.monotonic() - started
                sys.stderr.write(f"{title}: {number} of {len(made)} in {past:.0f} s\n")
    return found


def _handed(made: Sequence[Mutation]) -> None:
    global _made  # noqa: PLW0603 - handed to each process once; a breakage carries whole repositories
    _made = made


def _judgement(index: int) -> tuple[tuple[Finding, ...], tuple[Finding, ...], float]:
    one = _made[index]
    outcome = judged(sample(), one, checks()) if one.whole is None else next(outcomes([one], checks()))
    return outcome.caught, outcome.elsewhere, outcome.seconds

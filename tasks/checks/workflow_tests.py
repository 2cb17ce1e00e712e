"""Whether the tests that workflows ask for by name are there."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.wanted_test import WantedTests


@check(
    "test-filter-matches",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name tests that are there, or delete the step: it tests nothing", minutes=10),
)
def test_filter_matches(wanted: WantedTests) -> Iterator[Answer]:
    """Every `cargo test NAME` of a workflow names a module or test that the sources have."""
    yield from merged(_filters(wanted))


def _filters(wanted: WantedTests) -> Iterator[Answer]:
    for one in wanted.filters:
        subject = f"{one.source.path.rpartition('/')[2]}: {one.filter}"
        if one.named:
            yield holds(subject, "is a name of the sources")
        elif one.named is False:
            where = ", ".join(one.packages[:5]) + (" ..." if len(one.packages) > 5 else "")
            end = "nextest has no test to run" if one.nextest else "cargo runs no test and reports success"
            told = f"no source of {where} has the name {one.filter!r}: {end}"
            yield broken(subject, told, one.source.at(one.line))

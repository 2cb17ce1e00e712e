"""Whether a step that searches the repository can come out well."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.search import Searched, Searches


@check(
    "search-can-pass",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Correct what the step searches for, or what it finds", minutes=15),
)
def search_can_pass(searches: Searches) -> Iterator[Answer]:
    """No step fails on a `grep` whose answer in the committed files is known before the run."""
    yield from merged(_answer(one) for one in searches.made)


def _answer(one: Searched) -> Answer:
    search = one.search
    job, step = search.script.job, search.script.step
    label = step.label if step is not None else "?"
    subject = f"{search.workflow.file}: {job.id if job is not None else '?'}: {label}"
    place = search.workflow.source.at(search.command)
    if search.needed == (one.match is not None):
        return holds(subject, "passes", place)
    if one.match is None:
        return broken(subject, "the step fails: grep finds nothing of it in the committed files", place)
    where = f"{one.match.file}:{one.match.line}" if one.match.line else one.match.file
    return broken(subject, f"the step fails for what grep finds, first in {where}", place, one.match)

"""Jobs whose failure ends nothing: they continue on error, and no later job misses what they make.

A leg of a matrix may be one by itself: ``continue-on-error: ${{ matrix.experimental }}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.artifact import Transfer, uploads
from tasks.domain.job_order import above
from tasks.domain.lane import Lane, lanes
from tasks.domain.located import Map, Seq, scalars
from tasks.domain.workflow import Job, Workflow


@dataclass(frozen=True, kw_only=True)
class Expendable:
    """A job, or some legs of it; ``lost`` are the artifacts that are not made when they fail."""

    job: str
    lost: tuple[str, ...] = ()


def expendable(workflow: Workflow, lines: Iterable[int]) -> tuple[Expendable, ...]:
    """Return the jobs in which the lines stand when all may fail without loss; none when one may not."""
    if "continue-on-error" not in workflow.source.text:
        return ()
    found: dict[str, Expendable] = {}
    for line in lines:
        job = job_at(workflow, line)
        one = None if job is None else _expendable(workflow, job, line)
        if one is None:
            return ()
        found.setdefault(one.job, one)
    return tuple(found.values())


def job_at(workflow: Workflow, line: int) -> Job | None:
    """Return the job in which a line stands."""
    before = [one for one in workflow.jobs.values() if one.line <= line]
    return max(before, key=lambda one: one.line, default=None)


def _expendable(workflow: Workflow, job: Job, line: int) -> Expendable | None:
    if job.root.get("continue-on-error") in (None, False):
        return None
    every = lanes(workflow, job)
    mine = _legs(job, every, line)
    if not mine or not all(_may_fail(job, lane) for lane in mine):
        return None
    made = [one for one in uploads(workflow) if one.job is job]
    lost = tuple(dict.fromkeys(_names(made, mine)))
    after = [one for one in workflow.jobs.values() if str(job.id) in above(workflow, one)]
    whole = len(mine) == len(every)
    if any(_misses(one, job, lost, whole=whole and bool(made)) for one in after):
        return None
    return Expendable(job=str(job.id), lost=lost)


def _may_fail(job: Job, lane: Lane) -> bool:
    written = job.root.get("continue-on-error")
    return written is True or (isinstance(written, str) and lane.condition(written) is True)


def _legs(job: Job, every: tuple[Lane, ...], line: int) -> tuple[Lane, ...]:
    """Return the legs that a line is about: those of an entry or a value of the matrix, or all."""
    if not isinstance(job.matrix, Map):
        return every
    for entry in job.matrix.seq("include"):
        if isinstance(entry, Map) and line in {entry.line, *entry.places.values()}:
            return tuple(
                one for one in every if one.matrix is not None and entry.items() <= one.matrix.items()
            )
    for key, axis in job.matrix.items():
        written = zip(axis, axis.places, strict=True) if isinstance(axis, Seq) else ()
        here = [value for value, at in written if at == line]
        if here:
            return tuple(one for one in every if one.matrix is not None and one.matrix.get(key) in here)
    return every


def _names(made: Iterable[Transfer], legs: Iterable[Lane]) -> Iterator[str]:
    for upload in made:
        yield from (lane.text(upload.written) or upload.written for lane in legs)


def _misses(later: Job, job: Job, lost: tuple[str, ...], *, whole: bool) -> bool:
    """Tell whether a later job cannot go on without what a failed one makes, or asks how it ended."""
    asked = f"needs.{job.id}."
    texts = [str(one.text) for one in scalars(later.root)]
    if any(asked in text or f"needs['{job.id}']" in text or "needs.*" in text for text in texts):
        return True
    takes = any(step.action is not None and "download-artifact" in step.action.name for step in later.steps)
    if takes and whole:
        return True
    return takes and any(name in text for name in lost for text in texts)

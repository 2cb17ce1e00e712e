"""Which jobs of a workflow have ended when another one begins, and how a step of it can run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.lane import Lane, lanes
from tasks.domain.workflow import Job, Step, Workflow

_ALWAYS = ("always()", "success()", "!cancelled()")


def above(workflow: Workflow, job: Job) -> dict[str, Job]:
    """Return the jobs that a job waits for, directly or through others, by id."""
    found: dict[str, Job] = {}
    left = [str(need) for need in job.needs]
    while left:
        id_ = left.pop()
        other = workflow.jobs.get(id_)
        if other is not None and id_ not in found and other is not job:
            found[id_] = other
            left += [str(need) for need in other.needs]
    return found


def earlier(job: Job, step: Step) -> Iterator[Step]:
    """Go through the steps of a job before one of them."""
    return (one for one in job.steps if one.index < step.index)


def step_lanes(workflow: Workflow, job: Job, step: Step) -> tuple[Lane, ...]:
    """Return the ways in which a step may run; none when its ``if:`` never holds.

    Variables that an earlier step may have changed through ``$GITHUB_ENV`` are not certain any more.
    """
    known: dict[int, tuple[Lane, ...]] = job.memo.setdefault("step_lanes", {})
    if step.index not in known:
        known[step.index] = _step_lanes(workflow, job, step)
    return known[step.index]


def _step_lanes(workflow: Workflow, job: Job, step: Step) -> tuple[Lane, ...]:
    now = lanes(workflow, job)
    changed = any("GITHUB_ENV" in (one.run or "") or _is_local(one) for one in earlier(job, step))
    found = []
    for lane in now:
        if lane.condition(step.condition) is False:
            continue
        kept = replace(lane, env={}) if changed and "env." in str(step.root) else lane
        found.append(kept.with_env(step.env))
    return tuple(found)


def runs_for_sure(lane: Lane, job: Job, step: Step) -> bool:
    """Tell whether a step runs whenever all before it went well."""
    return all(
        str(one).strip(" ${}") in _ALWAYS or lane.condition(one) is True
        for one in (job.condition, step.condition)
    )


def _is_local(step: Step) -> bool:
    return step.action is not None and step.action.local is not None


def waited_for(workflow: Workflow, id_: str) -> set[str]:
    """Return the jobs that one waits for, in any number of steps: itself too where needs turn in a circle."""
    found: set[str] = set()
    left = [id_]
    while left:
        job = workflow.jobs.get(left.pop())
        for need in job.needs if job else ():
            if need not in found:
                found.add(str(need))
                left.append(str(need))
    return found

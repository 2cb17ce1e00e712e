"""The ways in which the jobs of a workflow run that others of the repository call, and what those hand it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tasks.domain.evidence import Evidence
from tasks.domain.lane import Lane, lanes
from tasks.domain.use import OPEN
from tasks.domain.workflow import Job, Workflow, Workflows

_DEEPEST = 4  # GitHub lets calls go no deeper
_CALL = "workflow_call"


@dataclass(frozen=True, kw_only=True)
class Way:
    """A lane of a job with the inputs of one call filled in, and the place of each that is written out."""

    lane: Lane
    places: tuple[Evidence, ...] = ()


def ways(workflows: Workflows, workflow: Workflow, job: Job, deep: int = _DEEPEST) -> Iterator[Way]:
    """Go through the ways in which a job runs; an input that no caller settles is left out of its lane."""
    own = lanes(workflow, job)
    if _CALL not in workflow.events or tuple(workflow.events) != (_CALL,):
        yield from (Way(lane=lane) for lane in own)
        if _CALL not in workflow.events:
            return
    for caller, calling in callers(workflows, workflow) if deep else ():
        for outer in ways(workflows, caller, calling, deep - 1):
            given = _given(workflow, calling, outer.lane)
            lines = (calling.inputs.text(name) for name in given)
            places = tuple(caller.source.at(text) for text in lines if text is not None and OPEN not in text)
            for lane in own:
                yield Way(lane=replace(lane, inputs={**lane.inputs, **given}), places=places + outer.places)


def callers(workflows: Workflows, called: Workflow) -> Iterator[tuple[Workflow, Job]]:
    """Go through the jobs of the repository that call a workflow."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            if job.action is not None and job.action.local == called.path:
                yield workflow, job


def _given(called: Workflow, calling: Job, lane: Lane) -> dict[str, str]:
    """Return the inputs of a call whose values are certain: passed, or the default."""
    found: dict[str, str] = {}
    declared = (called.event(_CALL) or called.root.map("")).map("inputs")
    for name in map(str, declared):
        written = calling.inputs.text(name)
        if written is None and name not in calling.inputs:
            written = declared.map(name).text("default")
        value = None if written is None else lane.text(written)
        if value is not None:
            found[name] = value
    return found


def secret_meant(workflows: Workflows, workflow: Workflow, name: str, deep: int = _DEEPEST) -> frozenset[str]:
    """Return what a secret of a workflow is called where it comes from: callers hand it on by other names.

    The names are in upper case; one that is computed is empty.
    """
    if tuple(workflow.events) != (_CALL,) or not deep:
        return frozenset({name.upper()})
    found: set[str] = set()
    for caller, calling in callers(workflows, workflow):
        passed = calling.root.map("secrets").text(name)
        if passed is None:
            inherited = calling.root.get("secrets") == "inherit"
            found |= secret_meant(workflows, caller, name, deep - 1) if inherited else {""}
            continue
        inner = passed.removeprefix("${{").removesuffix("}}").strip()
        begins, _, rest = inner.partition(".")
        plain = begins == "secrets" and rest.replace("_", "").isalnum()
        found |= secret_meant(workflows, caller, rest, deep - 1) if plain else {""}
    return frozenset(found)

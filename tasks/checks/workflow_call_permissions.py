"""Whether the jobs of called workflows ask for no more than the job that calls them has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy
from tasks.domain.located import Map
from tasks.domain.phase import Phase
from tasks.domain.workflow import Job, Workflow, Workflows
from tasks.domain.workflow_grammar import PERMISSIONS

_LEVELS = ("none", "read", "write")
_DEEPEST = 10
"""GitHub lets workflows call each other ten levels deep; deeper is an error of its own."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a part of a called workflow asks for: its words, ``scope`` -> level, and where it is written."""

    who: str
    levels: Mapping[str, str]
    place: Evidence


@check("called-workflow-permissions", phase=Phase.FIRST_RUN)
def called_workflow_permissions(workflows: Workflows) -> Iterator[Answer]:
    """No job of a called workflow asks for a permission that the calling job does not have."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            called = _called(workflows, job)
            root = _stated(job.root, workflow.root)
            given = None if root is None else _levels(root)
            if called is None or root is None or given is None:
                continue  # the default of the repository decides
            wrong = [
                (asked, scope, level)
                for asked in _all_asked(workflows, called, _DEEPEST)
                for scope, level in asked.levels.items()
                if _LEVELS.index(level) > _LEVELS.index(given.get(scope, "none"))
            ]
            subject = f"{workflow.file}: {job.id}"
            if not wrong:
                yield holds(subject, f"{called.file} asks for no more than it has")
                continue
            most: dict[str, str] = {}
            for _, scope, level in wrong:
                most[scope] = max(most.get(scope, level), level, key=_LEVELS.index)
            needs = [f"{scope}: {level}" for scope, level in most.items()]
            has = [f"{scope}: {given.get(scope, 'none')}" for scope in most]
            told = (
                f"GitHub refuses the run for what {listed([one.who for one, *_ in wrong], most=3)} may do:"
                f" {listed(needs, most=4)}; its caller {str(job.id)!r} has {listed(has, most=4)}"
            )
            remedy = Remedy(
                summary=f"Give the job {job.id} the `permissions:` {listed(needs, most=8)}", minutes=5
            )
            at = job.root if root is job.root else workflow.root
            places = [workflow.source.at(at.line_of("permissions")), workflow.source.at(job.action)]
            places += [asked.place for asked, *_ in wrong]
            yield broken(subject, told, *[*dict.fromkeys(places)][:MOST_PLACES], remedy=remedy)


def _called(workflows: Workflows, job: Job) -> Workflow | None:
    return None if job.action is None or job.action.local is None else workflows.at(job.action.local)


def _stated(*roots: Map) -> Map | None:
    """Return the first that states permissions."""
    return next((root for root in roots if "permissions" in root), None)


def _levels(root: Map) -> Mapping[str, str] | None:
    """Return the level of each scope that is not ``none``; None for what GitHub does not know."""
    written = root.get("permissions")
    if isinstance(written, Map):
        found = {str(scope): str(written.text(scope) or "none") for scope in written}
        return found if set(found.values()) <= set(_LEVELS) else None
    level = {"read-all": "read", "write-all": "write"}.get(str(written))
    if level is None:
        return None
    return {
        scope: level if level in known else "read" for scope, known in PERMISSIONS.items() if "read" in known
    } | ({"id-token": "write"} if level == "write" else {})


def _all_asked(workflows: Workflows, called: Workflow, depth: int) -> Iterator[_Asked]:
    """Go through what a called workflow and its jobs ask for, also through workflows that they call.

    What a job that calls another one is given of its own is compared there.
    """
    parts = [
        ("the workflow", called.root),
        *((f"the job {str(one.id)!r}", one.root) for one in called.jobs.values()),
    ]
    for who, root in parts:
        levels = _levels(root) if "permissions" in root else None
        if levels:
            yield _Asked(
                who=f"{who} of {called.file}",
                levels=levels,
                place=called.source.at(root.line_of("permissions")),
            )
    for job in called.jobs.values():
        inner = _called(workflows, job)
        if inner is not None and depth and _stated(job.root, called.root) is None:
            yield from _all_asked(workflows, inner, depth - 1)

"""Whether the actions of other repositories that workflows use are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge_used_action import ForgeUsedActions, Found
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.source import Source
from tasks.domain.workflow import Action, Workflows
from tasks.domain.workflow_phase import stopped

_MISNAMED: Mapping[str, str] = {"rustsec/audit-check-action": "rustsec/audit-check"}
"""A name that people write -> the one that the action has."""


@check("action-exists", phase=Phase.FIRST_RUN)
def action_exists(
    workflows: Workflows, used: ForgeUsedActions | Unseen, settings: Settings | Unseen
) -> Iterator[Answer]:
    """Every action and called workflow of another repository is there, at the branch, tag or commit."""
    found = used.found if isinstance(used, ForgeUsedActions) else {}
    chosen = settings if isinstance(settings, Settings) else None
    if isinstance(used, Unseen) and used.asked:
        yield unknown("*", f"could not look: {used.reason}", weight=Weight.NOTE)
    yield from merged(_judged(workflows, found, chosen))


def _judged(workflows: Workflows, found: Mapping[str, Found], settings: Settings | None) -> Iterator[Answer]:
    for source, action in _elsewhere(workflows):
        written, place = str(action.written), source.at(action)
        workflow = workflows.at(source.path)
        phase, weight = (Phase.FIRST_RUN, Weight.BLOCKER) if workflow is None else stopped(workflow, settings)
        seen = found.get(written)
        named = f"{action.owner}/{action.repository}"
        right = _MISNAMED.get(named.lower())
        other = Remedy(summary=f"Write {right}" if right else "Write an action that is there", minutes=10)
        if seen is Found.THERE:
            yield holds(written, "is there")
        elif seen is Found.NO_REPOSITORY and settings is not None and _own(action, settings):
            told = f"GitHub has no {named}, or the token may not see it"
            yield unknown(written, told, place, remedy=other, phase=phase, weight=weight)
        elif seen is Found.NO_REPOSITORY:
            told = f"GitHub has no {named}, or it is private, which a job of another owner cannot use either"
            yield broken(written, told, place, remedy=other, phase=phase, weight=weight)
        elif seen is Found.NO_REF:
            told = f"{named} has no branch, tag or commit {action.ref}"
            yield broken(written, told, place, remedy=_look(named), phase=phase, weight=weight)
        elif seen is Found.NO_ACTION:
            where = f"{named}/{action.path}" if action.path else named
            told = f"{where} has no action.yml at {action.ref}: it is no action"
            yield broken(written, told, place, remedy=_look(named), phase=phase, weight=weight)
        elif right is not None:
            told = f"there is no {named} that is known: the action is {right}"
            yield broken(written, told, place, remedy=other, phase=phase, weight=Weight.WARNING)
        elif seen is Found.UNKNOWN:
            told = f"GitHub did not say whether {written} is there"
            yield unknown(written, told, place, weight=Weight.NOTE)


def _elsewhere(workflows: Workflows) -> Iterator[tuple[Source, Action]]:
    """Go through what jobs that may run use; GitHub fetches the actions of all steps before the first one."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            if job.condition is False:
                continue
            for one in (job.action, *(step.action for step in job.steps)):
                if one is not None and one.owner:
                    yield workflow.source, one
    for composite in workflows.actions:
        for step in composite.steps:
            if step.action is not None and step.action.owner:
                yield composite.source, step.action


def _own(action: Action, settings: Settings) -> bool:
    return (action.owner or "").lower() == settings.owner.lower()


def _look(name: str) -> Remedy:
    return Remedy(
        summary=f"Use a version that {name} has", commands=(f"gh release list --repo {name}",), minutes=10
    )

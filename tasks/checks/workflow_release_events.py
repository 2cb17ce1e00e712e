"""Whether workflows for releases say for which of the events of a release they are."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.publishing import published_by, publishes
from tasks.domain.script import Command, Scripts
from tasks.domain.workflow import Workflow, Workflows

_ONCE = {("cargo", "publish"), ("npm", "publish"), ("twine", "upload")}
"""Commands that give a registry a version, which it takes only once."""


@check(
    "release-event-is-one",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="workflow-triggers",
    remedy=Remedy(summary="Name the one event: `release: {types: [published]}`", minutes=2),
)
def release_event_is_one(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every workflow that publishes when a release is made says for which of its events."""
    for workflow in workflows:
        if "release" not in workflow.events:
            continue
        filters = workflow.event("release")
        if (filters is not None and "types" in filters) or "event.action" in workflow.source.text:
            yield holds(workflow.file, "names the events, or asks for them")
            continue
        found = [*_published(workflow, scripts)]
        if not found:
            continue
        again = any(once for _, _, once in found)
        begin = (
            "publishing a release starts it two or three times (created, published, released), changing and"
        )
        what = listed([name for name, _, _ in found], 3)
        told = f"{begin} deleting one do too: {what} {'runs' if len(found) == 1 else 'run'} each time"
        told += ", and what is published once is refused then" if again else ""
        places = [place for _, place, _ in found]
        yield broken(workflow.file, told, *places[:5], weight=Weight.WARNING if again else None)


def _published(workflow: Workflow, scripts: Scripts) -> Iterator[tuple[str, Evidence, bool]]:
    """Go through what a workflow publishes: by what, where, and whether that can be done only once."""
    for job, step in workflow.steps():
        conditions = f"{job.condition} {step.condition}"
        if step.condition is False or "event_name" in conditions or "ref" in conditions:
            continue
        by = published_by(step)
        if by is not None and step.action is not None:
            yield by, workflow.source.at(step.action), False
        script = scripts.of(workflow.path, job, step)
        for command in script.commands if script is not None and not script.never else ():
            once = _once(command)
            name = " ".join(once) if once is not None else publishes(command)
            if name is not None and not command.conditional:
                yield f"`{name}`", workflow.source.at(command), once is not None and command.fatal


def _once(command: Command) -> tuple[str, str] | None:
    words = [word for word in command.literals if word is not None and not word.startswith(("-", "+"))]
    call = (command.program or "", words[0] if words else "")
    return call if call in _ONCE and not command.has("--dry-run", "-n", "--skip-existing") else None

"""Whether the checks that a branch requires are ones that the workflows make."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeRules
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.use import spans
from tasks.domain.workflow import Job, Workflow, Workflows

ACTIONS_APP = 15368
"""The id of the app GitHub Actions, by which a rule says that only its checks count."""


@check(
    "required-checks-made",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Require the check under the name that the job has now, or require it no more",
        owner="github-admin",
        minutes=5,
    ),
)
def required_checks_made(rules: ForgeRules, workflows: Workflows) -> Iterator[Answer]:
    """Every check that the branch requires is made by a job: for any other, pull requests wait for ever."""
    yield from merged(_required(rules, workflows))


def _required(rules: ForgeRules, workflows: Workflows) -> Iterator[Answer]:
    for name, app, source in required_names(rules):
        if app not in (None, -1, ACTIONS_APP):
            continue  # another app makes it
        if workflows.unparsed:
            continue  # it may be a job of a file that cannot be read
        if _made(workflows, name):
            yield holds(name, "is made by a job")
            continue
        who = "" if app == ACTIONS_APP else "; unless another app does"
        told = f"{rules.branch} requires the check {name!r}, and no job makes it{who}: nothing can be merged"
        yield broken(name, told, Evidence(source="github", excerpt=f"required check {name}: {source}"))


def required_names(rules: ForgeRules) -> Iterator[tuple[str, int | None, str]]:
    """Go through the required checks: name, the app that has to make it, and what asks for it."""
    for rule in rules.rules:
        given = rule.parameters.get("required_status_checks")
        if rule.type != "required_status_checks" or not isinstance(given, list):
            continue
        for one in given:
            if isinstance(one, dict) and one.get("context"):
                yield str(one["context"]), one.get("integration_id"), rule.source
    if rules.protection is not None:
        for name, app in rules.protection.checks:
            yield name, app, f"protection of {rules.branch}"


def _made(workflows: Workflows, name: str) -> bool:
    return any(
        _may_be(workflows, workflow, job, name) for workflow in workflows for job in workflow.jobs.values()
    )


def _may_be(workflows: Workflows, workflow: Workflow, job: Job, name: str) -> bool:
    """Tell whether GitHub may show a job so: the jobs of a called workflow follow their caller's name."""
    if job.action is None:
        return _is_called(workflow, job, name)
    called = workflows.at(job.action.local) if job.action.local else None
    for at in (found.start() for found in re.finditer(" / ", name)):
        if not _is_called(workflow, job, name[:at]):
            continue
        if called is None:
            return True
        if any(_may_be(workflows, called, one, name[at + 3 :]) for one in called.jobs.values()):
            return True
    return False


def _is_called(workflow: Workflow, job: Job, name: str) -> bool:
    written = str(job.name or job.id)
    shown = values(written, lanes(workflow, job))
    if shown is not None and name in shown:
        return True
    if "${{" not in written:  # GitHub adds the values of a matrix in brackets
        return name == written or (job.matrix is not None and name.startswith(f"{written} ("))
    return shown is None and _pattern(written).fullmatch(name) is not None


def _pattern(written: str) -> re.Pattern[str]:
    """Return what a text can become whose expressions can be anything."""
    parts: list[str] = []
    at = 0
    for start, end in spans(written):
        parts += [re.escape(written[at:start]), ".*"]
        at = end if end >= 0 else len(written)
    return re.compile("".join([*parts, re.escape(written[at:])]))

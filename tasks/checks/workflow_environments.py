"""Whether the environments that jobs deploy to exist on GitHub, and are protected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from tasks.domain.answers import merged
from tasks.domain.call_way import ways
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeEnvironments
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.workflow import Workflows, computed

_PRODUCTION = re.compile(r"(?:^|[-_/ ])(?:prod|production|live)(?:$|[-_/ ])", re.IGNORECASE)


@check("environments-exist", phase=Phase.DEPLOYMENT, weight=Weight.WARNING)
def environments_exist(
    workflows: Workflows, environments: ForgeEnvironments, settings: Settings | Unseen
) -> Iterator[Answer]:
    """Every environment that a job names exists: a run would create a missing one without protection."""
    asked = settings.environments if isinstance(settings, Settings) else ()
    planned = {one.name.lower() for one in asked}
    yield from merged(_missing(workflows, environments, planned))


def _missing(workflows: Workflows, environments: ForgeEnvironments, planned: set[str]) -> Iterator[Answer]:
    named = [*_named(workflows)]
    made = planned | {name.lower() for name, literal, _ in named if literal}
    for name, _, place in named:
        if name.lower() in environments.names:
            yield holds(name, "exists")
            continue
        created = name.lower() in made
        path = f"repos/{{owner}}/{{repo}}/environments/{quote(name, safe='')}"
        told = f"the environment {name!r} does not exist: the first run creates it without protection"
        yield broken(
            name,
            f"{told}; provisioning creates it before" if created else told,
            place,
            remedy=Remedy(
                summary=f"Create the environment {name} and protect it",
                commands=(f"gh api --method PUT {path}",),
                owner="github-admin",
                minutes=5,
            ),
            weight=Weight.NOTE if created else Weight.WARNING,
        )


@check(
    "production-is-protected",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Ask for a reviewer, or let only the default branch and tags deploy there",
        owner="github-admin",
        minutes=5,
    ),
)
def production_is_protected(workflows: Workflows, environments: ForgeEnvironments) -> Iterator[Answer]:
    """Every environment for production has reviewers or a rule about branches."""
    yield from merged(_open(workflows, environments))


def _open(workflows: Workflows, environments: ForgeEnvironments) -> Iterator[Answer]:
    there = {one.name.lower(): one for one in environments.environments}
    for name, _, place in _named(workflows):
        one = there.get(name.lower())
        if one is None or not _PRODUCTION.search(name):
            continue
        if one.reviewers or one.branch_policy is not None:
            yield holds(name, "is protected")
        else:
            yield broken(name, f"any run of any branch may deploy to {name!r}", place)


def _named(workflows: Workflows) -> Iterator[tuple[str, bool, Evidence]]:
    """Go through the environments that jobs name: the name, whether it is written out, and where.

    What callers of the repository hand to a workflow is named where they write it.
    """
    for workflow in workflows:
        for job in workflow.jobs.values():
            if job.environment is None:
                continue
            written, place = job.environment.name, workflow.source.at(job.environment)
            if "inputs." in written and "workflow_call" in workflow.events:
                for way in ways(workflows, workflow, job):
                    name = way.lane.text(written)
                    if name:
                        given = [one for one in way.places if name in (one.excerpt or "")]
                        yield name, False, (given or [place])[0]
                continue
            for name in values(written, lanes(workflow, job)) or ():
                if name:
                    yield name, not computed(written), place

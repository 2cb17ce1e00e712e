"""The GitHub environments that workflows name; a run would create a missing one without protection."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.change import Change
from tasks.domain.lane import lanes, values
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.domain.workflow import Workflows, computed
from tasks.steps.step import Step
from tasks.steps.workflow_file import workflow_file
from tasks.systems.github import GitHub

NAME = "environments"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The names that are wanted and the (lower-case) names that exist."""

    wanted: tuple[str, ...]
    existing: frozenset[str]
    reviewed: frozenset[str] = frozenset()  # lower-case names that ask for an approval

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{', '.join(sorted(self.existing)) or 'no environment'} exist" + (
            "" if self.missing == () else f", {', '.join(self.missing)} do not"
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted names that do not exist; GitHub ignores letter case."""
        return tuple(name for name in self.wanted if name.lower() not in self.existing)


def wanted(settings: Settings, workflows: Workflows | None) -> tuple[str, ...]:
    """Return the environments of the settings, then those that jobs name literally."""
    jobs = [job for workflow in workflows or () for job in workflow.jobs.values()]
    written = [job.environment.name for job in jobs if job.environment is not None]
    named = [
        *(environment.name for environment in settings.environments),
        *(str(name) for name in written if not computed(name)),
    ]
    first: dict[str, str] = {}
    for name in named:
        first.setdefault(name.lower(), name)
    return tuple(first.values())


def reviewed(settings: Settings, workflows: Workflows | None) -> frozenset[str]:
    """Return the lower-case names of the environments where each deployment is to be approved.

    Only those that nothing but the rollout of this program deploys to: it approves what it dispatches, and
    a run of a push or of a tag would wait for a person.
    """
    deploy = workflow_file(workflows or Workflows(), settings.deploy_workflow)
    if deploy is None or {str(event) for event in deploy.events} != {"workflow_dispatch"}:
        return frozenset()
    elsewhere: set[str] = set()
    for workflow in workflows or ():
        for job in workflow.jobs.values() if workflow is not deploy else ():
            if job.environment is None:
                continue
            names = values(job.environment.name, lanes(workflow, job))
            if names is None:  # it may be any of them
                return frozenset()
            elsewhere.update(name.lower() for name in names)
    asking = {environment.name.lower() for environment in settings.environments if environment.approval}
    return frozenset(asking - elsewhere)


def decide(seen: Seen) -> Decision:
    """Create what is missing."""
    if not seen.wanted:
        return Decision(skipped=True, why="no workflow and no setting names an environment")
    changes = tuple(
        Change(
            verb="create",
            target=f"environment {name}",
            why="each deployment there needs an approval" if name.lower() in seen.reviewed else "",
            detail={"name": name, **({"reviewer": "token"} if name.lower() in seen.reviewed else {})},
        )
        for name in seen.missing
    )
    return Decision(changes=changes, why=f"{', '.join(seen.wanted)} exist")


def step(settings: Settings, workflows: Workflows | None, *, github: GitHub) -> Step[Seen]:
    """Bind the step to a repository."""
    names, asking = wanted(settings, workflows), reviewed(settings, workflows)

    def look() -> Seen:
        existing = github.environments.all().names if names else frozenset()
        return Seen(wanted=names, existing=existing, reviewed=asking)

    return Step(
        name=NAME,
        phase=Phase.PROVISIONING,
        title="Environments of the repository",
        look=look,
        decide=decide,
        act=lambda change, _: github.environments.create(
            change.detail["name"], reviewed="reviewer" in change.detail
        ),
    )

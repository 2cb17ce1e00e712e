"""The GitHub environments that workflows name; a run would create a missing one without protection."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.domain.change import Change
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.domain.workflow import Workflows, computed
from tasks.steps.step import Step
from tasks.systems.github import GitHub

NAME = "environments"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The names that are wanted and the (lower-case) names that exist."""

    wanted: tuple[str, ...]
    existing: frozenset[str]

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


def decide(seen: Seen) -> Decision:
    """Create what is missing."""
    if not seen.wanted:
        return Decision(skipped=True, why="no workflow and no setting names an environment")
    changes = tuple(
        Change(verb="create", target=f"environment {name}", detail={"name": name}) for name in seen.missing
    )
    return Decision(changes=changes, why=f"{', '.join(seen.wanted)} exist")


def step(settings: Settings, workflows: Workflows | None, *, github: GitHub) -> Step[Seen]:
    """Bind the step to a repository."""
    names = wanted(settings, workflows)

    def look() -> Seen:
        return Seen(wanted=names, existing=github.environments.all().names if names else frozenset())

    return Step(
        name=NAME,
        phase=Phase.PROVISIONING,
        title="Environments of the repository",
        look=look,
        decide=decide,
        act=lambda change, _: github.environments.create(change.detail["name"]),
    )

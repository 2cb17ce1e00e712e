"""Which steps each phase has, in order. Read it from top to bottom: it is what an activation does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from flows.looking import Looker
from flows.one_check import chosen
from flows.parts import parts_of
from flows.session import Learned
from flows.worlds import World
from tasks import checks
from tasks.domain.finding import Finding, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import RepositorySecret, SecretSource, Settings, WorldKind
from tasks.domain.today import Today
from tasks.steps.step import Step
from tasks.systems.watchdog import Watchdog

Seen = TypeVar("Seen")
Steps = tuple[Step[Any], ...]


# Checks that ask about everything at once what a step answers for just what it is about to do.
JUDGED = frozenset(
    {
        "secrets-are-set",
        "tag-is-free",
        "aws-identity-known",
        "bucket-name-usable",
        "lock-table-usable",
        "oidc-provider-accepts",
        "provisioning-allowed",
        "secret-entries-filled",
    }
)


def steps_of(world: World, looker: Looker, learned: Learned) -> Mapping[Phase, Steps]:
    """Return the steps of all five phases, bound to a world."""
    return {
        Phase.PREFLIGHT: looker.steps(parts_of(world)),
        Phase.PROVISIONING: provisioning(world),
        Phase.FIRST_RUN: first_run(world, learned),
        Phase.RELEASE: release(world, learned),
        Phase.DEPLOYMENT: deployment(world, learned),
    }


def looker_of(world: World, learned: Learned, only: str | None = None, *, helpers: int = 0) -> Looker:
    """Return what looks at the world and asks every check, or only one."""
    return Looker(
        checks=chosen(checks.load(), only),
        learned=learned,
        waivers=world.settings.waivers,
        today=world.clock.now().date(),
        regard=lambda finding: to_be_settled(finding, world.settings),
        static=frozenset({*world.static.seen, Settings, Today}),
        guard=Watchdog(),
        helpers=helpers,
        end_programs=world.shell.end_all,
    )


def to_be_settled(finding: Finding, settings: Settings) -> Finding:
    """Make a note of what is missing only because its step has not run yet."""
    given = {secret.name.upper(): secret for secret in settings.secrets}
    secret = given.get(finding.subject.upper()) if finding.check == "secrets-are-set" else None
    if secret is None or not finding.blocks or secret.source is SecretSource.ENVIRONMENT:
        return finding
    message = f"{finding.message}; provisioning sets it from {secret.source.value}"
    return replace(finding, weight=Weight.NOTE, message=message)


def provisioning(world: World) -> Steps:
    """Create what the workflows need."""
    from tasks.steps import (  # noqa: PLC0415 - boto3 takes half a second that a look at the plan's help does not need
        artifact_bucket,
        budget,
        deploy_role,
        environments,
        lock_table,
        oidc_provider,
        repository_secrets,
        secret_entries,
        state_bucket,
    )

    settings, workflows, github = world.settings, world.workflows, world.github
    steps: list[Step[Any]] = [
        environments.step(settings, workflows, github=github),
    ]
    if settings.aws.used or settings.budget.daily_usd is not None:
        aws = world.aws
        in_aws: list[Step[Any]] = [
            costing(state_bucket.step(settings, aws)),
            costing(lock_table.step(settings, aws)),
            costing(artifact_bucket.step(settings, aws)),
            costing(secret_entries.step(settings, aws, world.variables)),
            oidc_provider.step(settings, aws),
            deploy_role.step(settings, aws, lambda: subject_prefix(world)),
            budget.step(settings, aws),
        ]
        steps += [replace(step, blocked_by=step.blocked_by | {"aws-identity"}) for step in in_aws]
    secrets = repository_secrets.step(settings, workflows, github=github, value=value_of(world))
    return (*steps, secrets)


def first_run(world: World, learned: Learned) -> Steps:
    """Push, see every run that the push starts to its end, and measure them."""
    from flows.measuring import measured  # noqa: PLC0415 - as above
    from tasks.steps import runs_green, workflows_pushed  # noqa: PLC0415 - as above

    settings, workflows, git, github = world.settings, world.workflows, world.git, world.github
    runs: list[runs_green.FirstRun] = []

    def remember(seen: runs_green.FirstRun) -> None:
        runs[:] = [seen]

    return (
        workflows_pushed.step(settings, git=git, github=github),
        recorded(runs_green.step(settings, workflows, git=git, github=github, clock=world.clock), remember),
        measured(settings, github, lambda: runs[0] if runs else None, learned),
    )


def release(world: World, learned: Learned) -> Steps:
    """Tag, and see the release with all its assets published and verified."""
    from tasks.steps import release as released  # noqa: PLC0415 - as above
    from tasks.steps import tag  # noqa: PLC0415 - as above

    settings, workflows, github = world.settings, world.workflows, world.github
    look = released.looking(settings, workflows, github=github, clock=world.clock)

    def remember(seen: released.Seen) -> None:
        learned.release = released.release_of(seen)

    return (
        tag.step(settings, workflows, git=world.git, github=github),
        recorded(released.step(look), remember),
    )


def deployment(world: World, learned: Learned) -> Steps:
    """Roll out to one environment after the other, each only when the one before is healthy."""
    from tasks.steps import release as released  # noqa: PLC0415 - as above
    from tasks.steps import rollout  # noqa: PLC0415 - as above

    settings, workflows = world.settings, world.workflows

    def remember(seen: rollout.Seen) -> None:
        name = seen.environment.name
        if live := rollout.deployment_of(seen):
            learned.deployments[name] = live
        else:
            learned.deployments.pop(name, None)

    steps: list[Step[Any]] = []
    before = released.NAME
    for environment in settings.environments:
        look = rollout.looking(
            settings,
            environment,
            workflows,
            github=world.github,
            http=world.http,
            clock=world.clock,
            approved=lambda: True,  # held back by the run's consent, not by the step
            approver="the person who approved the plan"
            if settings.world is WorldKind.LIVE
            else "the command itself, as this is a rehearsal",
        )
        steps.append(costing(recorded(rollout.step(look, after=(before,)), remember)))
        before = rollout.step_name(environment.name)
    return tuple(steps)


def value_of(world: World) -> Callable[[RepositorySecret], str | None]:
    """Return what gives a repository secret its value, at the moment it is set."""
    settings = world.settings

    def value(secret: RepositorySecret) -> str | None:
        match secret.source:
            case SecretSource.ROLE_ARN:
                name = settings.aws.deploy_role
                return f"arn:aws:iam::{world.aws.identity.account}:role/{name}" if name else None
            case SecretSource.STATE_BUCKET:
                return settings.aws.state_bucket
            case SecretSource.ARTIFACT_BUCKET:
                return settings.aws.artifact_bucket
            case SecretSource.ENVIRONMENT:
                return world.variables.get(secret.variable or "") or None

    return value


def subject_prefix(world: World) -> str:
    """Return how GitHub says that the subject of this repository's identity tokens begins."""
    stated = world.github.repository.oidc().prefix
    if stated is None:
        stated = f"repo:{world.settings.full_name}"
    return stated


def costing(step: Step[Seen]) -> Step[Seen]:
    """Return the step held back while the account is over its budget: what it makes costs money every day."""
    return replace(step, blocked_by=step.blocked_by | {"cost-within-budget"})


def recorded(step: Step[Seen], record: Callable[[Seen], None]) -> Step[Seen]:
    """Return the step whose every look is also remembered for the report."""

    def look() -> Seen:
        seen = step.look()
        record(seen)
        return seen

    return replace(step, look=look)

"""Whether what is planned for environments is something that GitHub lets happen."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.expected_runs import expected_runs
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeEnvironments, ForgeRepository
from tasks.domain.forge_deployable import BRANCH, TAG, DeployRule, ForgeDeployable
from tasks.domain.forge_plan import PRIVATE_REVIEWERS, ForgePlan
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.workflow import Workflows, computed
from tasks.domain.workflow_phase import stopped


@check("reviewers-in-plan", phase=Phase.DEPLOYMENT)
def reviewers_in_plan(
    settings: Settings, repository: ForgeRepository, plan: ForgePlan, environments: ForgeEnvironments
) -> Iterator[Answer]:
    """Every environment that is to ask for an approval can have reviewers on the owner's plan."""
    there = {one.name.lower() for one in environments.environments if one.reviewers}
    for index, asked in enumerate(settings.environments):
        if not asked.approval:
            continue
        if not repository.private or plan.name in PRIVATE_REVIEWERS or asked.name.lower() in there:
            yield holds(asked.name, "can have reviewers")
            continue
        # An approval that was only concluded from the name is a wish; one that is written down, a condition.
        origin = settings.origins.get(f"deployment.environments.{index}.approval")
        written = origin is not None and origin.source == "file"
        at = Evidence(file=origin.file, line=origin.line) if written and origin is not None else None
        places = [Evidence(source="github", excerpt="private: true", url=repository.url)]
        places = [at, *places] if at is not None else places
        remedy = Remedy(
            summary=(
                f"Move the repository to an organisation with GitHub Enterprise, make it public,"
                f" or take `approval` from {asked.name}"
            ),
            url="https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments",
            owner="github-admin",
            minutes=30,
        )
        wish = f"{asked.name} is to ask for an approval"
        if plan.name is None:
            told = f"{wish}; the repository is private, and GitHub does not tell the plan of {plan.owner}"
            yield unknown(asked.name, told, *places, remedy=remedy, weight=Weight.WARNING)
        else:
            told = f"{wish}; on the plan {plan.name!r} a private repository has no reviewers"
            weight = Weight.BLOCKER if written else Weight.WARNING
            yield broken(asked.name, told, *places, remedy=remedy, weight=weight)


@check("environment-admits-ref", phase=Phase.DEPLOYMENT)
def environment_admits_ref(
    workflows: Workflows, deployable: ForgeDeployable, settings: Settings, repository: ForgeRepository
) -> Iterator[Answer]:
    """Every environment that limits its branches and tags lets in the one that is going to deploy there."""
    yield from merged(_planned(workflows, deployable, settings, repository))


def _planned(
    workflows: Workflows, deployable: ForgeDeployable, settings: Settings, repository: ForgeRepository
) -> Iterator[Answer]:
    branch = f"{BRANCH}{settings.branch}"
    if settings.deploy_workflow is not None:
        for one in settings.environments:
            rule = deployable.rule(one.name)
            if rule is not None:
                where = (Phase.DEPLOYMENT, Weight.BLOCKER)
                yield _admitted(rule, branch, repository, [], where)
    pushes = {branch: expected_runs(workflows, branch=settings.branch).certain}
    if settings.tag is not None:
        pushes[f"{TAG}{settings.tag}"] = expected_runs(workflows, tag=settings.tag).certain
    for ref, started in pushes.items():
        for path in started:
            workflow = workflows.at(path)
            for job in workflow.jobs.values() if workflow is not None else ():
                # What a condition leaves to the run is nobody's fault before it.
                if workflow is None or job.environment is None or job.condition is not None:
                    continue
                rule = None if computed(job.environment.name) else deployable.rule(job.environment.name)
                if rule is not None:
                    places = [workflow.source.at(job.environment)]
                    yield _admitted(rule, ref, repository, places, stopped(workflow, settings))


def _admitted(
    rule: DeployRule,
    ref: str,
    repository: ForgeRepository,
    places: list[Evidence],
    stops: tuple[Phase, Weight],
) -> Answer:
    kind = "tag" if ref.startswith(TAG) else "branch"
    name = ref.removeprefix(TAG).removeprefix(BRANCH)
    subject = f"{rule.environment}: {kind} {name}"
    if rule.admits(ref):
        return holds(subject, "may deploy")
    path = f"repos/{repository.full_name}/environments/{rule.environment}/deployment-branch-policies"
    command = f"gh api --method POST {path} -f name={name} -f type={kind}"
    return broken(
        subject,
        f"the {kind} {name} may not deploy to {rule.environment}: only {rule} may, and GitHub fails the job",
        *places,
        Evidence(
            source="github",
            excerpt=f"{rule.environment}: {rule}",
            url=f"{repository.url}/settings/environments",
        ),
        remedy=Remedy(
            summary=f"Let the {kind} {name} deploy to {rule.environment}",
            commands=() if rule.patterns is None else (command,),
            url=f"{repository.url}/settings/environments",
            owner="github-admin",
            minutes=5,
        ),
        phase=stops[0],
        weight=stops[1],
    )

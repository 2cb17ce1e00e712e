from dataclasses import replace

import pytest

from tasks.domain.forge import ForgeEnvironment, ForgeEnvironments
from tasks.domain.forge_deployable import DeployRule, ForgeDeployable
from tasks.domain.forge_plan import ForgePlan
from tasks.domain.phase import Phase
from tasks.domain.settings import Environment, Origin
from tests.checks.test_github_repository import REPOSITORY, SETTINGS, one
from tests.checks.testing import CI, ask, job, places

NONE = ForgeEnvironments(environments=())
ASKING = replace(
    SETTINGS,
    environments=(Environment(name="staging"), Environment(name="production", approval=True)),
    origins={"deployment.environments.1.approval": Origin(source="file", file="activation.toml", line=9)},
)
FREE = ForgePlan(owner="o", name="free")


@pytest.mark.parametrize("plan", ["free", "pro", "team"])
def test_reviewers_of_a_private_repository_take_enterprise(plan: str) -> None:
    found = one(ask("reviewers-in-plan", {}, ASKING, REPOSITORY, ForgePlan(owner="o", name=plan), NONE))
    assert (found.subject, found.blocks, found.phase) == ("production", True, Phase.DEPLOYMENT)
    assert places([found]) == [("activation.toml", 9)]


def test_an_approval_that_nobody_wrote_down_stops_nothing() -> None:
    found = one(ask("reviewers-in-plan", {}, replace(ASKING, origins={}), REPOSITORY, FREE, NONE))
    assert found.weight == "warning"


def test_a_plan_that_is_not_told_is_unknown() -> None:
    found = one(ask("reviewers-in-plan", {}, ASKING, REPOSITORY, ForgePlan(owner="o"), NONE))
    assert (found.verdict, found.weight) == ("unknown", "warning")


def test_reviewers_that_the_plan_has_or_that_are_there_or_that_nobody_wants_are_fine() -> None:
    def found(**changed: object) -> object:
        given = {"s": ASKING, "r": REPOSITORY, "p": FREE, "e": NONE, **changed}
        return ask("reviewers-in-plan", {}, *given.values())

    assert found(r=replace(REPOSITORY, private=False)) == []
    assert found(p=ForgePlan(owner="o", name="enterprise")) == []
    there = ForgeEnvironment(id=1, name="Production", reviewers=("me",))
    assert found(e=ForgeEnvironments(environments=(there,))) == []
    assert found(s=replace(ASKING, environments=(Environment(name="production"),))) == []


def rule(*patterns: tuple[str, str], name: str = "production") -> ForgeDeployable:
    return ForgeDeployable(rules=(DeployRule(environment=name, patterns=patterns),))


DEPLOYING = replace(ASKING, deploy_workflow="deploy.yml")


def test_an_environment_that_keeps_the_deploying_branch_out_stops_the_deployment() -> None:
    found = one(ask("environment-admits-ref", {}, rule(("tag", "v*")), DEPLOYING, REPOSITORY))
    assert (found.subject, found.blocks, found.phase) == (
        "production: branch main",
        True,
        Phase.DEPLOYMENT,
    )
    assert found.remedy is not None
    assert "deployment-branch-policies -f name=main -f type=branch" in found.remedy.commands[0]


def test_an_environment_that_lets_the_branch_in_or_is_not_deployed_to_is_fine() -> None:
    inside = rule(("branch", "release/*"), ("branch", "ma*"))
    assert ask("environment-admits-ref", {}, inside, DEPLOYING, REPOSITORY) == []
    assert ask("environment-admits-ref", {}, rule(name="docs"), DEPLOYING, REPOSITORY) == []
    assert ask("environment-admits-ref", {}, rule(("tag", "v*")), ASKING, REPOSITORY) == []


def test_only_protected_branches_means_all_while_there_is_none() -> None:
    def found(*protected: str) -> object:
        one_rule = DeployRule(environment="production", patterns=None, protected=frozenset(protected))
        return ask("environment-admits-ref", {}, ForgeDeployable(rules=(one_rule,)), DEPLOYING, REPOSITORY)

    assert found() == []
    assert found("main") == []
    assert found("stable") != []


def test_a_tag_that_a_job_deploys_from_is_looked_at_with_its_place() -> None:
    tagged = {CI: job("- run: x", on="{push: {tags: ['v*']}}", extra="environment: release")}
    planned = replace(SETTINGS, tag="v1.0.0")
    found = ask(
        "environment-admits-ref", tagged, rule(("branch", "main"), name="release"), planned, REPOSITORY
    )
    assert (places(found), found[0].phase) == ([(CI, 5)], Phase.RELEASE)
    allowed = rule(("tag", "v*"), name="release")
    assert ask("environment-admits-ref", tagged, allowed, planned, REPOSITORY) == []


def test_a_job_with_a_condition_and_a_computed_environment_are_left_to_the_run() -> None:
    closed = rule(("tag", "v*"), name="live")
    for extra in ("environment: live\nif: github.ref_type == 'tag'", "environment: ${{ vars.WHERE }}"):
        assert (
            ask("environment-admits-ref", {CI: job("- run: x", extra=extra)}, closed, SETTINGS, REPOSITORY)
            == []
        )
    open_job = {CI: job("- run: x", extra="environment: live")}
    assert len(ask("environment-admits-ref", open_job, closed, SETTINGS, REPOSITORY)) == 1

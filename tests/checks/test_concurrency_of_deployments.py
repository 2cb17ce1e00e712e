"""Near misses of the checks of deployments: who waits without a group, and who deploys nothing."""

import re

import pytest

from tests.checks.testing import CI, ask, job, places

APPLY = "- uses: actions/checkout@v4\n- run: terraform apply -auto-approve"
PLACE = "environment: eu-prod"
INPUTS = "inputs: {version: {}, package: {}}"
WHOLE = "group: '${{ inputs.version }}-${{ matrix.package }}', cancel-in-progress: true"


@pytest.mark.parametrize(
    ("backend", "lines"),
    [
        ('cloud {\n organization = "o"\n }', []),
        ('backend "remote" {}', []),
        ('backend "s3" {}', [3]),
    ],
)
def test_a_service_that_queues_the_runs_of_a_workspace_needs_no_group(backend: str, lines: list[int]) -> None:
    files = {"main.tf": f"terraform {{\n {backend}\n}}\n", CI: job(APPLY)}
    assert [line for _, line in places(ask("deployments-wait-for-each-other", files))] == lines


@pytest.mark.parametrize("name", ["run-integration-tests", "e2e", "smoke_test", "lint"])
def test_a_job_that_is_called_a_test_has_its_environment_for_a_secret(name: str) -> None:
    text = job("- uses: o/auth@v1\n- run: make it", extra=PLACE).replace("build:", f"{name}:")
    assert ask("deployments-wait-for-each-other", {CI: text}) == []
    deployed = job("- run: kubectl apply -f k8s", extra=PLACE).replace("build:", f"{name}:")
    assert places(ask("deployments-wait-for-each-other", {CI: deployed})) == [(CI, 3)]


def test_what_only_the_same_choice_ends_is_done_again_by_it() -> None:
    on = f"{{workflow_dispatch: {{{INPUTS}}}}}"
    text = job("- run: ./roll-out x", on=on, extra=f"{PLACE}\nconcurrency: {{{WHOLE}}}")
    assert ask("deployment-is-not-cancelled", {CI: text}) == []
    part = WHOLE.replace("${{ inputs.version }}", "x")
    other = job("- run: ./roll-out x", on=on, extra=f"{PLACE}\nconcurrency: {{{part}}}")
    assert len(ask("deployment-is-not-cancelled", {CI: other})) == 1
    pushed = job("- run: ./roll-out x", on="push", extra=f"{PLACE}\nconcurrency: {{{WHOLE}}}")
    assert len(ask("deployment-is-not-cancelled", {CI: pushed})) == 1


def test_lanes_that_share_an_environment_wait_for_other_runs_and_not_for_each_other() -> None:
    lanes = "strategy: {matrix: {region: [a, b, c]}}"
    text = job("- run: kubectl apply -f k8s", extra=f"{PLACE}\n{lanes}")
    (found,) = ask("deployments-wait-for-each-other", {CI: text})
    assert found.remedy is not None
    assert "to the workflow" in found.remedy.summary
    assert not any("concurrency" in one for one in found.remedy.commands)
    (alone,) = ask("deployments-wait-for-each-other", {CI: job("- run: kubectl apply -f k8s", extra=PLACE)})
    assert alone.remedy is not None
    assert "concurrency" in alone.remedy.commands[0]


def _of(id_: str, does: str) -> str:
    """Return a job that deploys to one environment, without the head of its file."""
    return job(f"- run: {does}", extra=PLACE).split("jobs:\n")[1].replace("build:", f"{id_}:")


def _grouped(files: dict[str, str]) -> list[str]:
    """Return the groups that the remedies write, in order."""
    found = ask("deployments-wait-for-each-other", files)
    commands = " ".join(one for each in found if each.remedy is not None for one in each.remedy.commands)
    return re.findall(r"group: ([\w-]+)", commands)


def test_jobs_of_one_environment_that_deploy_different_things_have_groups_of_their_own() -> None:
    two = f"on: push\njobs:\n{_of('backend', 'kubectl apply -f b')}{_of('frontend', 'kubectl apply -f f')}"
    assert _grouped({CI: two}) == ["deploy-eu-prod-backend", "deploy-eu-prod-frontend"]
    assert _grouped({CI: f"on: push\njobs:\n{_of('backend', 'kubectl apply -f b')}"}) == ["deploy-eu-prod"]


def test_the_same_deployment_of_two_workflows_waits_for_itself_and_another_of_that_name_does_not() -> None:
    other = ".github/workflows/again.yml"
    here, there = (f"on: {on}\njobs:\n{_of('roll', 'kubectl apply -f b')}" for on in ("push", "release"))
    assert _grouped({CI: here, other: there}) == ["deploy-eu-prod-roll", "deploy-eu-prod-roll"]
    changed = there.replace("-f b", "-f f")
    assert sorted(_grouped({CI: here, other: changed})) == [
        "deploy-eu-prod-roll-again",
        "deploy-eu-prod-roll-ci",
    ]


def test_the_remedy_says_what_becomes_of_what_waits() -> None:
    (found,) = ask("deployments-wait-for-each-other", {CI: job("- run: kubectl apply -f k", extra=PLACE)})
    assert found.remedy is not None
    assert "GitHub drops what waited before it" in found.remedy.summary
    assert "queue: max" in found.remedy.summary

"""Near misses of the checks of deployments: who waits without a group, and who deploys nothing."""

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

import textwrap

import pytest

from tasks.domain.strangers import brings_theirs
from tasks.domain.workflow import Workflows
from tests.checks.testing import CI, job, snapshot

FOLLOWS = "{workflow_run: {workflows: [up], types: [completed]}}"
CHECKOUT = "- uses: actions/checkout@v4\n"
HEAD = CHECKOUT + "  with: {ref: '${{ github.event.%s }}'}\n"


def brings(text: str, **more: str) -> bool:
    files = {CI: text, **{f".github/workflows/{name}.yml": other for name, other in more.items()}}
    workflows = snapshot(files).get(Workflows)
    assert isinstance(workflows, Workflows)
    workflow = workflows.at(CI)
    assert workflow is not None
    return brings_theirs(workflow, workflows)


def named(name: str, on: str) -> str:
    return f"name: {name}\n" + job("- run: make", on=on)


@pytest.mark.parametrize(
    "steps",
    [
        HEAD % "pull_request.head.sha",
        CHECKOUT + "  with: {ref: '${{ steps.pr.outputs.sha }}'}",
        CHECKOUT + "  with: {ref: 'refs/pull/${{ github.event.number }}/merge'}",
        CHECKOUT + "  with: {repository: '${{ github.event.pull_request.head.repo.full_name }}'}",
        "- run: gh pr checkout $NUMBER",
        "- run: git fetch origin pull/$NUMBER/head",
        "- {run: make, env: {SHA: '${{ github.event.pull_request.head.sha }}'}}",
        "- uses: dawidd6/action-download-artifact@v6",
        "- uses: gitpro/checkout-pr@v1",
        "- uses: ./.github/actions/a",
        "- {uses: actions/github-script@v7, with: {script: 'exec.exec(`git fetch ${pr.head.sha}`)'}}",
        "- {uses: actions/github-script@v7, with: {script: 'await github.rest.actions.downloadArtifact(x)'}}",
    ],
)
def test_a_job_that_takes_what_a_pull_request_brings_is_dangerous(steps: str) -> None:
    action = textwrap.dedent("""\
        runs:
          using: composite
          steps: [{run: gh pr checkout 1, shell: bash}]
    """)
    files = {CI: job(steps, on="pull_request_target"), ".github/actions/a/action.yml": action}
    workflows = snapshot(files).get(Workflows)
    assert isinstance(workflows, Workflows)
    assert brings_theirs(workflows.files[0], workflows)


@pytest.mark.parametrize(
    "steps",
    [
        CHECKOUT + "- run: make",
        CHECKOUT + "  with: {ref: '${{ github.event.pull_request.base.sha }}'}",
        CHECKOUT + "  with: {ref: main, token: '${{ steps.t.outputs.token }}'}",
        "- run: gh pr merge --auto $URL\n  env: {URL: '${{ github.event.pull_request.html_url }}'}",
        "- {uses: actions/github-script@v7, with: {script: 'if (pr.head.repo.full_name !== x) label(pr)'}}",
        CHECKOUT + "- {uses: a/revert@v1, with: {pr: '${{ github.event.number || inputs.pr }}'}}",
    ],
)
def test_a_job_that_runs_what_the_base_has_is_not(steps: str) -> None:
    assert not brings(job(steps, on="pull_request_target"))


def test_a_run_that_follows_what_only_writers_start_is_not_dangerous_whatever_it_takes() -> None:
    follows = job(HEAD % "workflow_run.head_sha", on=FOLLOWS)
    assert not brings(follows, up=named("up", "[push, workflow_dispatch]"))
    assert brings(follows, up=named("up", "[push, pull_request]"))
    assert brings(follows, up=named("up", "issue_comment"))
    assert brings(follows, other=named("other", "push"))  # nobody knows who starts the one it follows
    chain = named("up", "{workflow_run: {workflows: [first]}, push: }")
    assert not brings(follows, up=chain, first=named("first", "schedule"))
    assert brings(follows, up=chain, first=named("first", "pull_request"))
    assert not brings(job(CHECKOUT + "- run: make", on=FOLLOWS), up=named("up", "pull_request"))


def test_a_called_workflow_is_looked_into_and_one_of_elsewhere_is_not_trusted() -> None:
    calls = "on: pull_request_target\njobs: {a: {uses: %s}}\n"
    theirs = job(HEAD % "pull_request.head.sha", on="workflow_call")
    assert brings(calls % "./.github/workflows/c.yml", c=theirs)
    assert not brings(calls % "./.github/workflows/c.yml", c=job(CHECKOUT, on="workflow_call"))
    assert brings(calls % "a/b/.github/workflows/c.yml@v1")

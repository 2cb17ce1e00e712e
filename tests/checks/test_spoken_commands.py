"""Commands that documents say in a sentence, or show in a block that does not say that it is shell."""

import pytest

from tests.checks.testing import ask, places

DEPLOY = """\
on:
  workflow_dispatch:
    inputs:
      version: {required: true, type: string}
      where: {type: choice, options: [a, b]}
jobs:
  go:
    runs-on: ubuntu-latest
    steps:
      - run: echo
"""
TREE = {".github/workflows/deploy.yml": DEPLOY, "infra/main.tf": "", "infra/production.tfvars": ""}


def dispatched(document: str) -> list[tuple[str | None, int | None]]:
    return places(ask("documented-dispatch-works", TREE | {"README.md": document}))


@pytest.mark.parametrize(
    "document",
    [
        "Deploy:\n\n    gh workflow run deploy.yml -f versoin=1\n",
        "Deploy:\n\n```\n$ gh workflow run deploy.yml -f version=1 -f where=c\n```\n",
        "Deploy:\n\nStart `gh workflow run deploy.yml -f where=a`.\n",
    ],
)
def test_a_call_that_is_refused_is_told_where_it_is_said(document: str) -> None:
    found = dispatched(document)
    assert found == [("README.md", 4 if "```" in document else 3)]


@pytest.mark.parametrize(
    "document",
    [
        "Deploy:\n\n    gh workflow run deploy.yml -f version=1 -f where=a\n",
        "Deploy:\n\n    gh workflow run deploy.yml\n",  # gh asks for the inputs
        "Deploy:\n\n    gh workflow run deploy.yml -f where=a \\\n      -f version=1\n",
        "The old call `gh workflow run deploy.yml -f versoin=1` fails.\n",
        "- one\n\n    gh workflow run deploy.yml -f versoin=1\n",  # it goes on with the list's entry
        "gh workflow run deploy.yml -f versoin=1\n",  # no code
        "Deploy:\n\n    gh workflow run deploy.yml -f your_input=1\n",
    ],
)
def test_calls_that_are_taken_not_whole_or_not_told_to_make_are_left_alone(document: str) -> None:
    assert dispatched(document) == []


def placed(document: str) -> list[tuple[str | None, int | None]]:
    return places(ask("documented-place-exists", TREE | {"docs/run.md": document}))


def test_a_slip_in_a_directory_or_a_file_of_values_is_told() -> None:
    assert placed("First `terraform -chdir=inrfa init`.\n") == [("docs/run.md", 1)]
    assert placed("First `cd inrfa && terraform init`.\n") == [("docs/run.md", 1)]
    assert placed("Plan:\n\n    terraform -chdir=infra plan -var-file=produtcion.tfvars\n") == [
        ("docs/run.md", 3)
    ]


def test_files_of_values_that_people_keep_and_directories_of_others_are_not_told() -> None:
    assert placed("Plan:\n\n    terraform -chdir=infra plan -var-file=mine.tfvars\n") == []
    assert placed("Plan:\n\n    terraform -chdir=infra plan -var-file=production.tfvars\n") == []
    assert placed("First `cd ../elsewhere && terraform init`.\n") == []

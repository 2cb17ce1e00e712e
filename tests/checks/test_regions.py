"""One name, one thing: the region of documents, scripts, Terraform and workflows."""

import pytest

from tests.checks.testing import CI, ask, job, places

REGION = """\
provider "aws" {
  region = "eu-west-1"
}
resource "aws_dynamodb_table" "jobs" {
  name = "jobs"
}
"""


def asking(region: str, table: str = "jobs") -> dict[str, str]:
    call = f"aws dynamodb scan --table-name {table} --region {region}"
    return {"main.tf": REGION, "README.md": f"```bash\n{call}\n```\n"}


def test_a_document_that_asks_another_region_for_a_table_is_named_with_both_places() -> None:
    (found,) = ask("documented-region-agrees", asking("us-east-2"))
    assert [(one.file, one.line) for one in found.evidence] == [("README.md", 2), ("main.tf", 2)]


@pytest.mark.parametrize(
    "files",
    [
        asking("eu-west-1"),
        asking("$REGION"),
        asking("us-east-2", "other"),
        {
            **asking("us-east-2"),
            "b.tf": 'provider "aws" {\n  region = var.region\n}\n'
            'variable "region" {\n  default = "us-east-2"\n}\n',
        },
        {**asking("us-east-2"), "main.tf": REGION.replace('"jobs"\n', '"jobs"\n  provider = aws.other\n', 1)},
    ],
)
def test_the_same_region_or_one_that_is_not_certain_is_not_accused(files: dict[str, str]) -> None:
    assert ask("documented-region-agrees", files) == []


RUNBOOK = "docs/RUNBOOK.md"


def told(text: str, path: str = RUNBOOK) -> dict[str, str]:
    return {"infra/main.tf": REGION, path: f"# Runbook\n\n{text}\n"}


@pytest.mark.parametrize(
    "text",
    [
        "Everything runs in `us-east-2`.",
        "The service is deployed to us-east-2.",
        "The tables are in `us-east-2`.",
        "Region: us-east-2",
        "- **AWS Region**: `us-east-2`",
        "| Region | us-east-2 |",
    ],
)
def test_a_sentence_or_a_row_that_states_another_region_is_named(text: str) -> None:
    (found,) = ask("documented-region-agrees", told(text))
    assert [(one.file, one.line) for one in found.evidence] == [(RUNBOOK, 3), ("infra/main.tf", 2)]
    assert found.message == "says us-east-2, and Terraform makes things in eu-west-1"
    assert found.remedy
    assert "eu-west-1" in found.remedy.commands[0]


@pytest.mark.parametrize(
    "text",
    [
        "Everything runs in `eu-west-1`.",
        "The service is deployed to us-east-2, the tables are in eu-west-1.",
        "We run in us-east-2.\n\nThe region is eu-west-1.",
        "It may run in us-east-2.",
        "The benchmarks of the service run in us-east-2.",
        "The certificate for the service is in us-east-1.",
        "Supported: us-east-1, us-east-2, us-west-1.\n\nRegion: us-east-2",
        "See the pricing of us-east-2.",
        "| Region | Default |\n| us-east-2 | yes |",
        "| AWS_REGION | The region to use | us-east-2 |",
    ],
)
def test_a_sentence_about_other_things_or_several_regions_is_not_accused(text: str) -> None:
    assert ask("documented-region-agrees", told(text)) == []


@pytest.mark.parametrize(
    "commands",
    [
        "export AWS_REGION=us-east-2\naws s3 ls",
        "export AWS_DEFAULT_REGION=us-east-2\nterraform -chdir=infra plan",
        "aws configure set region us-east-2",
        "AWS_REGION=us-east-2 aws sqs list-queues",
        "aws dynamodb list-tables --region us-east-2",
    ],
)
def test_a_command_for_another_region_is_named(commands: str) -> None:
    found = ask("documented-region-agrees", told(f"```sh\n{commands}\n```"))
    assert places(found) == [(RUNBOOK, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "```sh\nexport AWS_REGION=eu-west-1\naws s3 ls\n```",
        "```sh\nexport AWS_REGION=us-east-2\ncargo run\n```",
        "With localstack:\n```sh\nexport AWS_REGION=us-east-2\naws s3 ls\n```",
        "In your account:\n```sh\nexport AWS_REGION=us-east-2\naws s3 ls\n```",
        "```sh\naws sqs list-queues --region us-east-2\n```",
        "```sh\naws dynamodb create-table --region us-east-2\naws dynamodb scan --region us-east-2\n```",
        "```sh\naws acm list-certificates --region us-east-1\nexport AWS_REGION=us-east-1\n```",
        "```sh\naws configure set region us-east-2 --profile other\n```",
    ],
)
def test_a_command_that_asks_nothing_of_ours_elsewhere_is_not_accused(text: str) -> None:
    assert ask("documented-region-agrees", told(text)) == []


@pytest.mark.parametrize(
    "files",
    [
        {"infra/main.tf": REGION, "docs/guide.md": "# Guide\n\nRegion: us-east-2\n"},
        told("Region: us-east-2", "docs/session1.md"),
        told("Region: us-east-2") | {"infra/backend.tf": 'locals {\n  state = "us-east-2"\n}\n'},
        told("Region: us-east-2") | {"infra/main.tf": REGION.replace('"eu-west-1"', "var.region")},
        told("Region: us-east-2") | {"b/main.tf": REGION.replace("eu-west-1", "eu-west-3")},
        told("Region: us-east-2") | {"b/main.tf": 'provider "aws" {\n  alias  = "b"\n  region = var.b\n}\n'},
        told("Region: us-east-2") | {"cdk.json": "{}\n"},
        told("Region: us-east-2")
        | {CI: job("- run: terraform apply\n", extra="env:\n  AWS_REGION: eu-north-1\n")},
    ],
)
def test_where_the_region_is_not_certain_or_the_document_not_ours_nobody_is_accused(
    files: dict[str, str],
) -> None:
    assert ask("documented-region-agrees", files) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, 1),
        ({"infra/prod.auto.tfvars": 'region = "us-east-2"\n'}, 0),
        ({"apply.sh": "terraform apply -var region=$1\n"}, 0),
    ],
)
def test_the_default_of_a_variable_is_the_region_where_nobody_gives_another(
    more: dict[str, str], expected: int
) -> None:
    asked = REGION.replace('"eu-west-1"', "var.region") + 'variable "region" {\n  default = "eu-west-1"\n}\n'
    files = told("Region: us-east-2") | {"infra/main.tf": asked} | more
    assert len(ask("documented-region-agrees", files)) == expected


def test_a_document_that_works_in_the_directory_of_terraform_is_ours() -> None:
    files = told("Region: us-east-2\n\n```sh\nterraform -chdir=infra apply\n```", "README.md")
    assert places(ask("documented-region-agrees", files)) == [("README.md", 3)]
    given = {**files, "README.md": files["README.md"].replace("apply", "apply -var region=us-east-2")}
    assert ask("documented-region-agrees", given) == []


def test_without_terraform_the_region_of_the_workflows_counts() -> None:
    step = "- uses: aws-actions/configure-aws-credentials@v4\n  with:\n    aws-region: eu-west-1\n"
    files = {CI: job(step), RUNBOOK: "# Runbook\n\nRegion: us-east-2\n"}
    (found,) = ask("documented-region-agrees", files)
    assert found.message == "says us-east-2, and workflows work in eu-west-1"
    dynamic = {**files, CI: job(step.replace("eu-west-1", "${{ vars.REGION }}"))}
    assert ask("documented-region-agrees", dynamic) == []


def scripted(text: str, path: str = "deploy/look.sh") -> dict[str, str]:
    return {"infra/main.tf": REGION, path: f"#!/bin/sh\n{text}\n"}


@pytest.mark.parametrize(
    "text",
    [
        "aws dynamodb scan --table-name jobs --region us-east-2",
        "REGION=us-east-2\naws dynamodb scan --table-name jobs --region $REGION",
        "export AWS_REGION=us-east-2\naws dynamodb scan --table-name jobs",
    ],
)
def test_a_script_that_asks_another_region_is_named(text: str) -> None:
    assert places(ask("script-region-agrees", scripted(text))) == [("deploy/look.sh", 2)]


@pytest.mark.parametrize(
    "files",
    [
        scripted("aws dynamodb scan --table-name jobs --region eu-west-1"),
        scripted("aws dynamodb scan --table-name jobs --region $1"),
        scripted("aws sqs list-queues --region us-east-2"),
        scripted("aws dynamodb create-table --table-name b --region us-east-2"),
        scripted("aws dynamodb list-tables --region us-east-2 --endpoint-url http://localhost:8000"),
        scripted("aws dynamodb list-tables --region us-east-2", "tests/look.sh"),
        scripted("aws dynamodb list-tables --region us-east-2") | {"a.yaml": "region: us-east-2\n"},
    ],
)
def test_a_script_that_asks_nothing_of_ours_elsewhere_is_not_accused(files: dict[str, str]) -> None:
    assert ask("script-region-agrees", files) == []

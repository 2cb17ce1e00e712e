from dataclasses import replace
from pathlib import Path

import pytest

from tasks.domain.settings import AwsSettings, Origin, Settings, WorldKind
from tests.checks.testing import CI, ask, job, places

BACKEND = """\
terraform {
  backend "s3" {
    bucket         = "acme-state"
    region         = "us-west-2"
    dynamodb_table = "acme-locks"
  }
}
provider "aws" {
  region = "us-west-2"
}
"""
MADE = """\
resource "aws_s3_bucket" "state" {
  bucket = "acme-${var.name}"
}
resource "aws_dynamodb_table" "lock" {
  name = "acme-locks"
}
"""
SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("r"),
    owner="acme",
    name="app",
    branch="main",
    state_directory=Path("s"),
    aws=AwsSettings(
        region="us-west-2", state_bucket="acme-state", lock_table="acme-locks", secrets=("app/api-key",)
    ),
    origins={"aws.state_bucket": Origin(source="file", file="activation.toml", line=7)},
)


def infra(made: str = MADE, **files: str) -> dict[str, str]:
    return {"live/main.tf": BACKEND, "base/main.tf": made, **files}


def test_a_backend_in_another_bucket_than_the_one_that_is_made_is_named_with_both_places() -> None:
    (found,) = ask("state-backend-agrees", infra(MADE.replace("acme-${", "acme-tf-${")))
    assert [(one.file, one.line) for one in found.evidence] == [("live/main.tf", 3), ("base/main.tf", 2)]


def test_a_backend_behind_another_table_is_named() -> None:
    assert places(ask("state-backend-agrees", infra(MADE.replace("acme-locks", "locks")))) == [
        ("live/main.tf", 5)
    ]


@pytest.mark.parametrize(
    "made",
    [
        MADE,
        MADE.replace('"acme-${var.name}"', "var.bucket"),
        MADE.replace('"state"', '"data"').replace("acme-$", "other-$"),
        "",
    ],
)
def test_a_name_that_can_be_the_same_is_not_accused(made: str) -> None:
    assert ask("state-backend-agrees", infra(made)) == []


def test_a_backend_that_the_command_line_completes_is_not_accused() -> None:
    run = "- {run: terraform init -backend-config=bucket=x, working-directory: live}"
    files = {**infra(MADE.replace("acme-${", "acme-tf-${")), CI: job(f"- uses: actions/checkout@v4\n{run}")}
    assert ask("state-backend-agrees", files) == []


def test_settings_and_backend_with_two_names_are_named_with_both_places() -> None:
    settings = replace(SETTINGS, aws=replace(SETTINGS.aws, state_bucket="acme-terraform"))
    written = {"activation.toml": 6 * "\n" + 'state_bucket = "acme-terraform"\n'}
    (found,) = ask("settings-and-terraform-agree", {**infra(), **written}, settings)
    assert [(one.file, one.line) for one in found.evidence] == [("live/main.tf", 3), ("activation.toml", 7)]
    assert found.evidence[1].excerpt == 'state_bucket = "acme-terraform"'


def test_settings_and_backend_with_one_name_are_not_accused() -> None:
    assert ask("settings-and-terraform-agree", infra(), SETTINGS) == []
    assert ask("settings-and-terraform-agree", infra(), replace(SETTINGS, aws=AwsSettings())) == []


def reading(entry: str) -> dict[str, str]:
    return {CI: job(f"- run: aws secretsmanager get-secret-value --secret-id {entry}")}


def test_an_entry_that_nothing_makes_is_named_with_the_one_that_is_meant() -> None:
    (found,) = ask("secret-entry-agrees", reading("app/api_key"), SETTINGS)
    assert places([found]) == [(CI, 6)]
    assert "app/api-key is" in found.message


@pytest.mark.parametrize("entry", ["app/api-key", "$NAME", "arn:aws:secretsmanager:x:1:secret:y"])
def test_an_entry_that_is_made_or_not_certain_is_not_accused(entry: str) -> None:
    assert ask("secret-entry-agrees", reading(entry), SETTINGS) == []


def test_an_entry_that_terraform_makes_is_not_accused() -> None:
    made = {"a.tf": 'resource "aws_secretsmanager_secret" "x" {\n  name = "app/other"\n}\n'}
    assert ask("secret-entry-agrees", {**reading("app/other"), **made}, SETTINGS) == []


def working(region: str, run: str = "aws s3 ls") -> dict[str, str]:
    return {**infra(), CI: job(f"- run: {run}", extra=f"env:\n  AWS_REGION: {region}")}


def test_a_job_in_another_region_than_terraform_is_named_with_both_places() -> None:
    (found,) = ask("region-agrees", working("eu-west-1"))
    assert [(one.file, one.line) for one in found.evidence] == [(CI, 6), ("live/main.tf", 9)]


def test_a_job_in_the_same_region_or_without_aws_is_not_accused() -> None:
    assert ask("region-agrees", working("us-west-2")) == []
    assert ask("region-agrees", working("us-east-1")) == []
    assert ask("region-agrees", working("eu-west-1", "make")) == []
    assert ask("region-agrees", working("${{ inputs.region }}")) == []


def test_of_several_states_nobody_knows_which_store_is_made_here() -> None:
    files = infra(MADE.replace("acme-locks", "locks"))
    another = files["live/main.tf"].replace('"acme-locks"', '"shop-locks"')
    assert ask("state-backend-agrees", {**files, "shop/main.tf": another}) == []
    (found,) = ask("state-backend-agrees", {**files, "more/main.tf": files["live/main.tf"]})
    assert [one.file for one in found.evidence] == ["live/main.tf", "more/main.tf", "base/main.tf"]


def deploying(region: str, run: str = "aws ssm send-command") -> dict[str, str]:
    flow = working(region, run)[CI]
    return {**infra(), ".github/workflows/deploy.yml": flow}


STATED = replace(
    SETTINGS,
    deploy_workflow="deploy.yml",
    origins={"aws.region": Origin(source="file", file="activation.toml", line=2)},
)


def test_a_deployment_in_the_region_of_global_services_is_named_where_the_settings_state_another() -> None:
    assert places(ask("region-agrees", deploying("us-east-1"), STATED)) == [
        (".github/workflows/deploy.yml", 6)
    ]


def test_global_services_and_other_workflows_may_be_asked_in_the_region_of_all() -> None:
    assert ask("region-agrees", deploying("us-east-1", "aws cloudfront create-invalidation"), STATED) == []
    assert ask("region-agrees", deploying("us-east-1"), replace(STATED, origins={})) == []
    assert ask("region-agrees", working("us-east-1"), STATED) == []


def test_an_entry_read_under_a_short_form_of_the_one_that_terraform_makes_is_named() -> None:
    made = {"a.tf": 'resource "aws_secretsmanager_secret" "x" {\n  name = "shop/database"\n}\n'}
    script = {"deploy/s.sh": "#!/bin/sh\naws secretsmanager get-secret-value --secret-id shop/db\n"}
    settings = replace(SETTINGS, aws=AwsSettings())
    (found,) = ask("secret-entry-agrees", {**made, **script}, settings)
    assert [(one.file, one.line) for one in found.evidence] == [("deploy/s.sh", 2), ("a.tf", 2)]


@pytest.mark.parametrize(
    "entry", ["shop/database", "shop/api", "other/db", "$NAME", "shop/database --secret-id shop/db"]
)
def test_an_entry_of_its_own_is_no_short_form(entry: str) -> None:
    made = {"a.tf": 'resource "aws_secretsmanager_secret" "x" {\n  name = "shop/database"\n}\n'}
    assert ask("secret-entry-agrees", {**made, **reading(entry)}, replace(SETTINGS, aws=AwsSettings())) == []

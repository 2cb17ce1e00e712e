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

import pytest

from tests.checks.testing import CI, ask, job

PROVIDER = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"
  endpoints {
    s3  = "http://localhost:4566"
    sqs = "http://127.0.0.1:4566"
  }
}

resource "aws_sqs_queue" "jobs" {}
"""
PLAIN = 'provider "aws" {}\n\nresource "aws_sqs_queue" "jobs" {}\n'
BOTH = "{push: {branches: [main]}, pull_request: {branches: [main]}}"
STEPS = """\
- uses: actions/checkout@v4
- run: |
    terraform -chdir=infra init
    terraform -chdir=infra apply -auto-approve
"""
CHECKS = (
    "deployments-wait-for-each-other",
    "pull-request-deploys-nowhere",
    "terraform-state-kept",
)


def files(module: str = PROVIDER, extra: str = "", steps: str = STEPS) -> dict[str, str]:
    return {CI: job(steps, on=BOTH, extra=extra), "infra/main.tf": module}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "case",
    [
        files(),
        files(
            PROVIDER.replace('"http://localhost:4566"', "var.at")
            + 'variable "at" {\n  default = "http://localhost:4566"\n}\n'
        ),
        files(PLAIN, extra="env: {AWS_ENDPOINT_URL: 'http://localhost:4566'}"),
        files(
            PLAIN,
            steps=STEPS.replace(
                "terraform -chdir=infra apply",
                "AWS_ENDPOINT_URL=http://localhost:4566 terraform -chdir=infra apply",
            ),
        ),
        files(
            PLAIN,
            steps=STEPS.replace(
                "    terraform -chdir=infra init",
                "    export AWS_ENDPOINT_URL=http://localhost:4566\n    terraform -chdir=infra init",
            ),
        ),
        files(PLAIN, steps=STEPS.replace("terraform", "tflocal")),
    ],
)
def test_what_terraform_makes_in_an_emulator_on_the_runner_is_no_deployment(
    check: str, case: dict[str, str]
) -> None:
    assert ask(check, case) == []


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "case",
    [
        files(PLAIN),
        files(PROVIDER.replace("http://127.0.0.1:4566", "https://sqs.eu-west-1.amazonaws.com")),
        files(PROVIDER + 'provider "aws" {\n  alias = "real"\n}\n'),
        files(PLAIN, extra="env: {AWS_ENDPOINT_URL: 'https://aws.example.com'}"),
    ],
)
def test_what_it_may_make_elsewhere_is_one(check: str, case: dict[str, str]) -> None:
    assert len(ask(check, case)) == 1


def test_a_deployment_to_an_emulator_may_be_cancelled() -> None:
    extra = "environment: staging\nconcurrency: {group: x, cancel-in-progress: true}"
    assert ask("deployment-is-not-cancelled", files(extra=extra)) == []
    assert len(ask("deployment-is-not-cancelled", files(PLAIN, extra=extra))) == 1


def test_a_module_with_things_of_another_cloud_is_a_deployment() -> None:
    both = files(PROVIDER + 'resource "cloudflare_record" "www" {}\n')
    assert len(ask("deployments-wait-for-each-other", both)) == 1

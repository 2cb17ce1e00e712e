import pytest

from tests.checks.testing import CI, ask, job, places

HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def signing(
    region: str = "eu-west-1",
    account: str = "111122223333",
    run: str = f"docker push {HOST}/app:1",
    more: str = "",
) -> str:
    return job(
        "- uses: aws-actions/configure-aws-credentials@v4\n"
        "  with:\n"
        f"    role-to-assume: arn:aws:iam::{account}:role/ci\n"
        f"    aws-region: {region}\n"
        f"- uses: aws-actions/amazon-ecr-login@v2\n{more}"
        f"- run: {run}\n"
    )


def test_a_registry_of_another_region_than_the_job_signs_in_to_is_told() -> None:
    (found,) = ask("registry-signed-in", {CI: signing(region="us-east-1")})
    assert "signs in to the registry in us-east-1, and names the one in eu-west-1" in found.message
    assert places([found]) == [(CI, 11)]
    assert found.evidence[1].line == 9


def test_a_registry_of_another_account_is_told() -> None:
    (found,) = ask("registry-signed-in", {CI: signing(account="444455556666")})
    assert "signs in to the registry of 444455556666" in found.message
    assert found.evidence[1].line == 8


def test_a_registry_in_a_variable_of_the_workflow_is_read() -> None:
    text = f"env:\n  REGISTRY: {HOST}\n" + signing(region="us-east-1", run="docker push $REGISTRY/app:1")
    (found,) = ask("registry-signed-in", {CI: text})
    assert places([found]) == [(CI, 2)]


@pytest.mark.parametrize(
    "workflow",
    [
        signing(),
        signing(region="${{ vars.REGION }}"),
        signing(region="us-east-1", more="  with:\n    registries: '111122223333'\n"),
        signing(region="us-east-1", run=f"docker login {HOST}"),
        signing(region="us-east-1", run="docker push $REGISTRY/app:1"),
        signing(region="us-east-1").replace(
            "aws-actions/amazon-ecr-login@v2", "docker/setup-buildx-action@v3"
        ),
    ],
)
def test_the_same_registry_or_one_with_a_sign_in_of_its_own_is_not_accused(workflow: str) -> None:
    assert ask("registry-signed-in", {CI: workflow}) == []


OTHER = signing(account="444455556666", run="terraform apply")
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'


def test_terraform_in_an_account_that_its_provider_refuses_is_told() -> None:
    workflow = signing(account="444455556666", run="terraform -chdir=infra apply")
    (found,) = ask("terraform-account-allowed", {CI: workflow, "infra/main.tf": PROVIDER})
    assert "runs terraform in 444455556666, and its provider allows 111122223333 only" in found.message
    assert places([found]) == [(CI, 8)]
    assert found.evidence[1].line == 3


@pytest.mark.parametrize(
    ("workflow", "terraform"),
    [
        (signing(run="terraform apply"), PROVIDER),
        (signing(account="444455556666", run="terraform fmt"), PROVIDER),
        (
            signing(account="444455556666", run="terraform apply"),
            PROVIDER.replace('["111122223333"]', "var.ids"),
        ),
        (OTHER, 'provider "aws" {}\n'),
        (
            signing(account="444455556666", run="terraform apply"),
            PROVIDER + PROVIDER.replace("111122223333", "444455556666"),
        ),
    ],
)
def test_an_account_that_is_or_may_be_allowed_is_not_accused(workflow: str, terraform: str) -> None:
    assert ask("terraform-account-allowed", {CI: workflow, "infra/main.tf": terraform}) == []

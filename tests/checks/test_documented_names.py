import pytest

from tests.checks.testing import CI, ask, job, places

TERRAFORM = """\
terraform {
  backend "s3" {
    bucket         = "acme-state"
    dynamodb_table = "acme-locks"
  }
}
resource "aws_secretsmanager_secret" "key" {
  name = "acme/api-key"
}
"""
BASE = {
    "infra/main.tf": TERRAFORM,
    "tools/copy.sh": "aws s3 cp x s3://acme-artifacts/x\n",
    CI: job("- run: echo ${{ secrets.AWS_ROLE_TO_ASSUME }} ${{ secrets.OTHER_KEY }}"),
}


def shell(command: str) -> dict[str, str]:
    return {**BASE, "docs/guide.md": f"# Guide\n\n```bash\n{command}\n```\n"}


@pytest.mark.parametrize(
    "command",
    [
        "aws s3 ls s3://acme_states/x".replace("_", "-"),
        "aws s3 ls s3://acme-artifact/x",
        "aws dynamodb scan --table-name acme-lock",
        "aws secretsmanager get-secret-value --secret-id acme/api_key",
    ],
)
def test_a_name_that_is_nearly_the_repositorys_own_is_named_with_its_line(command: str) -> None:
    found = ask("documented-resource-agrees", shell(command))
    assert places(found) == [("docs/guide.md", 4)]


@pytest.mark.parametrize(
    "command",
    [
        "aws s3 ls s3://acme-state/x",
        "aws s3 ls s3://my-bucket/x",
        "aws s3 ls s3://acme-state-$ACCOUNT/x",
        "aws dynamodb scan --table-name acme-locks",
        "aws dynamodb scan --table-name $TABLE",
        "aws secretsmanager get-secret-value --secret-id acme/api-key",
    ],
)
def test_the_same_name_or_another_things_is_not_accused(command: str) -> None:
    assert ask("documented-resource-agrees", shell(command)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Uploads go to the bucket acme-artifact.\n",
        "| Bucket | `acme-artifact` |\n",
        "Locks are in the DynamoDB table `acme_locks`.\n",
        "The table is called acme-lock.\n",
    ],
)
def test_a_name_in_a_sentence_that_is_nearly_the_repositorys_own_is_named(text: str) -> None:
    assert places(ask("documented-resource-agrees", {**BASE, "README.md": text})) == [("README.md", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "Uploads go to the bucket acme-artifacts.\n",
        "We make an acme-artifact every night.\n",
        "The bucket is `aws_s3_bucket.acme_artifact`.\n",
        "The bucket holds target/acme-artifact/x.\n",
        "The bucket acme-artifact-mirror is of others.\n",
        "The bucket is made by `make copy-artifact` with job acme-artifact.\n",
    ],
)
def test_a_name_of_another_thing_in_a_sentence_is_not_accused(text: str) -> None:
    files = {**BASE, "README.md": text}
    files["tools/job.sh"] = "run acme-artifact\n" if "job" in text else ""
    assert ask("documented-resource-agrees", files) == []


def test_a_name_that_terraform_puts_together_is_known() -> None:
    made = 'variable "project" {\n  default = "acme"\n}\nresource "aws_s3_bucket" "a" {\n'
    made += '  bucket = "${var.project}-uploads"\n}\n'
    files = {"main.tf": made, "README.md": "The bucket acme-upload\n"}
    (found,) = ask("documented-resource-agrees", files)
    assert "acme-uploads" in found.message


def test_where_nothing_is_made_nobody_is_accused() -> None:
    assert ask("documented-resource-agrees", {"README.md": "s3://a-b\n"}) == []


def listed(text: str) -> dict[str, str]:
    return {**BASE, "docs/guide.md": text}


def test_a_secret_that_is_listed_in_place_of_the_one_that_is_read_is_named_with_both() -> None:
    (found,) = ask(
        "documented-secret-agrees", listed("## GitHub secrets\n\n- `AWS_ROLE_ARN`\n- `OTHER_KEY`\n")
    )
    assert [(one.file, one.line) for one in found.evidence] == [("docs/guide.md", 3), (CI, 6)]


@pytest.mark.parametrize(
    "text",
    [
        "## GitHub secrets\n\n- `AWS_ROLE_TO_ASSUME`\n- `AWS_ROLE_ARN`\n",
        "## GitHub secrets\n\n- `DEPLOY_TOKEN`\n",
        "## Environment\n\n- `AWS_ROLE_ARN`\n",
        "## GitHub secrets\n\nNothing.\n\n## Variables of a shell\n\n- `AWS_ROLE_ARN`\n",
    ],
)
def test_a_secret_that_is_listed_too_or_is_another_is_not_accused(text: str) -> None:
    assert ask("documented-secret-agrees", listed(text)) == []

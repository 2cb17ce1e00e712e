import pytest

from tests.checks.testing import CI, ask, job, places

TF = """\
resource "aws_s3_bucket" "a" {
  bucket = "acme-artifacts-prod"
}
resource "aws_dynamodb_table" "t" {
  name = "acme-sessions"
}
resource "aws_secretsmanager_secret" "s" {
  name = "acme/database-password"
}
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("aws s3 cp a s3://acme-artefacts-prod/x", "asks for the bucket acme-artefacts-prod"),
        ("aws s3api put-object --bucket acme-artifact-prod --key k", "is acme-artifacts-prod"),
        ("aws dynamodb scan --table-name acme_sessions", "Terraform's is acme-sessions"),
        (
            "aws secretsmanager get-secret-value --secret-id acme/database-pasword",
            "Terraform's is acme/database-password",
        ),
    ],
)
def test_a_slip_in_the_name_of_what_terraform_makes_is_told(step: str, told: str) -> None:
    (found,) = ask("made-name-agrees", {CI: job(f"- run: {step}"), "infra/main.tf": TF})
    assert told in found.message
    assert places([found]) == [(CI, 6)]
    assert found.evidence[1].file == "infra/main.tf"


def test_a_variable_of_a_workflow_and_a_script_are_read() -> None:
    steps = "- run: aws s3 sync . s3://$BUCKET\n  env:\n    BUCKET: acme-artefacts-prod"
    (found,) = ask("made-name-agrees", {CI: job(steps), "main.tf": TF})
    assert places([found]) == [(CI, 8)]
    (found,) = ask("made-name-agrees", {"ship.sh": "aws s3 ls s3://acme-artefacts-prod\n", "main.tf": TF})
    assert places([found]) == [("ship.sh", 1)]


@pytest.mark.parametrize(
    "step",
    [
        "aws s3 cp a s3://acme-artifacts-prod/x",
        "aws s3 cp a s3://acme-artifacts-staging/x",  # one of its own
        "aws s3 cp a s3://acme-artifacts-prod2/x",
        "aws s3 cp a s3://acme-artefacts-prod-$REGION/x",
        "aws s3 mb s3://acme-artefacts-prod",
        "aws s3 sync s3://acme-artefacts-prod s3://acme-artifacts-prod",  # both are known
        "aws --endpoint-url http://localhost:4566 s3 ls s3://acme-artefacts-prod",
        "aws dynamodb scan --table-name orders",
    ],
)
def test_another_thing_or_one_that_is_made_elsewhere_is_not_accused(step: str) -> None:
    assert ask("made-name-agrees", {CI: job(f"- run: {step}"), "infra/main.tf": TF}) == []


def test_a_name_that_only_terraform_knows_makes_all_uncertain() -> None:
    other = 'resource "aws_s3_bucket" "b" {\n  bucket = data.x.y.name\n}\n'
    files = {CI: job("- run: aws s3 ls s3://acme-artefacts-prod"), "infra/main.tf": TF + other}
    assert ask("made-name-agrees", files) == []


def test_the_default_of_a_variable_and_the_backend_s_bucket_are_names_too() -> None:
    variable = 'variable "artifact_bucket" {\n  default = "acme-artifacts"\n}\n'
    asking = {CI: job("- run: aws s3 ls s3://acme-artefacts")}
    (found,) = ask("made-name-agrees", {**asking, "main.tf": variable})
    assert found.evidence[1].line == 2
    backend = 'terraform {\n  backend "s3" {\n    bucket = "acme-artifacts"\n  }\n}\n'
    (found,) = ask("made-name-agrees", {**asking, "main.tf": backend})
    assert found.evidence[1].line == 3
    assert ask("made-name-agrees", {**asking, "main.tf": variable.replace("artifact_bucket", "prefix")}) == []


DOCUMENT = "# Runbook\n\n```sh\naws s3 cp s3://acme-artefacts-prod/app .\n```\n"


@pytest.mark.parametrize("fence", ["```sh", "```"])
def test_a_document_s_command_with_a_slip_in_a_bucket_is_a_note(fence: str) -> None:
    text = DOCUMENT.replace("```sh", fence)
    (found,) = ask("made-name-agrees", {"docs/RUNBOOK.md": text, "infra/main.tf": TF})
    assert (
        found.message
        == "tells to ask for the bucket acme-artefacts-prod, and Terraform's is acme-artifacts-prod"
    )
    assert found.weight.value == "note"
    assert places([found]) == [("docs/RUNBOOK.md", 4)]
    assert found.evidence[1].file == "infra/main.tf"


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": DOCUMENT.replace("artefacts", "artifacts")},
        {"README.md": DOCUMENT.replace("artefacts-prod", "artefacts-dev")},
        {"README.md": DOCUMENT.replace("artefacts-prod", "artefacts-$STAGE")},
        {"README.md": DOCUMENT.replace("aws s3 cp", "aws s3 mb s3://acme-artefacts-prod\naws s3 cp")},
        {"README.md": DOCUMENT.replace("app .", "app s3://acme-artifacts-prod/app")},
        {"README.md": DOCUMENT + "\nStart localstack first.\n"},
        {"README.md": DOCUMENT, "app.toml": 'old = "acme-artefacts-prod"\n'},
        {"CHANGELOG.md": DOCUMENT},
    ],
)
def test_a_document_s_bucket_that_is_right_or_another_is_not_accused(files: dict[str, str]) -> None:
    assert ask("made-name-agrees", {**files, "infra/main.tf": TF}) == []


def test_one_file_s_bucket_a_letter_beside_the_one_that_others_ask_for_is_told() -> None:
    files = {"infra/main.tf": TF, "roll.sh": "aws s3 cp s3://acme-artifacts-prod/x .\n"}
    flow = {CI: job("- run: aws s3 cp x s3://acme-artefacts-prod/")}
    (found,) = ask("made-name-agrees", {**files, **flow})
    assert places([found]) == [(CI, 6)]
    both = {"get.sh": "aws s3 cp s3://acme-artefacts-prod/x .\n"}
    assert ask("made-name-agrees", {**files, **flow, **both}) == []
    plural = {CI: job("- run: aws s3 cp x s3://acme-artifacts-prods/")}
    assert ask("made-name-agrees", {**files, **plural}) == []

from dataclasses import replace

import pytest

from tasks.domain.settings import AwsSettings, Origin
from tests.checks.test_oidc import SETTINGS
from tests.checks.testing import CI, ask, job, places

FILE, GUIDE = "activation.toml", "docs/guide.md"
TEXT = """\
[aws]
region = "us-west-2"
state_bucket = "acme-state"
artifact_bucket = "acme-moon-artifacts"
deploy_role = "moon-deploy"
"""
KEYS = ("region", "state_bucket", "artifact_bucket", "deploy_role")
STATED = replace(
    SETTINGS,
    aws=AwsSettings(
        region="us-west-2",
        state_bucket="acme-state",
        artifact_bucket="acme-moon-artifacts",
        deploy_role="moon-deploy",
    ),
    origins={f"aws.{key}": Origin(source="file", file=FILE, line=n) for n, key in enumerate(KEYS, 2)},
)
BOTH = "| bucket `acme-state` | us-west-2 |\n| bucket `acme-moon-artifacts` | us-west-2 |\n"


@pytest.mark.parametrize(
    ("text", "line", "stated"),
    [
        (BOTH.replace("artifacts", "artefacts"), 2, 4),
        (BOTH + "\n    aws s3 ls s3://acme-moon-artifact/\n", 4, 4),
        (BOTH.replace("acme-state", "moon-terraform"), 1, 3),
        (BOTH.replace("us-west-2", "eu-west-1", 1), 1, 2),
        ("The ARN of the role `moon-deployer`.\n", 1, 5),
    ],
)
def test_what_a_document_calls_otherwise_than_the_settings_is_named_with_both_places(
    text: str, line: int, stated: int
) -> None:
    (found,) = ask("documented-settings-agree", {FILE: TEXT, GUIDE: text}, STATED)
    assert [(one.file, one.line) for one in found.evidence] == [(GUIDE, line), (FILE, stated)]


@pytest.mark.parametrize(
    "text",
    [
        BOTH,
        BOTH + "| bucket `acme-logs` | us-west-2 |\n",
        BOTH + "\n    aws s3 ls s3://acme-moon-artifacts-dev/\n",
        BOTH + "\n    aws s3 ls s3://acme-moon-artifacts$SUFFIX/\n",
        "| bucket `acme-logs` | eu-west-1 |\n" + BOTH,
        "The role `moon-deploy`, and the role `moon-deploy-2`, and the role `reader`.\n",
    ],
)
def test_the_same_names_and_other_things_are_not_accused(text: str) -> None:
    assert ask("documented-settings-agree", {FILE: TEXT, GUIDE: text}, STATED) == []


def test_a_name_that_other_files_write_is_another_thing() -> None:
    text = "| bucket `acme-moon-artefacts` | us-west-2 |\n"
    made = {"main.tf": 'resource "aws_s3_bucket" "a" {\n  bucket = "acme-moon-artefacts"\n}\n'}
    assert ask("documented-settings-agree", {FILE: TEXT, GUIDE: text, **made}, STATED) == []


def test_what_no_file_states_is_no_measure() -> None:
    files = {FILE: TEXT, GUIDE: BOTH.replace("artifacts", "artefacts")}
    assert ask("documented-settings-agree", files, replace(STATED, origins={})) == []


def variable(default: str) -> dict[str, str]:
    return {FILE: TEXT, "infra/main.tf": f'variable "artifact_bucket" {{\n  default = "{default}"\n}}\n'}


def test_a_default_of_terraform_that_is_not_what_the_settings_state_is_named() -> None:
    (found,) = ask("settings-buckets-agree", variable("acme-moon-artefacts"), STATED)
    assert [(one.file, one.line) for one in found.evidence] == [("infra/main.tf", 2), (FILE, 4)]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"infra/terraform.tfvars": 'artifact_bucket = "acme-moon-artifacts"\n'},
        {CI: job("- run: terraform -chdir=infra apply -var artifact_bucket=x")},
        {CI: job("- run: terraform apply\n  env:\n    TF_VAR_artifact_bucket: x")},
    ],
)
def test_a_default_that_is_the_same_or_that_somebody_replaces_is_not_accused(more: dict[str, str]) -> None:
    default = "other" if more else "acme-moon-artifacts"
    assert ask("settings-buckets-agree", {**variable(default), **more}, STATED) == []


def test_a_bucket_that_a_workflow_spells_otherwise_is_named() -> None:
    flow = job("- run: |\n    set -eu\n    aws s3 ls s3://acme-moon-artefacts/")
    assert places(ask("settings-buckets-agree", {FILE: TEXT, CI: flow}, STATED)) == [(CI, 8)]


@pytest.mark.parametrize(
    "name", ["acme-moon-artifacts", "acme-moon-releases", "acme-moon-artifacts-2", "acme-stage"]
)
def test_a_bucket_of_its_own_is_not_accused(name: str) -> None:
    flow = job(f"- run: aws s3 ls s3://{name}/")
    assert ask("settings-buckets-agree", {FILE: TEXT, CI: flow}, STATED) == []


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("acme-moon-artifact", [(FILE, 4)]),
        ("acme-moon-artifacts", []),
        ("acme-moon-releases", []),
        ("acme-state-2", []),
        ("${random_id.x.hex}", []),
    ],
)
def test_a_stated_bucket_a_letter_beside_the_one_that_terraform_makes_is_named(
    name: str, lines: list[tuple[str, int]]
) -> None:
    files = {FILE: TEXT, "infra/main.tf": f'resource "aws_s3_bucket" "a" {{\n  bucket = "{name}"\n}}\n'}
    assert places(ask("settings-buckets-agree", files, STATED)) == lines

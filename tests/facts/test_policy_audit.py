import os
from pathlib import Path

import pytest

from tasks.domain.iam_policy import Policies
from tasks.domain.policy_audit import PolicyAudit
from tasks.facts.policy_audit import policy_audit
from tasks.systems.parliament import Parliament
from tasks.systems.shell import Shell
from tests.checks.testing import snapshot

pytestmark = pytest.mark.processes

FILE = "iam/deploy-policy.json"


def look(directory: Path, **files: str) -> PolicyAudit:
    policies = snapshot(files).get(Policies)
    assert isinstance(policies, Policies)
    return policy_audit(Parliament(Shell(os.environ)), policies, directory / "policies")


def document(statement: str) -> str:
    return '{\n  "Version": "2012-10-17",\n  "Statement": [\n' + statement + "\n]}\n"


def rules(audit: PolicyAudit) -> list[tuple[str, str | None, int | None]]:
    return [(one.rule, one.at.file, one.at.line) for one in audit.findings]


def test_a_resource_that_no_action_is_about_is_found_with_its_line(tmp_path: Path) -> None:
    text = document('{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket"}')
    seen = look(tmp_path, **{FILE: text})
    assert rules(seen) == [("RESOURCE_MISMATCH", FILE, 4)]
    assert seen.tool.startswith("parliament ")


def test_one_of_the_resources_that_an_action_may_be_about_is_enough(tmp_path: Path) -> None:
    model = "arn:aws:bedrock:*::foundation-model/anthropic.*"
    text = document(f'{{"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "{model}"}}')
    assert rules(look(tmp_path, **{FILE: text})) == []


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ("arn:aws:bedrock:*::foundation-model/anthropic.claude-haiku-v1:0", []),
        ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-v1:0", []),
        ("arn:aws:bedrock:us-east-1:123456789012:guardrails/a:0", ["RESOURCE_MISMATCH"]),
        ("arn:aws:bedrock:us-east-1:123456789012:agent/A", ["RESOURCE_MISMATCH"]),
    ],
)
def test_the_name_of_a_resource_may_have_a_colon(tmp_path: Path, resource: str, told: list[str]) -> None:
    text = document(f'{{"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "{resource}"}}')
    assert [rule for rule, _, _ in rules(look(tmp_path, **{FILE: text}))] == told


def test_a_document_of_terraform_is_read_with_its_conditions(tmp_path: Path) -> None:
    text = """
    data "aws_iam_policy_document" "x" {
      statement {
        sid       = "No spaces please"
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::bucket/*"]

        condition {
          test     = "Bool"
          variable = "aws:SecureTransport"
          values   = ["true"]
        }
      }
    }
    """
    seen = look(tmp_path, **{"infra/x.tf": text})
    assert (rules(seen), seen.unread) == ([("INVALID_SID", "infra/x.tf", 4)], ())


@pytest.mark.parametrize(
    "resource",
    ["aws_s3_bucket.x.arn", '"${aws_s3_bucket.x.arn}/*"', '["arn:aws:s3:::${var.bucket}"]'],
)
def test_a_resource_that_only_terraform_knows_is_not_judged(tmp_path: Path, resource: str) -> None:
    text = f"""
    resource "aws_iam_policy" "x" {{
      policy = jsonencode({{
        Version = "2012-10-17"
        Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = {resource} }}]
      }})
    }}
    """
    assert rules(look(tmp_path, **{"infra/x.tf": text})) == []


@pytest.mark.parametrize(
    "statement",
    [
        '{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}',
        '{"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "arn:aws:ec2:${Region}:${A}:x/*"}',
        '{"Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "arn:aws:iam::1:role/<NAME>"}',
    ],
)
def test_trust_policies_and_templates_are_not_judged(tmp_path: Path, statement: str) -> None:
    assert rules(look(tmp_path, **{FILE: document(statement)})) == []


def test_a_repository_without_policies_needs_no_linter(tmp_path: Path) -> None:
    assert look(tmp_path, **{"README.md": "x"}).findings == ()
    assert not (tmp_path / "policies").exists()


def test_statements_without_a_sid_have_no_sid_twice(tmp_path: Path) -> None:
    text = """
    data "aws_iam_policy_document" "x" {
      statement {
        sid       = "SID"
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::bucket/*"]
      }
      statement {
        sid       = "SID"
        actions   = ["s3:PutObject"]
        resources = ["arn:aws:s3:::bucket/*"]
      }
    }
    """
    assert rules(look(tmp_path, **{"infra/x.tf": text.replace("SID", "")})) == []
    assert [rule for rule, _, _ in rules(look(tmp_path, **{"infra/x.tf": text}))] == ["DUPLICATE_SID"]


def test_an_action_that_lists_needs_every_resource(tmp_path: Path) -> None:
    text = document('{"Effect": "Allow", "Action": ["cloudwatch:DescribeAlarms"], "Resource": "*"}')
    assert rules(look(tmp_path, **{FILE: text})) == []
    both = text.replace(
        '"cloudwatch:DescribeAlarms"', '"cloudwatch:DescribeAlarms", "cloudwatch:SetAlarmState"'
    )
    (found,) = look(tmp_path, **{FILE: both}).findings
    assert (found.rule, found.detail) == ("RESOURCE_STAR", ("cloudwatch:SetAlarmState",))
    assert rules(look(tmp_path, **{FILE: text.replace("cloudwatch:DescribeAlarms", "s3:ListBucket")})) != []


def test_a_principal_that_somebody_fills_in_is_not_called_unknown(tmp_path: Path) -> None:
    def principals(aws: str) -> list[str]:
        about = '"Action": "kms:Decrypt", "Resource": "*"'
        text = document(f'{{"Effect": "Allow", "Principal": {{"AWS": "{aws}"}}, {about}}}')
        return [rule for rule, _, _ in rules(look(tmp_path, **{FILE: text}))]

    assert "UNKNOWN_PRINCIPAL" in principals("nobody")
    assert "UNKNOWN_PRINCIPAL" not in principals("<ROLE_ARN>")

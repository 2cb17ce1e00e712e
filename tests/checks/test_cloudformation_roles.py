"""Roles of CloudFormation templates: whom they let in, and what they may do."""

import json
from dataclasses import replace

import pytest

from tests.checks.test_oidc import SETTINGS
from tests.checks.test_trusted_subjects import ISSUER, NO_ROLE, OFFLINE, PRODUCTION, SECRET, SIGN_IN
from tests.checks.testing import CI, ask, job, places

ROLE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Owner:
    Type: String
    Default: o
Resources:
  Artifacts:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: moon-artifacts
  ShipRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ship
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Federated: !Sub arn:aws:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              StringEquals:
                token.actions.githubusercontent.com:aud: sts.amazonaws.com
              StringLike:
                token.actions.githubusercontent.com:sub: SUBJECT
      Policies:
        - PolicyName: ship
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [s3:PutObject, s3:GetObject]
                Resource: !Sub "${Artifacts.Arn}/*"
"""


def told(
    subject: str, *, steps: str = SIGN_IN, extra: str = PRODUCTION, **more: str
) -> list[tuple[str | None, int | None]]:
    files = {CI: job(steps, extra=extra), "infra/role.yaml": ROLE.replace("SUBJECT", subject), **more}
    return places(ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE))


@pytest.mark.parametrize(
    "subject",
    [
        "repo:o/n:environment:staging",
        "repo:o/n:environment:Production",
        "!Sub 'repo:${Owner}/n:ref:refs/heads/main'",
        "!Join [':', ['repo', !Sub '${Owner}/n', 'environment', 'prod']]",
        "{'Fn::Sub': 'repo:${Owner}/N:*'}",
    ],
)
def test_a_subject_that_the_template_does_not_name_is_told_at_the_environment(subject: str) -> None:
    assert told(subject) == [(CI, 5)]
    assert told(subject, steps=SECRET) == [(CI, 5)]  # the only role that lets tokens in


@pytest.mark.parametrize(
    "subject",
    [
        "repo:o/n:environment:production",
        "repo:o/n:*",
        "!Sub 'repo:${Owner}/n:environment:production'",
        "!Sub 'repo:${Other}/n:environment:staging'",
        "!Ref Subject",
        "!If [IsMain, 'repo:o/n:ref:refs/heads/main', !Ref Subject]",
    ],
)
def test_a_subject_that_is_named_or_that_cloudformation_computes_is_not_told(subject: str) -> None:
    assert told(subject) == []


def test_a_default_that_a_command_overrides_says_nothing() -> None:
    subject = "!Sub 'repo:${Owner}/m:*'"
    deploy = "aws cloudformation deploy --template-file infra/role.yaml --parameter-overrides Owner=x\n"
    assert told(subject) == [(CI, 5)]
    assert told(subject, **{"deploy.sh": deploy}) == []


def test_a_template_in_json_is_read_too() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": {"Ref": "Provider"}},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:sub": "repo:o/n:environment:staging"}},
    }
    properties = {"RoleName": "ship", "AssumeRolePolicyDocument": {"Statement": [statement]}}
    template = json.dumps(
        {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}, indent=1
    )
    files = {CI: job(SIGN_IN, extra=PRODUCTION), "role.json": template}
    assert places(ask("trust-policy-admits-job", files, NO_ROLE, OFFLINE)) == [(CI, 5)]


SYNC = "- run: aws s3 sync site s3://moon-artifacts/site {}\n"


def lacking(run: str, role: str = ROLE) -> list[str]:
    other = replace(SETTINGS, aws=replace(SETTINGS.aws, deploy_role=None))
    files = {CI: job(SIGN_IN + run, extra=PRODUCTION), "infra/role.yaml": role}
    return [one.message for one in ask("action-granted", files, other)]


def test_a_sync_that_deletes_needs_more_than_to_put() -> None:
    found = lacking(SYNC.format("--delete"))
    assert len(found) == 2
    assert "s3:DeleteObject" in " ".join(found)
    assert "s3:ListBucket" in " ".join(found)
    assert "ShipRole in infra/role.yaml" in found[0]


def test_a_role_that_may_do_it_or_whose_policies_are_not_all_read_is_not_accused() -> None:
    list_too = ROLE.replace("[s3:PutObject, s3:GetObject]", "['s3:*']").replace(
        '!Sub "${Artifacts.Arn}/*"', "[!GetAtt Artifacts.Arn, !Sub '${Artifacts.Arn}/*']"
    )
    assert lacking(SYNC.format("--delete"), list_too) == []
    unread = ROLE.replace("      Policies:", "      ManagedPolicyArns: [!Ref More]\n      Policies:")
    assert lacking(SYNC.format("--delete"), unread) == []
    assert lacking("- run: aws s3 cp a s3://moon-artifacts/a\n") == []

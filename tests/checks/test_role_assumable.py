from dataclasses import replace
from pathlib import Path

import pytest

from tasks.domain.cloud import CloudIdentity, CloudRoles, Role
from tasks.domain.cloud_names import ISSUER
from tasks.domain.fact import Unseen
from tasks.domain.settings import AwsSettings, Settings, WorldKind
from tests.checks.testing import CI, ask, job, places

SETTINGS = Settings(
    world=WorldKind.LIVE,
    repository_path=Path(),
    owner="acme",
    name="moon",
    branch="main",
    state_directory=Path(),
    aws=AwsSettings(deploy_role="activation"),
)
IDENTITY = CloudIdentity(account="111122223333", arn="arn:aws:iam::111122223333:user/me", region="us-west-2")
GITHUB = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"}
MACHINES = {"Service": "ec2.amazonaws.com"}


def signed(arn: str = "arn:aws:iam::111122223333:role/deploy", more: str = "") -> dict[str, str]:
    steps = f"- uses: aws-actions/configure-aws-credentials@v6\n  with:\n    role-to-assume: {arn}\n{more}"
    return {CI: job(steps)}


def role(principal: object, name: str = "deploy") -> Role:
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal}]}
    return Role(name=name, arn=f"arn:aws:iam::111122223333:role/{name}", trust=trust)


def cloud(found: Role | Unseen | None, name: str = "deploy") -> CloudRoles:
    return CloudRoles(roles={name: found}, provider=None)


def test_a_role_that_is_not_in_the_account_is_a_blocker() -> None:
    (told,) = ask("role-assumable", signed(), SETTINGS, cloud(None))
    assert (told.subject, told.weight, places([told])) == ("role deploy", "blocker", [(CI, 8)])
    assert "the account 111122223333 has no role deploy" in told.message


def test_a_role_of_a_computed_account_is_a_warning() -> None:
    files = signed("arn:aws:iam::${{ vars.ACCOUNT }}:role/deploy")
    (told,) = ask("role-assumable", files, SETTINGS, cloud(None))
    assert told.weight == "warning"


def test_a_role_that_only_machines_may_be_is_a_blocker() -> None:
    (told,) = ask("role-assumable", signed(), SETTINGS, cloud(role(MACHINES)))
    assert (told.weight, "trusts only ec2.amazonaws.com" in told.message) == ("blocker", True)


def test_a_role_that_could_not_be_looked_at_is_unknown() -> None:
    (told,) = ask("role-assumable", signed(), SETTINGS, cloud(Unseen(reason="AccessDenied")))
    assert (told.verdict, told.weight) == ("unknown", "warning")


def test_a_role_that_trusts_github_or_is_assumed_with_keys_is_fine() -> None:
    assert ask("role-assumable", signed(), SETTINGS, cloud(role(GITHUB))) == []
    keys = signed(more="    aws-access-key-id: ${{ secrets.KEY }}\n")
    assert ask("role-assumable", keys, SETTINGS, cloud(role(MACHINES))) == []


def test_what_provisioning_or_terraform_makes_need_not_be_there() -> None:
    own = signed("arn:aws:iam::111122223333:role/activation")
    assert ask("role-assumable", own, SETTINGS, cloud(None, "activation")) == []
    made = {**signed(), "infra/x.tf": 'resource "aws_iam_role" "x" {\n  name = "deploy"\n}\n'}
    assert ask("role-assumable", made, SETTINGS, cloud(None)) == []


def test_a_role_of_another_account_is_not_looked_at() -> None:
    nothing = CloudRoles(roles={}, provider=None)
    assert ask("role-assumable", signed(), SETTINGS, nothing) == []


def trusting(principal: str) -> str:
    return f"""
    resource "aws_iam_role" "deploy" {{
      name = "deploy"
      assume_role_policy = jsonencode({{
        Statement = [{{
          Effect    = "Allow"
          Action    = "sts:AssumeRole"
          Principal = {principal}
        }}]
      }})
    }}
    """


def test_a_role_that_terraform_makes_for_machines_lets_no_job_in() -> None:
    files = {**signed(), "infra/x.tf": trusting('{ Service = "ec2.amazonaws.com" }')}
    (told,) = ask("role-trusts-github", files)
    assert [(one.file, one.line) for one in told.evidence] == [(CI, 8), ("infra/x.tf", 3)]


@pytest.mark.parametrize(
    "principal",
    [
        "{ Federated = aws_iam_openid_connect_provider.github.arn }",
        '{ Service = "ec2.amazonaws.com", Federated = var.provider }',
        '{ AWS = "arn:aws:iam::1:root" }',
        "var.principal",
    ],
)
def test_a_role_that_terraform_makes_for_others_may_let_it_in(principal: str) -> None:
    assert ask("role-trusts-github", {**signed(), "infra/x.tf": trusting(principal)}) == []


NODE = 'resource "aws_instance" "x" {\n  iam_instance_profile = "node"\n}\n'
PROFILE = 'resource "aws_iam_instance_profile" "x" {\n  name = "node"\n}\n'


def test_a_profile_that_is_nowhere_is_a_warning() -> None:
    nowhere = replace(cloud(None), profiles={"node": None})
    (told,) = ask("instance-profile-exists", {"infra/x.tf": NODE}, nowhere, IDENTITY)
    assert (told.weight, places([told])) == ("warning", [("infra/x.tf", 2)])
    empty = replace(cloud(None), profiles={"node": ()})
    assert (
        "has no role in it"
        in ask("instance-profile-exists", {"infra/x.tf": NODE}, empty, IDENTITY)[0].message
    )


def test_a_profile_that_is_there_or_will_be_is_fine() -> None:
    there = replace(cloud(None), profiles={"node": ("node",)})
    assert ask("instance-profile-exists", {"infra/x.tf": NODE}, there, IDENTITY) == []
    nowhere = replace(cloud(None), profiles={"node": None})
    assert ask("instance-profile-exists", {"infra/x.tf": NODE + PROFILE}, nowhere, IDENTITY) == []

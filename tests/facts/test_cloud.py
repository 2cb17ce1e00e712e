"""Cloud facts: what was seen, what was not there, and what could not be looked at and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from deployments.embedded.aws import CostLine, Fault
from tasks.domain.cloud import (
    CloudBuckets,
    CloudBudget,
    CloudCost,
    CloudIdentity,
    CloudNodes,
    CloudQuotas,
    CloudRights,
    CloudRoles,
    CloudSecrets,
    CloudTables,
)
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.settings import AwsSettings, BudgetSettings, Environment, Settings, WorldKind
from tasks.facts.cloud import add_cloud
from tests.aws_account import Account, opened
from tests.checks.testing import CI, job, snapshot

KINDS = (
    CloudIdentity,
    CloudBuckets,
    CloudTables,
    CloudSecrets,
    CloudRoles,
    CloudBudget,
    CloudNodes,
    CloudQuotas,
    CloudCost,
    CloudRights,
)
TODAY = date(2026, 11, 22)
SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("moon"),
    owner="acme",
    name="moon",
    branch="main",
    state_directory=Path("state"),
    environments=(Environment(name="staging"),),
    aws=AwsSettings(
        region="us-west-2",
        state_bucket="acme-state",
        artifact_bucket="acme-artifacts",
        lock_table="acme-lock",
        deploy_role="acme-deploy",
        secrets=("acme/token",),
    ),
    budget=BudgetSettings(daily_usd=20),
)


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with opened(tmp_path / "aws") as account:
        yield account


def look(account: Account) -> Snapshot:
    return add_cloud(Snapshot(), SETTINGS, account.aws, today=TODAY)


def test_an_empty_account_is_seen_as_empty_not_as_unseen(account: Account) -> None:
    snapshot = look(account)
    assert [kind for kind in KINDS if isinstance(snapshot.get(kind), Unseen)] == []
    assert snapshot.get(CloudBuckets) == CloudBuckets(buckets={"acme-state": None, "acme-artifacts": None})
    assert snapshot.get(CloudSecrets) == CloudSecrets(secrets={"acme/token": None})
    assert snapshot.get(CloudCost) == CloudCost(days=())
    nodes = snapshot.get(CloudNodes)
    assert isinstance(nodes, CloudNodes)
    assert [node.name for node in nodes.nodes["staging"]] == ["staging"]  # type: ignore[union-attr]


def test_looking_changes_nothing(account: Account) -> None:
    look(account)
    assert account.world.journal.mutations() == ()


def test_one_refusal_hides_only_itself(account: Account) -> None:
    account.aws.buckets.create("acme-artifacts")
    account.aws.buckets.create("acme-state")
    account.world.faults.add(Fault(operation="GetBucketPolicy", code="AccessDenied", status=403))
    found = look(account).get(CloudBuckets)
    assert isinstance(found, CloudBuckets)
    refused = found.buckets["acme-state"]
    assert isinstance(refused, Unseen)
    assert refused.reason.startswith("s3:GetBucketPolicy: AccessDenied")
    assert not isinstance(found.buckets["acme-artifacts"], Unseen)


def test_a_stranger_sees_nothing_and_is_told_once_why(account: Account) -> None:
    stranger = account.adapter(key_id="AKIAIOSFODNN7EXAMPLE")
    snapshot = add_cloud(Snapshot(), SETTINGS, stranger, today=TODAY)
    reasons = {snapshot.get(kind) for kind in KINDS}
    assert len(reasons) == 1
    (reason,) = reasons
    assert isinstance(reason, Unseen)
    assert "InvalidClientTokenId" in reason.reason
    assert len(account.world.journal.calls()) == 1


def test_the_bill_is_read_up_to_today(account: Account) -> None:
    days = ("2026-11-01", "2026-11-08", "2026-11-22", "2026-11-23")
    account.world.costs.seed(CostLine(day=day, service="EC2", usd="1") for day in days)
    found = look(account).get(CloudCost)
    assert isinstance(found, CloudCost)
    assert [cost.day for cost in found.days] == ["2026-11-08", "2026-11-22"]


def test_rights_are_asked_only_for_what_will_be_made(account: Account) -> None:
    bare = replace(SETTINGS, aws=AwsSettings(lock_table="acme-lock"), budget=BudgetSettings())
    found = add_cloud(Snapshot(), bare, account.aws, today=TODAY).get(CloudRights)
    assert found == CloudRights(allowed={"dynamodb:CreateTable": True, "dynamodb:DescribeTable": True})


NAMED = """
- uses: aws-actions/configure-aws-credentials@v6
  with:
    role-to-assume: arn:aws:iam::{}:role/ci
"""
NODE = 'resource "aws_instance" "x" {\n  iam_instance_profile = "node"\n}\n'


def test_roles_and_profiles_that_the_repository_names_are_looked_at(account: Account) -> None:
    iam = account.aws._clients.iam
    iam.create_role(RoleName="node", AssumeRolePolicyDocument='{"Statement": []}')
    iam.create_instance_profile(InstanceProfileName="node")
    iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="node")
    own = account.aws.identity.account
    files = {CI: job(NAMED.format(own)), "infra/x.tf": NODE}
    found = add_cloud(snapshot(files), SETTINGS, account.aws, today=TODAY).get(CloudRoles)
    assert isinstance(found, CloudRoles)
    assert (dict(found.roles), found.profiles) == ({"acme-deploy": None, "ci": None}, {"node": ("node",)})


def test_a_role_of_another_account_is_not_looked_at(account: Account) -> None:
    files = {CI: job(NAMED.format("999988887777"))}
    found = add_cloud(snapshot(files), SETTINGS, account.aws, today=TODAY).get(CloudRoles)
    assert isinstance(found, CloudRoles)
    assert set(found.roles) == {"acme-deploy"}

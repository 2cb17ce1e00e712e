"""The adapter returns what AWS holds, says None for what is not there, and can repeat every call."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest

from deployments.embedded.aws import CostLine, Fault, Mode
from tasks.domain.cloud import BudgetAlert, CloudIdentity, Expiry
from tasks.systems.aws.errors import Denied, NoIdentity, Throttled, Unreachable
from tests.aws_account import Account

ACCOUNT = "123456789012"


def client(account: Account, service: str) -> Any:
    key = account.world.credentials
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=account.world.endpoint_url,
        region_name="us-west-2",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
    )


def test_what_is_not_there_is_none(account: Account) -> None:
    aws = account.aws
    assert aws.buckets.describe("acme-none") is None
    assert aws.tables.describe("acme-none") is None
    assert aws.roles.describe("acme-none") is None
    assert aws.roles.provider(ACCOUNT, "issuer.example") is None
    assert aws.secrets.describe("acme/none") is None
    assert aws.budgets.describe(ACCOUNT, "none") is None
    assert aws.budgets.topic(ACCOUNT, "none") is None


def test_creating_twice_takes_over_what_is_there(account: Account) -> None:
    aws = account.aws
    for _ in range(2):
        aws.buckets.create("acme-twice")
        aws.tables.create("acme-twice")
        aws.roles.create("acme", trust={"Version": "2012-10-17", "Statement": []}, description="d")
        aws.roles.create_provider("issuer.example", "sts.amazonaws.com")
        aws.secrets.create("acme/twice", "first")
        aws.budgets.create(ACCOUNT, "twice", daily_usd=20)
        aws.budgets.create_topic("twice")
        aws.budgets.alert(ACCOUNT, "twice", percent=80, topic_arn=aws.budgets.topic_arn(ACCOUNT, "twice"))
    assert len(client(account, "s3").list_buckets()["Buckets"]) == 1
    arn = "arn:aws:sns:us-west-2:123456789012:twice"
    budget = aws.budgets.describe(ACCOUNT, "twice")
    assert budget is not None
    assert budget.alerts == (BudgetAlert(percent=80, subscribers=(arn,)),)


def test_an_existing_secret_keeps_its_value(account: Account) -> None:
    account.aws.secrets.create("acme/token", "first")
    account.aws.secrets.create("acme/token", "second")
    found = client(account, "secretsmanager").get_secret_value(SecretId="acme/token")
    assert found["SecretString"] == "first"


def test_a_blank_secret_is_not_filled_and_a_deleted_one_says_so(account: Account) -> None:
    account.aws.secrets.create("acme/token", " ")
    blank = account.aws.secrets.describe("acme/token")
    assert blank is not None
    assert blank.filled is False
    client(account, "secretsmanager").delete_secret(SecretId="acme/token", RecoveryWindowInDays=7)
    deleted = account.aws.secrets.describe("acme/token")
    assert deleted is not None
    assert deleted.deleting


def test_a_secret_that_may_not_be_read_is_neither_empty_nor_filled(account: Account) -> None:
    account.aws.secrets.create("acme/token", "value")
    account.world.faults.add(Fault(operation="GetSecretValue", code="AccessDeniedException", status=400))
    found = account.aws.secrets.describe("acme/token")
    assert found is not None
    assert found.filled is None


def test_requiring_tls_keeps_the_rest_of_the_policy(account: Account) -> None:
    account.aws.buckets.create("acme-tls")
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-tls/*",
    }
    s3 = client(account, "s3")
    s3.put_bucket_policy(
        Bucket="acme-tls", Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]})
    )
    account.aws.buckets.require_tls("acme-tls")
    account.aws.buckets.require_tls("acme-tls")
    policy = json.loads(s3.get_bucket_policy(Bucket="acme-tls")["Policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["Theirs", "DenyInsecureTransport"]
    bucket = account.aws.buckets.describe("acme-tls")
    assert bucket is not None
    assert bucket.tls_only


def test_a_policy_that_lets_everybody_in_makes_a_bucket_public_until_it_is_blocked(account: Account) -> None:
    account.aws.buckets.create("acme-open")
    s3 = client(account, "s3")
    everybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-open/*",
    }
    s3.put_bucket_policy(
        Bucket="acme-open", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    )
    s3.delete_public_access_block(Bucket="acme-open")
    opened = account.aws.buckets.describe("acme-open")
    account.aws.buckets.block_public_access("acme-open")
    closed = account.aws.buckets.describe("acme-open")
    assert opened is not None
    assert closed is not None
    assert ((opened.policy, opened.public), (closed.policy, closed.public)) == ((True, True), (True, False))


def test_an_expiry_replaces_its_own_rule_and_keeps_others(account: Account) -> None:
    account.aws.buckets.create("acme-ends")
    account.aws.buckets.expire("acme-ends", Expiry(id="logs", prefix="logs/", days=30))
    account.aws.buckets.expire("acme-ends", Expiry(id="ci", prefix="ci/", days=7))
    account.aws.buckets.expire("acme-ends", Expiry(id="ci", prefix="ci/", days=9))
    bucket = account.aws.buckets.describe("acme-ends")
    assert bucket is not None
    assert bucket.expiries == (
        Expiry(id="logs", prefix="logs/", days=30),
        Expiry(id="ci", prefix="ci/", days=9),
    )


def test_a_bucket_that_is_closed_to_us_is_not_ours(account: Account) -> None:
    account.aws.buckets.create("acme-theirs")
    account.world.faults.add(Fault(operation="HeadBucket", code="AccessDenied", status=403))
    bucket = account.aws.buckets.describe("acme-theirs")
    assert bucket is not None
    assert not bucket.owned


def test_an_object_is_found_by_its_checksum(account: Account) -> None:
    account.aws.buckets.create("acme-art")
    account.aws.buckets.put("acme-art", "a", b"content")
    found = account.aws.buckets.head("acme-art", "a")
    assert found is not None
    assert (found.size, found.sha256) == (7, "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=")
    assert account.aws.buckets.head("acme-art", "b") is None
    assert account.aws.buckets.get("acme-art", "b") is None


def test_a_lease_has_one_holder_until_it_expires_or_is_given_back(account: Account) -> None:
    tables = account.aws.tables
    tables.create("acme-lock")

    def acquire(holder: str, now: float) -> str:
        return tables.acquire("acme-lock", "acme/moon", holder, now=now, seconds=60).holder

    assert acquire("me", 0) == "me"
    assert acquire("you", 30) == "me"
    assert acquire("me", 50) == "me"  # renewed until 110
    assert acquire("you", 100) == "me"
    assert acquire("you", 111) == "you"
    tables.release("acme-lock", "acme/moon", "me")
    lease = tables.lease("acme-lock", "acme/moon")
    assert lease is not None
    assert lease.holder == "you"
    tables.release("acme-lock", "acme/moon", "you")
    assert tables.lease("acme-lock", "acme/moon") is None


def test_the_budget_shows_what_was_spent(account: Account) -> None:
    today = datetime.now(UTC).date().isoformat()
    account.world.costs.seed([CostLine(day=today, service="EC2", usd="87.50")])
    account.aws.budgets.create(ACCOUNT, "daily", daily_usd=60)
    budget = account.aws.budgets.describe(ACCOUNT, "daily")
    assert budget is not None
    assert (budget.limit_usd, budget.spent_usd, budget.period) == (60, 87.5, "DAILY")


def test_a_day_without_cost_is_missing_not_zero(account: Account) -> None:
    account.world.costs.seed([CostLine(day="2026-11-20", service="EC2", usd="1.5")])
    (found,) = account.aws.costs.daily(date(2026, 11, 19), date(2026, 11, 22))
    assert (found.day, found.service, found.usd) == ("2026-11-20", "EC2", 1.5)
    with pytest.raises(ValueError, match="is empty"):
        account.aws.costs.daily(date(2026, 11, 19), date(2026, 11, 19))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(code="AccessDenied", status=403), Denied),
        (Fault(code="ExpiredToken", status=403), NoIdentity),
        (Fault(code="SlowDown", status=503, count=2), Throttled),
        (Fault(code="InternalError", status=500, count=2), Unreachable),
        (Fault(mode=Mode.RESET, count=2), Unreachable),
        (Fault(mode=Mode.LOST, count=2), Unreachable),
    ],
)
def test_what_goes_wrong_on_the_wire_has_a_name(account: Account, fault: Fault, kind: type) -> None:
    account.world.faults.add(fault)
    with pytest.raises(kind):
        account.aws.buckets.create("acme-unlucky")


def test_passing_trouble_is_tried_again(account: Account) -> None:
    account.world.faults.add(Fault(code="SlowDown", status=503, count=3))
    account.adapter(attempts=4).buckets.create("acme-lucky")
    assert account.aws.buckets.describe("acme-lucky") is not None


def test_a_session_belongs_to_its_role() -> None:
    arn = "arn:aws:sts::123456789012:assumed-role/admin/somebody"
    identity = CloudIdentity(account=ACCOUNT, arn=arn, region="us-west-2")
    assert identity.principal_arn == "arn:aws:iam::123456789012:role/admin"

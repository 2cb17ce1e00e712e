import json
import shlex
from pathlib import Path

import pytest

from tasks.domain.cloud import (
    Bucket,
    CloudBuckets,
    CloudBudget,
    CloudIdentity,
    CloudRights,
    CloudRoles,
    CloudSecrets,
    CloudTables,
    LockTable,
    OidcProvider,
    Role,
    Secret,
    Topic,
)
from tasks.domain.fact import Unseen
from tasks.domain.finding import Finding, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import AwsSettings, BudgetSettings, Settings, WorldKind
from tests.checks.testing import CI, answers, ask, job, places

SETTINGS = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("x"),
    owner="o",
    name="n",
    branch="main",
    state_directory=Path("s"),
    aws=AwsSettings(region="eu-west-1", state_bucket="b"),
    budget=BudgetSettings(daily_usd=5),
)
IDENTITY = CloudIdentity(
    account="111122223333", arn="arn:aws:sts::111122223333:assumed-role/dev/me", region="eu-west-1"
)
SAFE = Bucket(
    name="b", owned=True, region="eu-west-1", versioned=True, encryption="AES256", private=True, tls_only=True
)
DENIED = Unseen(reason="AccessDenied")


def one(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def test_the_root_user_is_warned_of() -> None:
    root = CloudIdentity(account="1", arn="arn:aws:iam::111122223333:root", region="eu-west-1")
    assert one(ask("aws-identity-known", {}, root, SETTINGS)).weight is Weight.WARNING
    assert ask("aws-identity-known", {}, IDENTITY, SETTINGS) == []


def test_a_bucket_of_somebody_else_blocks() -> None:
    taken = CloudBuckets(buckets={"b": Bucket(name="b", owned=False)})
    found = one(ask("bucket-name-usable", {}, taken, SETTINGS))
    assert found.subject == "s3://b"
    assert found.blocks


def test_a_bucket_that_could_not_be_seen_is_unknown() -> None:
    found = one(ask("bucket-name-usable", {}, CloudBuckets(buckets={"b": DENIED}), SETTINGS))
    assert found.verdict is Verdict.UNKNOWN
    assert "AccessDenied" in found.message


def test_a_bucket_elsewhere_is_a_warning() -> None:
    far = Bucket(name="b", owned=True, region="us-east-1")
    found = one(ask("bucket-name-usable", {}, CloudBuckets(buckets={"b": far}), SETTINGS))
    assert found.weight is Weight.WARNING
    assert found.remedy is not None
    assert "us-east-1" in found.remedy.summary
    assert "get access" not in found.remedy.summary


BACKEND = """\
terraform {
  backend "s3" {
    bucket = "b"
    key    = "moon"
    region = "eu-central-1"
  }
}
"""


def test_a_state_in_another_region_than_its_backend_says_stops_the_job_that_runs_terraform() -> None:
    far = CloudBuckets(buckets={"b": Bucket(name="b", owned=True, region="us-east-1")})
    inits = job("- uses: actions/checkout@v6\n- run: terraform -chdir=infra init")
    files = {CI: inits, "infra/main.tf": BACKEND}
    found = one(ask("bucket-name-usable", files, far, SETTINGS))
    assert (found.weight, found.phase) == (Weight.BLOCKER, Phase.FIRST_RUN)
    assert places([found]) == [("infra/main.tf", 5)]
    assert found.message == (
        "s3://b is in us-east-1, and the backend of infra looks for it in eu-central-1: "
        "terraform init ends with an error"
    )
    assert found.remedy is not None
    assert "us-east-1" in found.remedy.commands[0]
    for other in (
        {**files, "infra/main.tf": BACKEND.replace("eu-central-1", "us-east-1")},
        {**files, "infra/main.tf": BACKEND.replace('"b"', '"c"')},
        {**files, CI: inits.replace(" init", " init -backend-config=region=us-east-1")},
    ):
        assert one(ask("bucket-name-usable", other, far, SETTINGS)).weight is Weight.WARNING


@pytest.mark.parametrize("bucket", [None, SAFE])
def test_a_free_name_and_an_own_bucket_are_fine(bucket: Bucket | None) -> None:
    seen = CloudBuckets(buckets={"b": bucket})
    assert ask("bucket-name-usable", {}, seen, SETTINGS) == []
    assert ask("bucket-safe", {}, seen) == []


def test_an_unsafe_bucket_is_noted_with_what_it_lacks() -> None:
    loose = Bucket(name="b", owned=True, versioned=True, encryption="AES256")
    found = one(ask("bucket-safe", {}, CloudBuckets(buckets={"b": loose})))
    assert found.weight is Weight.NOTE
    assert "not private, not closed to plain HTTP" in found.message
    assert found.evidence[0].excerpt == "b: not private, not closed to plain HTTP"
    assert found.remedy is not None
    assert [one.split()[2] for one in found.remedy.commands] == [
        "put-public-access-block",
        "put-bucket-policy",
    ]
    policy = shlex.split(found.remedy.commands[1])[-1]
    assert json.loads(policy)["Statement"][0]["Resource"] == ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]


def test_every_command_for_an_unsafe_bucket_writes_and_none_takes_the_place_of_a_policy() -> None:
    loose = Bucket(name="b", owned=True, policy=True)
    found = one(ask("bucket-safe", {}, CloudBuckets(buckets={"b": loose})))
    assert found.remedy is not None
    assert [one.split()[2] for one in found.remedy.commands] == [
        "put-bucket-versioning",
        "put-bucket-encryption",
        "put-public-access-block",
    ]
    words = shlex.split(found.remedy.commands[1])
    assert words[-1] == "Rules=[{ApplyServerSideEncryptionByDefault={SSEAlgorithm=AES256}}]"


def test_a_bucket_that_lets_everybody_in_is_a_warning() -> None:
    bucket = Bucket(name="b", owned=True, policy=True, public=True)
    found = one(ask("bucket-safe", {}, CloudBuckets(buckets={"b": bucket})))
    assert found.weight is Weight.WARNING
    assert "lets everybody in" in found.message


def test_a_table_with_another_key_blocks() -> None:
    wrong = LockTable(name="t", status="ACTIVE", hash_key="id")
    assert one(ask("lock-table-usable", {}, CloudTables(tables={"t": wrong}))).blocks


def test_a_free_and_a_fitting_table_are_fine() -> None:
    right = LockTable(name="t", status="ACTIVE", hash_key="LockID")
    assert ask("lock-table-usable", {}, CloudTables(tables={"t": right, "u": None})) == []


@pytest.mark.parametrize(
    ("entry", "verdict", "weight"),
    [
        (None, Verdict.BROKEN, Weight.WARNING),
        (Secret(name="a/key", filled=False), Verdict.BROKEN, Weight.WARNING),
        (Secret(name="a/key", filled=True, deleting=True), Verdict.BROKEN, Weight.BLOCKER),
        (Secret(name="a/key", filled=None), Verdict.UNKNOWN, Weight.NOTE),
    ],
)
def test_an_entry_that_nobody_can_read_a_value_from_is_named(
    entry: Secret | None, verdict: Verdict, weight: Weight
) -> None:
    found = one(ask("secret-entries-filled", {}, CloudSecrets(secrets={"a/key": entry}), SETTINGS))
    assert (found.subject, found.verdict, found.weight) == ("a/key", verdict, weight)


def test_a_filled_entry_is_fine() -> None:
    seen = CloudSecrets(secrets={"a/key": Secret(name="a/key", filled=True)})
    assert ask("secret-entries-filled", {}, seen, SETTINGS) == []


def roles(provider: OidcProvider | None, role: Role | None = None) -> CloudRoles:
    return CloudRoles(roles={"r": role}, provider=provider)


def test_a_provider_with_another_audience_is_noted() -> None:
    other = OidcProvider(issuer="i", arn="arn:p", audiences=("x",))
    assert one(ask("oidc-provider-accepts", {}, roles(other))).weight is Weight.NOTE
    assert ask("oidc-provider-accepts", {}, roles(None)) == []


def test_a_right_that_provisioning_still_needs_blocks() -> None:
    rights = CloudRights(allowed={"s3:CreateBucket": False, "s3:PutBucketPolicy": True})
    rest = (IDENTITY, CloudBuckets(buckets={"b": None}), CloudTables(tables={}), roles(None))
    found = one(ask("provisioning-allowed", {}, rights, *rest))
    assert found.subject == "s3:CreateBucket"
    assert found.blocks
    assert "arn:aws:iam::111122223333:role/dev" in found.message


def test_a_right_for_what_is_there_already_does_not_block() -> None:
    rights = CloudRights(allowed={"s3:CreateBucket": False})
    rest = (IDENTITY, CloudBuckets(buckets={"b": SAFE}), CloudTables(tables={}), roles(None))
    assert not one(ask("provisioning-allowed", {}, rights, *rest)).blocks


def test_a_topic_that_nobody_hears_is_noted() -> None:
    def topic(count: int | None) -> CloudBudget:
        made = Topic(name="t", arn="arn:t", budgets_may_publish=True, confirmed_subscribers=count)
        return CloudBudget(budget=None, topic=made)

    assert one(ask("budget-heard", {}, topic(0), SETTINGS)).subject == "t"
    assert ask("budget-heard", {}, topic(1), SETTINGS) == []
    assert answers("budget-heard", {}, CloudBudget(budget=None, topic=None), SETTINGS) == []

"""The embedded AWS answers as AWS does where it matters here, and keeps what it holds."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

from deployments.embedded.aws import CostLine, EmbeddedAws, Fault, Mode
from tests.aws_account import Account

HERE = {"LocationConstraint": "us-west-2"}


def client(world: EmbeddedAws, service: str, **key: str) -> Any:
    known = world.credentials
    given = {
        "aws_access_key_id": known.access_key_id,
        "aws_secret_access_key": known.secret_access_key,
        **key,
    }
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=world.endpoint_url,
        region_name=world.region,
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
        **given,
    )


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_the_engineer_is_known_by_name(account: Account) -> None:
    assert account.aws.identity.arn == "arn:aws:iam::123456789012:user/engineer"


@pytest.mark.parametrize(
    ("service", "call", "refusal"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("dynamodb", "list_tables", "UnrecognizedClientException"),
    ],
)
def test_a_key_that_was_not_issued_here_is_refused(
    account: Account, service: str, call: str, refusal: str
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(client(account.world, service, aws_access_key_id="AKIAIOSFODNN7EXAMPLE"), call)()
    assert code(error) == refusal


def test_a_new_bucket_is_encrypted_and_closed_to_the_public(account: Account) -> None:
    s3 = client(account.world, "s3")
    s3.create_bucket(Bucket="acme-new", CreateBucketConfiguration=HERE)
    rules = s3.get_bucket_encryption(Bucket="acme-new")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    block = s3.get_public_access_block(Bucket="acme-new")["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())


def test_a_tls_only_policy_does_not_lock_its_owner_out(account: Account) -> None:
    account.aws.buckets.create("acme-tls")
    account.aws.buckets.require_tls("acme-tls")
    assert account.aws.buckets.put("acme-tls", "key", b"content")
    assert account.aws.buckets.get("acme-tls", "key") == b"content"


def test_a_conditional_write_finds_what_was_there_first(account: Account) -> None:
    account.aws.buckets.create("acme-lock")
    assert account.aws.buckets.put("acme-lock", "state.tflock", b"mine", only_if_absent=True)
    assert not account.aws.buckets.put("acme-lock", "state.tflock", b"yours", only_if_absent=True)
    assert account.aws.buckets.get("acme-lock", "state.tflock") == b"mine"


def test_the_same_client_token_starts_one_instance(account: Account) -> None:
    ec2 = client(account.world, "ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    asked = {"ImageId": image, "InstanceType": "t3.medium", "MinCount": 1, "MaxCount": 1}
    first, second = (ec2.run_instances(**asked, ClientToken="token-1")["Instances"][0] for _ in range(2))
    assert first["InstanceId"] == second["InstanceId"]
    assert len(account.aws.fleet.instances()) == 1


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("iam", "simulate_custom_policy", {"PolicyInputList": ["{}"], "ActionNames": ["s3:GetObject"]}),
        ("compute-optimizer", "get_ec2_instance_recommendations", {}),
        ("bedrock", "list_foundation_models", {}),
        ("rds", "describe_db_recommendations", {}),
    ],
)
def test_what_is_not_offered_is_refused_once_and_plainly(
    account: Account, service: str, call: str, arguments: dict[str, Any]
) -> None:
    account.world.journal.clear()
    with pytest.raises(ClientError) as error:
        getattr(client(account.world, service), call)(**arguments)
    assert code(error) == "NotImplemented"
    assert "does not offer" in str(error.value)
    assert len(account.world.journal.calls()) == 1


def test_an_error_is_sent_as_often_as_asked_and_then_no_more(account: Account) -> None:
    fault = Fault(service="s3", operation="ListBuckets", code="SlowDown", status=503, after=1, count=2)
    account.world.faults.add(fault)
    s3 = client(account.world, "s3")
    s3.list_buckets()
    s3.list_buckets()
    statuses = [call.status for call in account.world.journal.calls("ListBuckets")]
    assert statuses == [200, 503, 503, 200]
    assert (fault.seen, fault.fired) == (4, 2)


def test_a_lost_answer_was_done_and_a_reset_was_not(account: Account) -> None:
    once = Config(retries={"total_max_attempts": 1})
    s3 = boto3.client(
        "s3",
        endpoint_url=account.world.endpoint_url,
        region_name="us-west-2",
        aws_access_key_id=account.world.credentials.access_key_id,
        aws_secret_access_key=account.world.credentials.secret_access_key,
        config=once,
    )
    for mode, name in ((Mode.RESET, "acme-reset"), (Mode.LOST, "acme-lost")):
        account.world.faults.add(Fault(operation="CreateBucket", mode=mode))
        with pytest.raises(HTTPClientError):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration=HERE)  # type: ignore[arg-type]
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["acme-lost"]


def test_the_journal_says_who_did_what_without_parameters(account: Account) -> None:
    account.aws.secrets.create("acme/token", "hunter2")
    (call,) = account.world.journal.mutations()
    assert (call.service, call.operation, call.status) == ("secretsmanager", "CreateSecret", 200)
    assert call.principal == "arn:aws:iam::123456789012:user/engineer"
    assert "hunter2" not in repr(account.world.journal.calls())


def test_what_was_made_is_there_after_a_restart_with_the_same_ids(account: Account) -> None:
    world, s3 = account.world, client(account.world, "s3")
    account.aws.buckets.create("acme-state")
    account.aws.buckets.enable_versioning("acme-state")
    version = s3.put_object(Bucket="acme-state", Key="k/é x", Body=b"x" * 100_000)["VersionId"]
    s3.upload_fileobj(io.BytesIO(b"z" * (9 << 20)), "acme-state", "in-parts")
    account.aws.roles.create("acme", trust={"Version": "2012-10-17", "Statement": []}, description="d")
    role_id = client(world, "iam").get_role(RoleName="acme")["Role"]["RoleId"]
    account.aws.secrets.create("acme/token", "hunter2")
    account.aws.budgets.create("123456789012", "daily", daily_usd=20)
    account.aws.budgets.limit("123456789012", "daily", daily_usd=25)

    world.stop()
    world.start()

    again, s3 = account.adapter(), client(world, "s3")
    assert s3.head_object(Bucket="acme-state", Key="k/é x", VersionId=version)["ContentLength"] == 100_000
    assert s3.head_object(Bucket="acme-state", Key="in-parts")["ContentLength"] == 9 << 20
    assert client(world, "iam").get_role(RoleName="acme")["Role"]["RoleId"] == role_id
    secret = client(world, "secretsmanager").get_secret_value(SecretId="acme/token")
    assert secret["SecretString"] == "hunter2"
    budget = again.budgets.describe("123456789012", "daily")
    assert budget is not None
    assert budget.limit_usd == 25


def test_a_half_written_last_request_is_left_out_after_a_crash(account: Account) -> None:
    account.aws.buckets.create("acme-whole")
    file = account.world.state / "recording" / "requests.jsonl"
    account.world.stop()
    with file.open("ab") as stream:
        stream.write(b'{"method": "PUT", "pa')
    account.world.start()
    again = account.adapter()
    again.buckets.create("acme-after")
    account.world.stop()
    account.world.start()
    again = account.adapter()
    assert again.buckets.describe("acme-whole") is not None
    assert again.buckets.describe("acme-after") is not None


def test_what_is_kept_can_be_read_by_its_owner_only(account: Account) -> None:
    account.aws.buckets.create("acme-kept")
    account.aws.buckets.put("acme-kept", "large", b"x" * 100_000)
    state = account.world.state
    files = [state / "keys.json", *(p for p in (state / "recording").rglob("*") if p.is_file())]
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    key = account.world.credentials
    assert key.secret_access_key not in repr(key)
    requests = (state / "recording" / "requests.jsonl").read_text()
    assert key.access_key_id not in requests


def test_a_reset_leaves_an_empty_account_with_the_same_key(account: Account, tmp_path: Path) -> None:
    account.aws.buckets.create("acme-gone")
    account.world.costs.seed([CostLine(day="2026-11-20", service="EC2", usd="1")])
    account.world.reset()
    assert account.aws.buckets.describe("acme-gone") is None
    account.world.stop()
    account.world.start()
    assert account.adapter().buckets.describe("acme-gone") is None


def test_a_role_session_may_do_what_its_policies_allow_and_no_more(account: Account) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    account.aws.buckets.create("acme-art")
    account.aws.roles.create("acme", trust=trust, description="d")
    grant = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-art/releases/*"}
    account.aws.roles.put_policy("acme", "p", {"Version": "2012-10-17", "Statement": [grant]})
    sts = client(account.world, "sts")
    role = "arn:aws:iam::123456789012:role/acme"
    key = sts.assume_role(RoleArn=role, RoleSessionName="job")["Credentials"]
    given = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
        "aws_session_token": key["SessionToken"],
    }
    s3 = client(account.world, "s3", **given)
    s3.put_object(Bucket="acme-art", Key="releases/1", Body=b"x")
    refused: tuple[Callable[[], object], ...] = (
        lambda: s3.put_object(Bucket="acme-art", Key="ci/1", Body=b"x"),
        lambda: s3.get_object(Bucket="acme-art", Key="releases/1"),
        lambda: client(account.world, "dynamodb", **given).list_tables(),
        lambda: client(account.world, "ec2", **given).describe_vpcs(),
    )
    for call in refused:
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert (
        client(account.world, "sts", **given).get_caller_identity()["Arn"].endswith("assumed-role/acme/job")
    )
    without_token = {k: v for k, v in given.items() if k != "aws_session_token"}
    with pytest.raises(ClientError) as error:
        client(account.world, "sts", **without_token).get_caller_identity()
    assert code(error) == "InvalidClientTokenId"


def test_simulation_says_what_a_role_may_do(account: Account) -> None:
    account.aws.roles.create("acme", trust={"Version": "2012-10-17", "Statement": []}, description="d")
    grant = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
    account.aws.roles.put_policy("acme", "p", {"Version": "2012-10-17", "Statement": [grant]})
    role = "arn:aws:iam::123456789012:role/acme"
    found = account.aws.roles.may(role, ["s3:GetObject", "s3:PutObject"])
    assert found == {"s3:GetObject": True, "s3:PutObject": False}


def test_cost_explorer_filters_and_groups_the_ledger(account: Account) -> None:
    account.world.costs.seed(
        [
            CostLine(day="2026-11-19", service="EC2", usd="1.50"),
            CostLine(day="2026-11-20", service="EC2", usd="2.25", tags={"Project": "acme"}),
            CostLine(day="2026-11-20", service="S3", usd="0.10"),
            CostLine(day="2026-11-21", service="S3", usd="9"),
        ]
    )
    ce = client(account.world, "ce")
    asked = {
        "TimePeriod": {"Start": "2026-11-19", "End": "2026-11-21"},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
    }

    def totals(**more: Any) -> list[str]:
        days = ce.get_cost_and_usage(**asked, **more)["ResultsByTime"]
        return [day["Total"]["UnblendedCost"]["Amount"] for day in days]

    assert totals() == ["1.50", "2.35"]
    assert totals(Filter={"Dimensions": {"Key": "SERVICE", "Values": ["S3"]}}) == ["0", "0.10"]
    assert totals(Filter={"Tags": {"Key": "Project", "Values": ["acme"]}}) == ["0", "2.25"]
    assert totals(Filter={"Not": {"Dimensions": {"Key": "SERVICE", "Values": ["S3"]}}}) == ["1.50", "2.25"]
    with pytest.raises(ClientError) as error:
        ce.get_cost_and_usage(**{**asked, "TimePeriod": {"Start": "2026-11-19", "End": "2026-11-19"}})
    assert code(error) == "ValidationException"


def test_prices_and_quotas_come_from_a_dated_table_and_the_unknown_is_absent(account: Account) -> None:
    pricing = client(account.world, "pricing")

    def found(kind: str) -> list[Any]:
        wanted = [{"Type": "TERM_MATCH", "Field": "instanceType", "Value": kind}]
        return list(pricing.get_products(ServiceCode="AmazonEC2", Filters=wanted)["PriceList"])

    (price,) = found("c7a.2xlarge")
    assert json.loads(price)["publicationDate"] == "2026-07-20T00:00:00Z"
    assert found("x99.huge") == []
    assert account.aws.fleet.quota("L-1216C47A") == 64
    assert account.aws.fleet.quota("L-00000000") is None

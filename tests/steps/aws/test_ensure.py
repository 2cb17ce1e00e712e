"""The AWS steps against the embedded AWS: done once, nothing the second time, and healed after any crash."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from deployments.embedded.aws import Fault, Mode
from tasks.domain.deploy_policy import POLICY
from tasks.domain.settings import AwsSettings, BudgetSettings, Environment, Settings, WorldKind
from tasks.domain.step import StepResult, StepState
from tasks.steps import (
    artifact_bucket,
    budget,
    deploy_role,
    lock_table,
    oidc_provider,
    secret_entries,
    state_bucket,
)
from tasks.steps.step import Step, StillMissing, ensure
from tasks.systems.aws.account import Aws
from tasks.systems.aws.errors import AwsFailure
from tests.aws_account import Account

VALUES = {"ACME_TOKEN": "hunter2"}


@dataclass
class Memory:
    """A journal kept in a list."""

    lines: list[str] = field(default_factory=list)

    def intend(self, step: str, verb: str, target: str) -> str:
        self.lines.append(f"{step}: {verb} {target}")
        return str(len(self.lines))

    def read_back(self, intent: str, seen: str) -> None:
        self.lines.append(f"{intent}: {seen}")


@dataclass
class Time:
    """A clock that jumps when it is told to sleep."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def settings(**aws: Any) -> Settings:
    names: dict[str, Any] = {
        "region": "us-west-2",
        "state_bucket": "acme-state",
        "lock_table": "acme-lock",
        "artifact_bucket": "acme-artifacts",
        "deploy_role": "acme-deploy",
        "secrets": ("acme/token",),
        **aws,
    }
    return Settings(
        world=WorldKind.EMBEDDED,
        repository_path=Path("moon"),
        owner="acme",
        name="moon",
        branch="main",
        state_directory=Path("state"),
        environments=(Environment(name="staging"), Environment(name="production", approval=True)),
        aws=AwsSettings(**names),
        budget=BudgetSettings(daily_usd=20),
    )


def steps(aws: Aws, asked: Settings, values: Mapping[str, str] = VALUES) -> list[Step[Any]]:
    return [
        state_bucket.step(asked, aws),
        lock_table.step(asked, aws),
        artifact_bucket.step(asked, aws),
        secret_entries.step(asked, aws, values),
        oidc_provider.step(asked, aws),
        deploy_role.step(asked, aws, lambda: "repo:acme/moon"),
        budget.step(asked, aws),
    ]


def run(
    account: Account, *, journal: Memory | None = None, values: Mapping[str, str] = VALUES
) -> list[StepResult]:
    kept = journal or Memory()
    return [ensure(step, journal=kept, clock=Time()) for step in steps(account.aws, settings(), values)]


def test_an_empty_account_is_provisioned_and_a_second_run_changes_nothing(account: Account) -> None:
    first = run(account)
    assert {(r.state, r.changed) for r in first} == {(StepState.DONE, True)}
    account.world.journal.clear()
    second = run(account)
    assert {(r.state, r.changed) for r in second} == {(StepState.DONE, False)}
    assert account.world.journal.mutations() == ()
    assert all(result.why for result in second)


def test_drift_is_found_and_mended_alone(account: Account) -> None:
    run(account)
    clients = account.aws._clients
    clients.s3.delete_bucket_policy(Bucket="acme-state")
    clients.iam.delete_role_policy(RoleName="acme-deploy", PolicyName=POLICY)
    account.world.journal.clear()
    changed = {result.step for result in run(account) if result.changed}
    assert changed == {"state-bucket", "deploy-role"}
    assert [c.operation for c in account.world.journal.mutations()] == ["PutBucketPolicy", "PutRolePolicy"]


def test_an_accepted_call_that_did_nothing_is_an_error(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.aws.buckets, "enable_versioning", lambda _name: None)
    step = state_bucket.step(settings(), account.aws)
    with pytest.raises(StillMissing, match="version s3://acme-state"):
        ensure(step, journal=Memory(), clock=Time())


def test_a_secret_without_a_value_blocks_alone_and_the_rest_is_done(account: Account) -> None:
    results = {result.step: result for result in run(account, values={})}
    assert results.pop("secret-entries").state is StepState.BLOCKED
    assert {result.state for result in results.values()} == {StepState.DONE}


def test_a_secret_value_is_in_no_journal_and_no_result(account: Account) -> None:
    journal = Memory()
    results = run(account, journal=journal)
    assert "hunter2" not in repr((journal.lines, results))
    found = account.aws._clients.secretsmanager.get_secret_value(SecretId="acme/token")
    assert found["SecretString"] == "hunter2"


def test_a_right_that_is_missing_blocks_and_names_the_action(account: Account) -> None:
    account.world.faults.add(Fault(operation="CreateTable", code="AccessDeniedException", status=400))
    step = lock_table.step(settings(), account.aws)
    result = ensure(step, journal=Memory(), clock=Time())
    (finding,) = result.findings
    assert (result.state, finding.subject) == (StepState.BLOCKED, "dynamodb:CreateTable")
    assert finding.remedy is not None
    assert finding.remedy.owner == "aws-admin"


def test_credentials_that_aws_does_not_know_block_the_operator(account: Account) -> None:
    stranger = account.adapter(key_id="AKIAIOSFODNN7EXAMPLE")
    result = ensure(state_bucket.step(settings(), stranger), journal=Memory(), clock=Time())
    assert result.state is StepState.BLOCKED
    assert result.findings[0].subject == "credentials"


def test_a_role_that_is_there_already_keeps_what_else_it_trusts(account: Account) -> None:
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    theirs["Action"] = "sts:AssumeRole"
    account.aws.roles.create(
        "acme-deploy", trust={"Version": "2012-10-17", "Statement": [theirs]}, description="d"
    )
    run(account)
    role = account.aws.roles.describe("acme-deploy")
    assert role is not None
    assert [s["Sid"] for s in role.trust["Statement"]] == ["Theirs", deploy_role.SID]


def test_a_deploy_job_can_do_what_the_sample_does_and_no_more(account: Account) -> None:
    run(account)
    role = account.aws.roles.describe("acme-deploy")
    assert role is not None

    def may(action: str, resource: str) -> bool:
        return account.aws.roles.may(role.arn, [action], resource)[action]

    assert may("s3:PutObject", "arn:aws:s3:::acme-artifacts/releases/0.1.0/moond.tar.gz")
    assert may("ssm:SendCommand", "arn:aws:ssm:us-west-2::document/AWS-RunShellScript")
    assert may("ssm:ListCommandInvocations", "*")
    assert not may("ssm:SendCommand", "arn:aws:ssm:us-west-2::document/AWS-RunPatchBaseline")
    assert not may("s3:DeleteObject", "arn:aws:s3:::acme-artifacts/releases/0.1.0/moond.tar.gz")
    assert not may("iam:PutRolePolicy", "*")


NAMES = (  # without the state bucket, all of whose calls the artifact bucket makes too
    lock_table.NAME,
    artifact_bucket.NAME,
    secret_entries.NAME,
    oidc_provider.NAME,
    deploy_role.NAME,
    budget.NAME,
)
FAULTS = {
    "denied": Fault(code="AccessDenied", status=403),
    "throttled": Fault(code="Throttling", status=400, count=2),
    "answer lost once": Fault(mode=Mode.LOST),
    "answer lost always": Fault(mode=Mode.LOST, count=2),
    "connection reset": Fault(mode=Mode.RESET, count=2),
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_call_goes_wrong_a_second_run_finishes(account: Account, kind: str, name: str) -> None:
    """Every mutating call of a step meets the fault, and its second attempt too where the count is 2."""
    (step,) = (step for step in steps(account.aws, settings()) if step.name == name)
    ensure(step, journal=Memory(), clock=Time())
    calls = [call.operation for call in account.world.journal.mutations()]
    assert calls
    for index, operation in enumerate(calls):
        account.world.reset()
        fault = account.world.faults.add(replace(FAULTS[kind], mutating=True, after=index))
        with suppress(AwsFailure):  # a failed or blocked first run is what this is about
            ensure(step, journal=Memory(), clock=Time())
        assert fault.fired, f"the fault never met {operation}"
        account.world.faults.clear()
        assert ensure(step, journal=Memory(), clock=Time()).state is StepState.DONE, operation
        account.world.journal.clear()
        ensure(step, journal=Memory(), clock=Time())
        assert account.world.journal.mutations() == (), operation

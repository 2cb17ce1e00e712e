"""What each AWS step decides, from what it saw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasks.domain.cloud import (
    Bucket,
    Budget,
    BudgetAlert,
    Expiry,
    LockTable,
    OidcProvider,
    Role,
    Secret,
    Topic,
)
from tasks.domain.cloud_names import wanted_budget
from tasks.domain.deploy_policy import POLICY, least_policy
from tasks.domain.settings import AwsSettings, BudgetSettings
from tasks.domain.step import Decision
from tasks.steps import (
    artifact_bucket,
    budget,
    deploy_role,
    lock_table,
    oidc_provider,
    secret_entries,
    state_bucket,
)

SAFE = Bucket(name="b", owned=True, versioned=True, encryption="AES256", private=True, tls_only=True)
CI = Expiry(id=artifact_bucket.RULE, prefix="ci/", days=7)
TOPIC = Topic(name="t", arn="arn:t", budgets_may_publish=True)
BUDGET = Budget(
    name="n",
    limit_usd=20,
    period="DAILY",
    spent_usd=None,
    alerts=tuple(BudgetAlert(percent=percent, subscribers=("arn:t",)) for percent in (80, 100)),
)
WANTED = wanted_budget(BudgetSettings(daily_usd=20, name="n", topic="t"), "acme")


def verbs(decision: Decision) -> list[str]:
    return [change.verb for change in decision.changes]


def subjects(decision: Decision) -> list[str]:
    return [finding.subject for finding in decision.blocked]


EVERYTHING = ["create", "version", "encrypt", "block-public-access", "require-tls"]


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        (None, EVERYTHING),
        (SAFE, []),
        (replace(SAFE, versioned=False), ["version"]),
        (replace(SAFE, encryption=None), ["encrypt"]),
        (replace(SAFE, encryption="aws:kms"), []),
        (replace(SAFE, private=False), ["block-public-access"]),
        (replace(SAFE, tls_only=False), ["require-tls"]),
    ],
)
def test_a_state_bucket_lacks_only_what_it_lacks(seen: Bucket | None, left: list[str]) -> None:
    assert verbs(state_bucket.decide("b", seen)) == left


def test_a_bucket_that_is_not_ours_blocks_and_is_not_touched() -> None:
    decision = state_bucket.decide("b", Bucket(name="b", owned=False))
    assert (verbs(decision), subjects(decision)) == ([], ["s3://b"])
    assert decision.blocked[0].blocks
    assert decision.blocked[0].remedy is not None


@pytest.mark.parametrize(
    "decision",
    [
        state_bucket.decide(None, None),
        artifact_bucket.decide(None, 7, None),
        lock_table.decide(None, None),
        secret_entries.decide((), (), "us-west-2", {}),
        oidc_provider.decide(wanted=False, seen=None),
        deploy_role.decide(None, None),
        budget.decide(None, budget.BudgetSeen(budget=None, topic=None)),
    ],
)
def test_what_is_not_configured_is_skipped_and_says_so(decision: Decision) -> None:
    assert decision.skipped
    assert "configured" in decision.why
    assert decision.settled


@pytest.mark.parametrize(
    ("expiries", "left"),
    [
        ((CI,), []),
        ((), ["expire"]),
        ((replace(CI, days=30),), ["expire"]),
        ((replace(CI, id="theirs"),), ["expire"]),
        ((CI, Expiry(id="logs", prefix="logs/", days=1)), []),
    ],
)
def test_ci_artifacts_end_after_the_days_configured(expiries: tuple[Expiry, ...], left: list[str]) -> None:
    assert verbs(artifact_bucket.decide("b", 7, replace(SAFE, expiries=expiries))) == left


@pytest.mark.parametrize(
    ("prefix", "blocks"),
    [
        ("", True),
        ("rel", True),
        ("releases/", True),
        ("releases/v0", True),
        ("ci/", False),
        ("release-notes/", False),
    ],
)
def test_a_rule_that_ends_releases_blocks(prefix: str, blocks: bool) -> None:
    rule = Expiry(id="theirs", prefix=prefix, days=1)
    decision = artifact_bucket.decide("b", 7, replace(SAFE, expiries=(CI, rule)))
    assert bool(decision.blocked) is blocks
    assert verbs(decision) == []


def test_a_lock_table_is_created_once_and_needs_terraforms_key() -> None:
    assert verbs(lock_table.decide("t", None)) == ["create"]
    assert lock_table.decide("t", LockTable(name="t", status="ACTIVE", hash_key="LockID")) == Decision(
        why="active, keyed by LockID"
    )
    wrong = lock_table.decide("t", LockTable(name="t", status="ACTIVE", hash_key="id"))
    assert (verbs(wrong), subjects(wrong)) == ([], ["dynamodb://t"])


@pytest.mark.parametrize(
    ("seen", "given", "left", "blocked"),
    [
        (None, True, ["create"], []),
        (None, False, [], ["acme/token"]),
        (Secret(name="acme/token", filled=True), False, [], []),
        (Secret(name="acme/token", filled=True), True, [], []),
        (Secret(name="acme/token", filled=False), True, ["fill"], []),
        (Secret(name="acme/token", filled=False), False, [], ["acme/token"]),
        (Secret(name="acme/token", filled=None), True, [], []),
        (Secret(name="acme/token", filled=None, deleting=True), True, [], ["acme/token"]),
    ],
)
def test_a_secret_entry_is_filled_from_the_environment_or_by_a_person(
    seen: Secret | None, given: bool, left: list[str], blocked: list[str]
) -> None:
    variables = ["ACME_TOKEN"] if given else []
    decision = secret_entries.decide(("acme/token",), variables, "us-west-2", {"acme/token": seen})
    assert (verbs(decision), subjects(decision)) == (left, blocked)


def test_a_missing_secret_comes_with_a_command_that_keeps_the_value_out_of_argv() -> None:
    decision = secret_entries.decide(("acme/token",), (), "us-west-2", {"acme/token": None})
    remedy = decision.blocked[0].remedy
    assert remedy is not None
    (command,) = remedy.commands
    assert command.startswith("aws secretsmanager create-secret --region us-west-2 --name acme/token ")
    assert command.endswith(" --secret-string file:///dev/stdin")
    assert "ACME_TOKEN" in remedy.summary


def test_an_unreadable_secret_is_said_to_be_unknown() -> None:
    seen = {"acme/token": Secret(name="acme/token", filled=None)}
    assert secret_entries.described(seen) == "acme/token present, content unknown"


def test_the_provider_is_created_or_given_the_audience_jobs_ask_for() -> None:
    theirs = OidcProvider(issuer="i", arn="a", audiences=("somebody",))
    ours = replace(theirs, audiences=("somebody", "sts.amazonaws.com"))
    assert verbs(oidc_provider.decide(wanted=True, seen=None)) == ["create"]
    assert verbs(oidc_provider.decide(wanted=True, seen=theirs)) == ["add-audience"]
    assert verbs(oidc_provider.decide(wanted=True, seen=ours)) == []


def role_seen(role: Role | None) -> deploy_role.RoleSeen:
    settings = AwsSettings(region="us-west-2", artifact_bucket="art")
    return deploy_role.RoleSeen(
        role=role,
        statement=deploy_role.trust_statement("1", "repo:acme/moon", ("staging",)),
        policy=least_policy("1", settings, ("staging",)),
    )


def test_the_role_trusts_and_may_exactly_what_is_wanted() -> None:
    wanted = role_seen(None)
    good = Role(
        name="r",
        arn="arn:r",
        trust={"Statement": [{"Sid": "Theirs"}, wanted.statement]},
        policies={POLICY: wanted.policy},
    )
    assert verbs(deploy_role.decide("r", wanted)) == ["create", "allow"]
    assert verbs(deploy_role.decide("r", role_seen(good))) == []
    assert verbs(deploy_role.decide("r", role_seen(replace(good, trust={"Statement": []})))) == ["trust"]
    wider = {**wanted.policy, "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    widened = replace(good, policies={POLICY: wider})
    assert verbs(deploy_role.decide("r", role_seen(widened))) == ["allow"]


def test_trust_names_each_environment_in_githubs_own_words() -> None:
    statement = deploy_role.trust_statement("1", "repo:Acme@7/Moon@8", ("staging", "production"))
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": [
                "repo:Acme@7/Moon@8:environment:staging",
                "repo:Acme@7/Moon@8:environment:production",
            ],
        }
    }


def test_without_environments_only_the_repositorys_branches_are_trusted() -> None:
    statement = deploy_role.trust_statement("1", "repo:acme/moon", ())
    assert statement["Condition"]["StringLike"] == {
        "token.actions.githubusercontent.com:sub": ["repo:acme/moon:ref:refs/heads/*"]
    }


def test_the_role_may_touch_only_what_the_settings_name() -> None:
    full = AwsSettings(region="us-west-2", artifact_bucket="art", state_bucket="state", lock_table="lock")
    bare = AwsSettings(region="us-west-2")
    sids = {s["Sid"] for s in least_policy("1", full, ("staging",))["Statement"]}
    assert {"Artifacts", "State", "StateLock", "OnTheirNodes"} <= sids
    sids = {s["Sid"] for s in least_policy("1", bare, ())["Statement"]}
    assert sids == {"WatchRollouts", "RunShell"}
    for statement in least_policy("1", full, ("staging",))["Statement"]:
        if statement["Resource"] == "*":
            assert all(a.startswith(("ssm:Describe", "ssm:Get", "ssm:List")) for a in statement["Action"])


def test_a_budget_lacks_only_what_it_lacks() -> None:
    def left(seen_budget: Budget | None, topic: Topic | None) -> list[str]:
        decision = budget.decide(WANTED, budget.BudgetSeen(budget=seen_budget, topic=topic))
        return [str(change) for change in decision.changes]

    assert left(BUDGET, TOPIC) == []
    assert left(None, None) == [
        "create sns://t",
        "let-budgets-publish sns://t",
        "create budgets://n",
        "alert budgets://n/80%",
        "alert budgets://n/100%",
    ]
    assert left(BUDGET, replace(TOPIC, budgets_may_publish=False)) == ["let-budgets-publish sns://t"]
    assert left(replace(BUDGET, limit_usd=100), TOPIC) == ["limit budgets://n"]
    assert left(replace(BUDGET, period="MONTHLY"), TOPIC) == ["limit budgets://n"]
    assert left(replace(BUDGET, alerts=BUDGET.alerts[:1]), TOPIC) == ["alert budgets://n/100%"]
    deaf = tuple(replace(alert, subscribers=("arn:other",)) for alert in BUDGET.alerts)
    assert left(replace(BUDGET, alerts=deaf), TOPIC) == ["alert budgets://n/80%", "alert budgets://n/100%"]

from pathlib import Path

from tasks.domain.cloud import CloudCost, CloudIdentity, DailyCost
from tasks.domain.fact import Snapshot
from tasks.domain.finding import Verdict
from tasks.domain.settings import BudgetSettings, Origin, Settings, WorldKind
from tests.checks.testing import answers, ask


def settings(daily_usd: float | None) -> Settings:
    return Settings(
        world=WorldKind.EMBEDDED,
        repository_path=Path("/r"),
        owner="a",
        name="b",
        branch="main",
        state_directory=Path("/s"),
        budget=BudgetSettings(daily_usd=daily_usd),
        origins={"budget.daily_usd": Origin(source="file", file="activation.toml", line=39)},
    )


def cost(*days: float) -> CloudCost:
    return CloudCost(
        days=tuple(
            DailyCost(day=f"2026-11-{n:02}", service="EC2", usd=usd, estimated=True)
            for n, usd in enumerate(days, start=1)
        )
    )


def test_an_account_over_its_budget_is_told_with_the_settings_line_and_the_services() -> None:
    (found,) = ask("cost-within-budget", {}, settings(20), cost(127.75, 127.75, 127.75, 0.5))
    assert found.blocks
    assert (found.evidence[0].file, found.evidence[0].line) == ("activation.toml", 39)
    assert "EC2 $127.75 a day" in str(found.evidence[1].excerpt)
    assert "$127.75 a day already" in found.message


def test_the_day_that_is_still_being_counted_does_not_count() -> None:
    assert ask("cost-within-budget", {}, settings(20), cost(1, 1, 1, 500)) == []


def test_one_old_expensive_day_does_not_count_for_ever() -> None:
    assert ask("cost-within-budget", {}, settings(20), cost(500, 1, 1, 1, 1)) == []


def test_no_whole_day_is_unknown_and_stops_nothing() -> None:
    (found,) = ask("cost-within-budget", {}, settings(20), cost(3))
    assert found.verdict is Verdict.UNKNOWN
    assert not found.blocks


def test_without_a_budget_nothing_is_asked() -> None:
    assert answers("cost-within-budget", {}, settings(None), cost(500)) == []


def test_an_identity_that_aws_knows_holds() -> None:
    identity = CloudIdentity(account="1", arn="arn:aws:iam::1:user/e", region="us-west-2")
    assert ask("aws-identity", {}, identity) == []
    assert Snapshot().with_facts(identity).get(CloudIdentity) is identity

"""The daily budget, and the topic that hears when it is nearly or wholly spent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.domain.change import Change
from tasks.domain.cloud import Budget, Topic
from tasks.domain.cloud_names import BudgetWanted, wanted_budget
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.steps.cloud_access import guarded
from tasks.steps.step import Step

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

NAME = "budget"


@dataclass(frozen=True, kw_only=True)
class BudgetSeen:
    """The budget and its topic as they are."""

    budget: Budget | None
    topic: Topic | None


def decide(asked: BudgetWanted | None, seen: BudgetSeen) -> Decision:
    """Decide what is left until the limit is set and each percentage alerts the topic."""
    if asked is None:
        return Decision(skipped=True, why="no daily budget is configured (budget.daily_usd)")
    topic, target = f"sns://{asked.topic}", f"budgets://{asked.name}"
    changes = []
    if seen.topic is None:
        changes.append(Change(verb="create", target=topic, why="alerts go to it"))
    if seen.topic is None or not seen.topic.budgets_may_publish:
        changes.append(
            Change(verb="let-budgets-publish", target=topic, why="else alerts are lost in silence")
        )
    limit = f"${asked.daily_usd:g} a day"
    if seen.budget is None:
        changes.append(Change(verb="create", target=target, why=limit))
    elif seen.budget.period != "DAILY" or not math.isclose(seen.budget.limit_usd, asked.daily_usd):
        changes.append(Change(verb="limit", target=target, why=f"{limit}, not ${seen.budget.limit_usd:g}"))
    changes += [
        Change(
            verb="alert",
            target=f"{target}/{percent}%",
            why=f"{asked.topic} hears at {percent} %",
            detail={"percent": str(percent)},
        )
        for percent in asked.alert_percent
        if not _alerts(seen, percent)
    ]
    return Decision(changes=tuple(changes), why=described(seen))


def described(seen: BudgetSeen) -> str:
    """Say how the budget stands."""
    if seen.budget is None:
        return "no such budget"
    alerts = ", ".join(f"{alert.percent:g} %" for alert in seen.budget.alerts) or "nothing"
    return f"${seen.budget.limit_usd:g} {seen.budget.period.lower()}, alerts at {alerts}"


def step(settings: Settings, aws: Aws) -> Step[BudgetSeen]:
    """Bind the step to an account."""
    asked = wanted_budget(settings.budget, settings.name)

    def look() -> BudgetSeen:
        if asked is None:
            return BudgetSeen(budget=None, topic=None)
        account = aws.identity.account
        return BudgetSeen(
            budget=aws.budgets.describe(account, asked.name), topic=aws.budgets.topic(account, asked.topic)
        )

    def act(change: Change, _seen: BudgetSeen) -> None:
        assert asked is not None  # decide() skips the step without it
        account, budgets = aws.identity.account, aws.budgets
        on_topic = change.target.startswith("sns://")
        if change.verb == "create" and on_topic:
            budgets.create_topic(asked.topic)
        elif change.verb == "let-budgets-publish":
            budgets.let_budgets_publish(account, asked.topic)
        elif change.verb == "create":
            budgets.create(account, asked.name, daily_usd=asked.daily_usd)
        elif change.verb == "limit":
            budgets.limit(account, asked.name, daily_usd=asked.daily_usd)
        else:
            percent = float(change.detail["percent"])
            topic_arn = budgets.topic_arn(account, asked.topic)
            budgets.alert(account, asked.name, percent=percent, topic_arn=topic_arn)

    return guarded(
        Step(
            name=NAME,
            phase=Phase.PROVISIONING,
            title="Daily budget",
            look=look,
            decide=lambda seen: decide(asked, seen),
            act=act,
            describe=described,
            configured=asked is not None,
        )
    )


def _alerts(seen: BudgetSeen, percent: int) -> bool:
    """Tell whether the topic hears at this percentage."""
    if seen.budget is None or seen.topic is None:
        return False
    return any(
        math.isclose(alert.percent, percent) and seen.topic.arn in alert.subscribers
        for alert in seen.budget.alerts
    )

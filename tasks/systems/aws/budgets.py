"""AWS Budgets and the SNS topic that hears of them."""

from __future__ import annotations

import json
from typing import Any, cast

from botocore.exceptions import ClientError

from tasks.domain.cloud import Budget, BudgetAlert, Topic
from tasks.systems.aws.clients import Clients
from tasks.systems.aws.errors import code_of, translated

_BUDGETS_SID = "AllowBudgets"


class Budgets:
    """Looks at one account's budgets and topics and changes them."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, account: str, name: str) -> Budget | None:
        """Return a cost budget with its alerts, or None."""
        client = self._clients.budgets
        with translated("budgets:ViewBudget"):
            try:
                budget = client.describe_budget(AccountId=account, BudgetName=name)["Budget"]
            except ClientError as error:
                if code_of(error) == "NotFoundException":
                    return None
                raise
            notifications = client.describe_notifications_for_budget(AccountId=account, BudgetName=name).get(
                "Notifications", []
            )
            alerts = []
            for notification in notifications:
                if (
                    notification["NotificationType"] != "ACTUAL"
                    or notification.get("ThresholdType", "PERCENTAGE") != "PERCENTAGE"
                ):
                    continue
                heard = client.describe_subscribers_for_notification(
                    AccountId=account, BudgetName=name, Notification=cast("Any", notification)
                )
                alerts.append(
                    BudgetAlert(
                        percent=float(notification["Threshold"]),
                        subscribers=tuple(s["Address"] for s in heard.get("Subscribers", [])),
                    )
                )
        spend = budget.get("CalculatedSpend", {}).get("ActualSpend")
        return Budget(
            name=name,
            limit_usd=float(budget.get("BudgetLimit", {}).get("Amount", "nan")),
            period=str(budget["TimeUnit"]),
            spent_usd=float(spend["Amount"]) if spend else None,
            alerts=tuple(sorted(alerts, key=lambda alert: alert.percent)),
        )

    def create(self, account: str, name: str, *, daily_usd: float) -> None:
        """Create a daily cost budget; one that exists is taken as it is."""
        with translated("budgets:ModifyBudget"):
            try:
                self._clients.budgets.create_budget(AccountId=account, Budget=_definition(name, daily_usd))
            except ClientError as error:
                if code_of(error) != "DuplicateRecordException":
                    raise

    def limit(self, account: str, name: str, *, daily_usd: float) -> None:
        """Change a budget to a daily limit; its alerts stay."""
        with translated("budgets:ModifyBudget"):
            self._clients.budgets.update_budget(AccountId=account, NewBudget=_definition(name, daily_usd))

    def alert(self, account: str, name: str, *, percent: float, topic_arn: str) -> None:
        """Alert a topic when actual cost passes a percentage of the limit."""
        notification: Any = {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        }
        subscriber: Any = {"SubscriptionType": "SNS", "Address": topic_arn}
        with translated("budgets:ModifyBudget"):
            try:
                self._clients.budgets.create_notification(
                    AccountId=account, BudgetName=name, Notification=notification, Subscribers=[subscriber]
                )
            except ClientError as error:
                if code_of(error) != "DuplicateRecordException":
                    raise
                self._subscribe(account, name, notification, subscriber)

    def topic(self, account: str, name: str) -> Topic | None:
        """Return an SNS topic, or None."""
        arn = self.topic_arn(account, name)
        with translated("sns:GetTopicAttributes"):
            try:
                found = self._clients.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
            except ClientError as error:
                if code_of(error) in ("NotFound", "NotFoundException"):
                    return None
                raise
        confirmed = found.get("SubscriptionsConfirmed")
        return Topic(
            name=name,
            arn=arn,
            budgets_may_publish=_lets_budgets_publish(found.get("Policy")),
            confirmed_subscribers=None if confirmed is None else int(confirmed),
        )

    def topic_arn(self, account: str, name: str) -> str:
        """Return the ARN that a topic of this name has."""
        return f"arn:aws:sns:{self._clients.region}:{account}:{name}"

    def create_topic(self, name: str) -> None:
        """Create a topic; SNS answers with the one that exists, if there is one."""
        with translated("sns:CreateTopic"):
            self._clients.sns.create_topic(Name=name)

    def let_budgets_publish(self, account: str, name: str) -> None:
        """Allow AWS Budgets, for this account only, to publish to a topic; other statements are kept."""
        arn = self.topic_arn(account, name)
        with translated("sns:GetTopicAttributes"):
            found = self._clients.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        policy = json.loads(found.get("Policy") or '{"Version": "2012-10-17", "Statement": []}')
        policy["Statement"] = [s for s in policy["Statement"] if s.get("Sid") != _BUDGETS_SID] + [
            {
                "Sid": _BUDGETS_SID,
                "Effect": "Allow",
                "Principal": {"Service": "budgets.amazonaws.com"},
                "Action": "SNS:Publish",
                "Resource": arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ]
        with translated("sns:SetTopicAttributes"):
            self._clients.sns.set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy)
            )

    def _subscribe(self, account: str, name: str, notification: Any, subscriber: Any) -> None:
        try:
            self._clients.budgets.create_subscriber(
                AccountId=account, BudgetName=name, Notification=notification, Subscriber=subscriber
            )
        except ClientError as error:
            if code_of(error) != "DuplicateRecordException":
                raise


def _definition(name: str, daily_usd: float) -> Any:
    return {
        "BudgetName": name,
        "BudgetLimit": {"Amount": f"{daily_usd:g}", "Unit": "USD"},
        "TimeUnit": "DAILY",
        "BudgetType": "COST",
    }


def _lets_budgets_publish(policy: str | None) -> bool:
    if not policy:
        return False
    statements = json.loads(policy).get("Statement", [])
    return any(
        statement.get("Effect") == "Allow"
        and isinstance(statement.get("Principal"), dict)
        and statement["Principal"].get("Service") == "budgets.amazonaws.com"
        and statement.get("Action") in ("SNS:Publish", "sns:Publish", ["SNS:Publish"], ["sns:Publish"])
        for statement in (statements if isinstance(statements, list) else [statements])
    )

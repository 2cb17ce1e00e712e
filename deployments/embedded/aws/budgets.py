"""The Budgets operations that moto lacks, and the money spent, which moto never says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from moto.budgets.models import budgets_backends

from deployments.embedded.aws.costs import Costs
from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.keys import AccessKey
from deployments.embedded.aws.wire import AwsRequest

Result = Mapping[str, Any]


class Budgets:
    """Changes budgets that moto keeps."""

    def __init__(self, account: str, costs: Costs, today: Callable[[], date]) -> None:
        self.account = account
        self._costs = costs
        self._today = today

    def answers(self) -> Mapping[tuple[str, str], Callable[[AwsRequest, AccessKey | None], Result]]:
        """Return the operations answered here instead of by moto."""
        return {
            ("budgets", "DescribeBudget"): self.describe_budget,
            ("budgets", "UpdateBudget"): self.update_budget,
            ("budgets", "DescribeSubscribersForNotification"): self.describe_subscribers,
            ("budgets", "CreateSubscriber"): self.create_subscriber,
            ("budgets", "DescribeBudgetActionsForBudget"): self.describe_actions,
        }

    def describe_budget(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Return a budget with what the ledger says was spent in its period; moto always says nothing."""
        found = dict(self._budget(str(request.parameters["BudgetName"])).to_dict())
        today = self._today()
        since = today if found.get("TimeUnit") == "DAILY" else today.replace(day=1)
        spent = self._costs.spent(since, today + timedelta(days=1))
        found["CalculatedSpend"] = {"ActualSpend": {"Amount": str(spent), "Unit": "USD"}}
        return {"Budget": found}

    def update_budget(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Replace a budget's definition; its notifications stay."""
        wanted = request.parameters["NewBudget"]
        budget = self._budget(str(wanted["BudgetName"]))
        budget.budget = {**budget.budget, **wanted}
        return {}

    def describe_subscribers(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """List who hears of one notification."""
        return {"Subscribers": self._notification(request).subscribers}

    def create_subscriber(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Let one more hear of a notification."""
        notification, wanted = self._notification(request), dict(request.parameters["Subscriber"])
        if wanted in notification.subscribers:
            raise AwsError("DuplicateRecordException", "the subscriber already exists.")
        notification.subscribers.append(wanted)
        return {}

    def describe_actions(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """List a budget's actions: none, because this world offers no way to make one."""
        self._budget(str(request.parameters["BudgetName"]))
        return {"Actions": []}

    def _notification(self, request: AwsRequest) -> Any:
        for notification in self._budget(str(request.parameters["BudgetName"])).notifications:
            if _same(notification.details, request.parameters["Notification"]):
                return notification
        raise AwsError("NotFoundException", "the notification doesn't exist.")

    def _budget(self, name: str) -> Any:
        budget = budgets_backends[self.account]["aws"].budgets[self.account].get(name)
        if budget is None:
            raise AwsError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
        return budget


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    keys = ("NotificationType", "ComparisonOperator", "Threshold")
    return all(one.get(key) == other.get(key) for key in keys) and one.get(
        "ThresholdType", "PERCENTAGE"
    ) == other.get("ThresholdType", "PERCENTAGE")

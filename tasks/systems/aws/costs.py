"""Cost Explorer: what was spent. It lags by 8 to 24 hours and more, and each request costs a cent."""

from __future__ import annotations

from datetime import date
from typing import Any

from tasks.domain.cloud import DailyCost
from tasks.systems.aws.clients import Clients
from tasks.systems.aws.errors import translated


class Costs:
    """Reads the bill."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def daily(self, start: date, end: date) -> tuple[DailyCost, ...]:
        """Return cost by day and service from `start` up to, not including, `end`; oldest first.

        A day that Cost Explorer does not mention is missing here too: it is not zero.
        """
        if start >= end:
            raise ValueError(f"the interval from {start} to {end} is empty: its end is not included")
        asked: dict[str, Any] = {
            "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        }
        found: list[DailyCost] = []
        while True:
            with translated("ce:GetCostAndUsage"):
                page = self._clients.costs.get_cost_and_usage(**asked)
            for day in page["ResultsByTime"]:
                found += [
                    DailyCost(
                        day=day.get("TimePeriod", {}).get("Start", ""),
                        service=group["Keys"][0],
                        usd=float(group["Metrics"]["UnblendedCost"]["Amount"]),
                        estimated=day.get("Estimated", False),
                    )
                    for group in day.get("Groups", [])
                ]
            token = page.get("NextPageToken")
            if not token:
                return tuple(found)
            asked["NextPageToken"] = token

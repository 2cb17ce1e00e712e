"""Cost Explorer over a ledger of daily costs that the world was seeded with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.keys import AccessKey
from deployments.embedded.aws.wire import AwsRequest
from deployments.embedded.private_file import write_private

Result = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """What one service cost on one day, in US dollars; `usd` is a decimal as text."""

    day: str  # ISO 8601
    service: str
    usd: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Costs:
    """The ledger, which survives a restart, and GetCostAndUsage with its filters and groups."""

    def __init__(self, file: Path) -> None:
        self._file = file
        rows = json.loads(file.read_text()) if file.exists() else []
        self._lines = [CostLine(**row) for row in rows]

    def seed(self, lines: Iterable[CostLine]) -> None:
        """Replace the ledger."""
        self._lines = list(lines)
        write_private(self._file, json.dumps([asdict(line) for line in self._lines]))

    def spent(self, since: date, until: date) -> Decimal:
        """Return the sum over a half-open interval of days."""
        days = (
            Decimal(line.usd) for line in self._lines if since.isoformat() <= line.day < until.isoformat()
        )
        return sum(days, Decimal())

    def answers(self) -> Mapping[tuple[str, str], Callable[[AwsRequest, AccessKey | None], Result]]:
        """Return the operations answered here: moto ignores filters and pops one prepared answer."""
        return {("ce", "GetCostAndUsage"): self.get_cost_and_usage}

    def get_cost_and_usage(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Sum the ledger over a half-open interval, as the Cost Explorer reference documents it."""
        asked = request.parameters
        start, end = (date.fromisoformat(asked["TimePeriod"][key]) for key in ("Start", "End"))
        if start >= end:
            message = "Start date (and hour) should be before end date (and hour)"
            raise AwsError("ValidationException", message)
        granularity = asked.get("Granularity", "DAILY")
        if granularity not in ("DAILY", "MONTHLY"):
            raise AwsError("ValidationException", f"granularity {granularity} is not offered here")
        metrics = asked.get("Metrics") or ["UnblendedCost"]
        groups = asked.get("GroupBy") or []
        matching = [line for line in self._lines if _matches(line, asked.get("Filter"))]
        return {
            "ResultsByTime": [
                self._period(since, until, metrics, groups, matching)
                for since, until in _periods(start, end, granularity)
            ],
            "DimensionValueAttributes": [],
        }

    @staticmethod
    def _period(
        since: date, until: date, metrics: list[str], groups: list[Mapping[str, str]], lines: list[CostLine]
    ) -> Result:
        inside = [line for line in lines if since.isoformat() <= line.day < until.isoformat()]
        sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for line in inside:
            sums[tuple(_group_key(line, group) for group in groups)] += Decimal(line.usd)

        def amounts(usd: Decimal) -> Result:
            return {metric: {"Amount": str(usd), "Unit": "USD"} for metric in metrics}

        total = sum((Decimal(line.usd) for line in inside), Decimal())
        return {
            "TimePeriod": {"Start": since.isoformat(), "End": until.isoformat()},
            "Total": {} if groups else amounts(total),
            "Groups": [{"Keys": list(k), "Metrics": amounts(v)} for k, v in sorted(sums.items())]
            if groups
            else [],
            "Estimated": True,
        }


def _periods(start: date, end: date, granularity: str) -> Iterator[tuple[date, date]]:
    since = start
    while since < end:
        if granularity == "DAILY":
            until = since + timedelta(days=1)
        else:
            until = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield since, min(until, end)
        since = until


def _group_key(line: CostLine, group: Mapping[str, str]) -> str:
    if group["Type"] == "DIMENSION" and group["Key"] == "SERVICE":
        return line.service
    if group["Type"] == "TAG":
        return f"{group['Key']}${line.tags.get(group['Key'], '')}"
    raise AwsError("ValidationException", f"grouping by {group['Key']} is not offered here")


def _matches(line: CostLine, wanted: Mapping[str, Any] | None) -> bool:
    if not wanted:
        return True
    if "And" in wanted:
        return all(_matches(line, part) for part in wanted["And"])
    if "Or" in wanted:
        return any(_matches(line, part) for part in wanted["Or"])
    if "Not" in wanted:
        return not _matches(line, wanted["Not"])
    if "Tags" in wanted:
        return line.tags.get(wanted["Tags"]["Key"], "") in wanted["Tags"].get("Values", [])
    dimension = wanted.get("Dimensions") or {}
    if dimension.get("Key") == "SERVICE":
        return line.service in dimension["Values"]
    if dimension.get("Key") == "RECORD_TYPE":
        return "Usage" in dimension["Values"]  # the ledger holds usage only: no credits, refunds or tax
    raise AwsError("ValidationException", f"filtering by {dimension.get('Key')} is not offered here")

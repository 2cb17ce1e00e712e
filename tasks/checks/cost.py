"""Whether the account already costs more than it may, and who asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.cloud import CloudCost, CloudIdentity, DailyCost
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings

DAYS = 3  # one day alone may be a batch job
SHOWN = 3
_ASK = (
    "aws ce get-cost-and-usage --granularity DAILY --metrics UnblendedCost "
    "--group-by Type=DIMENSION,Key=SERVICE --time-period Start={start},End={end}"
)


@check("cost-within-budget", phase=Phase.PROVISIONING)
def cost_within_budget(settings: Settings, cost: CloudCost) -> Iterator[Answer]:
    """Spending in the account's last complete days stays within the daily budget."""
    limit = settings.budget.daily_usd
    if limit is None:
        return
    of_day: dict[str, list[DailyCost]] = defaultdict(list)
    for one in cost.days:
        of_day[one.day].append(one)
    # The newest day is still being counted. ("estimated" says nothing here: AWS calls the whole month so.)
    days = sorted(of_day)[:-1][-DAYS:]
    origin = settings.origins.get("budget.daily_usd")
    place = Evidence(
        source="settings",
        file=origin.file if origin else None,
        line=origin.line if origin else None,
        excerpt=f"daily_usd = {limit:g}",
    )
    if not days:
        # A new account has no history: that is no reason to stop, and no proof either.
        yield unknown("daily cost", "AWS states no complete day of cost yet", place, weight=Weight.NOTE)
        return
    mean = sum(one.usd for day in days for one in of_day[day]) / len(days)
    if mean <= limit:
        yield holds("daily cost", f"${mean:.2f} a day of ${limit:g}")
        return
    services: dict[str, float] = defaultdict(float)
    for day in days:
        for one in of_day[day]:
            services[one.service] += one.usd / len(days)
    most = sorted(services.items(), key=lambda item: -item[1])[:SHOWN]
    yield broken(
        "daily cost",
        f"the account costs ${mean:.2f} a day already, the budget allows ${limit:g}",
        place,
        Evidence(
            source="aws",
            excerpt=f"{days[0]} to {days[-1]}: "
            + ", ".join(f"{service} ${usd:.2f} a day" for service, usd in most),
        ),
        remedy=Remedy(
            summary="Find out what costs so much and end it, or agree on a higher daily_usd below [budget]",
            commands=(_ASK.format(start=days[0], end=days[-1]), "git commit --all"),
            owner="aws-admin",
            minutes=30,
        ),
    )


@check("aws-identity", phase=Phase.PROVISIONING)
def aws_identity(identity: CloudIdentity) -> Iterator[Answer]:
    """AWS knows who provisions."""
    yield holds(identity.account, f"{identity.arn} in {identity.region}")

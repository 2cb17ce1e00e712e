"""How provisioning calls what it makes in AWS, where the settings leave it open or AWS and GitHub fix it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.domain.settings import BudgetSettings

ISSUER = "token.actions.githubusercontent.com"  # who signs the tokens of workflow jobs
AUDIENCE = "sts.amazonaws.com"  # whom aws-actions/configure-aws-credentials asks a token for
LOCK_KEY = "LockID"  # the one key that Terraform's S3 backend works with
ENVIRONMENT_TAG = "Environment"  # what a node says it belongs to


@dataclass(frozen=True, kw_only=True)
class BudgetWanted:
    """The budget as it should be."""

    name: str
    topic: str
    daily_usd: float
    alert_percent: tuple[int, ...]


def wanted_budget(settings: BudgetSettings, repository: str) -> BudgetWanted | None:
    """Return the budget that the settings ask for, named after the repository unless they name it."""
    if settings.daily_usd is None:
        return None
    return BudgetWanted(
        name=settings.name or f"{repository}-daily",
        topic=settings.topic or f"{repository}-budget-alerts",
        daily_usd=settings.daily_usd,
        alert_percent=settings.alert_percent,
    )


def variable_of(entry: str) -> str:
    """Return the environment variable that the value of a Secrets Manager entry may come from."""
    return re.sub(r"[^A-Za-z0-9]+", "_", entry).strip("_").upper()

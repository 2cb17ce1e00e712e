"""A step that nothing configures says so before anybody asks AWS."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.phase import Phase
from tasks.domain.settings import Settings, WorldKind
from tasks.steps import (
    artifact_bucket,
    budget,
    deploy_role,
    lock_table,
    oidc_provider,
    secret_entries,
    state_bucket,
)
from tasks.steps.step import Step

BARE = Settings(
    world=WorldKind.EMBEDDED,
    repository_path=Path("/nowhere"),
    owner="acme",
    name="moon",
    branch="main",
    state_directory=Path("/nowhere"),
    until=Phase.DEPLOYMENT,
)
FULL = replace(
    BARE,
    aws=replace(
        BARE.aws, state_bucket="s", lock_table="l", artifact_bucket="a", deploy_role="r", secrets=("x",)
    ),
    budget=replace(BARE.budget, daily_usd=5.0),
)
NO_AWS: Any = object()  # whoever asks it anything fails
MAKERS: dict[str, Callable[[Settings], Step[Any]]] = {
    "state-bucket": lambda settings: state_bucket.step(settings, NO_AWS),
    "lock-table": lambda settings: lock_table.step(settings, NO_AWS),
    "artifact-bucket": lambda settings: artifact_bucket.step(settings, NO_AWS),
    "secret-entries": lambda settings: secret_entries.step(settings, NO_AWS, {}),
    "oidc-provider": lambda settings: oidc_provider.step(settings, NO_AWS),
    "deploy-role": lambda settings: deploy_role.step(settings, NO_AWS, lambda: "repo:acme/moon"),
    "budget": lambda settings: budget.step(settings, NO_AWS),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_step_that_nothing_configures_is_skipped_without_a_look_at_aws(name: str) -> None:
    step = MAKERS[name](BARE)
    assert step.name == name
    assert not step.configured
    assert step.decide(step.look()).skipped


@pytest.mark.parametrize("name", MAKERS)
def test_a_step_that_something_configures_says_so(name: str) -> None:
    assert MAKERS[name](FULL).configured

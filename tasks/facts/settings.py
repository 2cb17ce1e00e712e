"""Lays the layers of configuration over each other and makes Settings of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from tasks.domain.finding import Waiver
from tasks.domain.mistake import Mistake, Mistaken
from tasks.domain.settings import (
    AwsSettings,
    BudgetSettings,
    Environment,
    RepositorySecret,
    SecretSource,
    Settings,
    Supervised,
    Threshold,
    WorldKind,
)
from tasks.facts.configuration import FILE, Configured, layer

Value = TypeVar("Value")

# Targets and alerts that a repository without its own is measured against, in the metric's own unit.
THRESHOLDS: Mapping[str, Threshold] = {
    "build_minutes": Threshold(target=30, alert=40),
    "test_minutes": Threshold(target=45, alert=60),
    "integration_minutes": Threshold(target=30, alert=45),
    "cache_hit_percent": Threshold(target=70, alert=50),
    "artifact_megabytes": Threshold(target=500, alert=1000),
    "failed_tests": Threshold(target=0, alert=0),
}
DEFAULTS = layer(
    "default",
    {
        "repository.branch": "main",
        "aws.region": "us-east-1",
        "aws.artifact_days": 7,
        "budget.alert_percent": (80, 100),
    },
)


def settled(
    configured: Configured, *, world: WorldKind, repository: Path, state: Path, **asked: Any
) -> Settings:
    """Return the Settings that the layers come to; raises Mistaken with everything there is to correct."""
    values = configured.values
    mistakes = [*configured.mistakes, *_cross_checked(configured)]
    if mistakes:
        raise Mistaken(mistakes)

    def value(key: str, kind: type[Value]) -> Value | None:
        given = values.get(key)
        return given if isinstance(given, kind) else None

    def plural(key: str) -> tuple[Any, ...]:
        return value(key, tuple) or ()

    return Settings(
        world=world,
        repository_path=repository,
        owner=value("repository.owner", str) or "local",
        name=value("repository.name", str) or repository.name,
        branch=value("repository.branch", str) or "main",
        state_directory=state,
        tag=value("release.tag", str),
        release_workflow=value("release.workflow", str),
        deploy_workflow=value("deployment.workflow", str),
        assets=plural("release.assets"),
        environments=_environments(values),
        aws=AwsSettings(
            region=value("aws.region", str) or "us-east-1",
            state_bucket=value("aws.state_bucket", str),
            lock_table=value("aws.lock_table", str),
            artifact_bucket=value("aws.artifact_bucket", str),
            artifact_days=value("aws.artifact_days", int) or 7,
            deploy_role=value("aws.deploy_role", str),
            secrets=plural("aws.secrets"),
        ),
        secrets=_secrets(values),
        budget=BudgetSettings(
            daily_usd=value("budget.daily_usd", float),
            alert_percent=plural("budget.alert_percent"),
            name=value("budget.name", str),
            topic=value("budget.topic", str),
        ),
        thresholds=_thresholds(values),
        waivers=_waivers(values),
        supervised=_supervised(values),
        origins=dict(configured.origins),
        **asked,
    )


def _entries(values: Mapping[str, object], table: str) -> dict[str, dict[str, Any]]:
    """Return the entries of a table of tables, in their order: ``{"0": {"name": ...}}``."""
    entries: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        if key.startswith(table + "."):
            name, _, inner = key.removeprefix(table + ".").rpartition(".")
            entries.setdefault(name, {})[inner] = value
    return entries


def _environments(values: Mapping[str, object]) -> tuple[Environment, ...]:
    return tuple(Environment(**entry) for entry in _entries(values, "deployment.environments").values())


def _waivers(values: Mapping[str, object]) -> tuple[Waiver, ...]:
    return tuple(Waiver(**entry) for entry in _entries(values, "waive").values())


def _supervised(values: Mapping[str, object]) -> tuple[Supervised, ...]:
    return tuple(Supervised(**entry) for entry in _entries(values, "supervision.processes").values())


def _secrets(values: Mapping[str, object]) -> tuple[RepositorySecret, ...]:
    secrets = []
    for name, entry in _entries(values, "secrets").items():
        source, _, variable = str(entry["source"]).partition(":")
        secrets.append(RepositorySecret(name=name, source=SecretSource(source), variable=variable or None))
    return tuple(secrets)


def _thresholds(values: Mapping[str, object]) -> dict[str, Threshold]:
    own = {
        key.removeprefix("thresholds."): Threshold(**value)
        for key, value in values.items()
        if key.startswith("thresholds.") and isinstance(value, dict)
    }
    return {**THRESHOLDS, **own}


def _cross_checked(configured: Configured) -> list[Mistake]:
    """Return the mistakes that only show when values meet: a secret from a bucket that is not named."""
    needed = {
        "role-arn": "aws.deploy_role",
        "state-bucket": "aws.state_bucket",
        "artifact-bucket": "aws.artifact_bucket",
    }
    mistakes = []
    for name, entry in _entries(configured.values, "secrets").items():
        key = needed.get(str(entry.get("source")))
        if key and key not in configured.values:
            origin = configured.origins.get(f"secrets.{name}.source")
            mistakes.append(
                Mistake(
                    place=(origin.file if origin else None) or FILE,
                    line=origin.line if origin else None,
                    message=f"secrets.{name} comes from {entry['source']}, but {key} is not set",
                    expected=key,
                )
            )
    return mistakes

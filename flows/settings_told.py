"""Every resolved setting with its value and where the value came from, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from tasks.domain.settings import Origin, Settings

PLAIN = {
    "repository.owner": "owner",
    "repository.name": "name",
    "repository.branch": "branch",
    "release.tag": "tag",
    "release.workflow": "release_workflow",
    "release.assets": "assets",
    "deployment.workflow": "deploy_workflow",
}


def settings_told(settings: Settings) -> Iterator[str]:
    """Yield one line a setting: key, value, origin; what nothing sets is said to be unset."""
    rows = [
        ("world", settings.world.value, ""),
        ("repository", str(settings.source_path or settings.repository_path), ""),
        ("commit", settings.commit or "none", ""),
        *((key, _shown(getattr(settings, name)), _origin(settings, key)) for key, name in PLAIN.items()),
        *_table(settings, "aws", settings.aws),
        *_table(settings, "budget", settings.budget),
    ]
    for index, environment in enumerate(settings.environments):
        rows += _table(settings, f"deployment.environments.{index}", environment)
    for secret in settings.secrets:
        key = f"secrets.{secret.name}.source"
        source = f"{secret.source.value}:{secret.variable}" if secret.variable else secret.source.value
        rows.append((key, source, _origin(settings, key)))
    for name, threshold in settings.thresholds.items():
        key = f"thresholds.{name}"
        shown = f"target {threshold.target:g}, alert {threshold.alert:g}"
        rows.append((key, shown, _origin(settings, key)))
    for index, process in enumerate(settings.supervised):
        rows += _table(settings, f"supervision.processes.{index}", process)
    for waiver in settings.waivers:
        rows.append(("waive", f"{waiver.check} for {waiver.subject} until {waiver.expires}", waiver.owner))
    width = max(len(key) for key, _, _ in rows)
    for key, value, origin in rows:
        yield f"{key:<{width}}  {value}" + (f"  ({origin})" if origin else "")


def _table(settings: Settings, prefix: str, table: object) -> Iterator[tuple[str, str, str]]:
    assert is_dataclass(table)
    for one in fields(table):
        key = f"{prefix}.{one.name}"
        yield key, _shown(getattr(table, one.name)), _origin(settings, key)


def _shown(value: object) -> str:
    if value is None or value == ():
        return "unset"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _origin(settings: Settings, key: str) -> str:
    origin = settings.origins.get(key) or Origin(source="default")
    place = f" {origin.file}:{origin.line}" if origin.line else f" {origin.file}" if origin.file else ""
    return f"{origin.source}{place}"

"""Whether the words that a manifest chooses from a list, or takes from another table, are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Toml
from tasks.domain.credential import for_tests
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase

_RESOLVERS = ("1", "2", "3")
_PROFILES = ("dev", "release", "test", "bench", "doc")
_MEND = Remedy(
    summary="Correct the manifest at the line named, then let cargo read it",
    commands=("cargo metadata --no-deps --format-version 1",),
    minutes=5,
)


@check("cargo-settings-known", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_settings_known(manifests: Manifests) -> Iterator[Answer]:
    """Every resolver is one that cargo has, and every profile inherits from one that is there."""
    for workspace in manifests.own:
        toml = workspace.toml
        wrong = list(_wrong(toml))
        for subject, told, way in wrong:
            weight = _weight(workspace.directory)
            yield broken(f"{toml.path}: {subject}", told, toml.at(*way), weight=weight)
        if not wrong:
            yield holds(toml.path, "its resolver and profiles are known")


def _wrong(toml: Toml) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for table in ("workspace", "package"):
        chosen = _table(toml.root.get(table)).get("resolver")
        if isinstance(chosen, str) and chosen not in _RESOLVERS:
            told = f"there is no resolver {chosen!r} (there are {', '.join(_RESOLVERS)})"
            yield "resolver", told, (table, "resolver")
    profiles = _table(toml.root.get("profile"))
    for name, profile in profiles.items():
        inherits = _table(profile).get("inherits")
        if isinstance(inherits, str) and inherits not in (*_PROFILES, *profiles):
            told = f"the profile {name} inherits from {inherits!r}, which is not declared"
            yield f"profile {name}", told, ("profile", name, "inherits")
        elif inherits is None and name not in _PROFILES and isinstance(profile, dict):
            told = f"the profile {name} has to say `inherits`: cargo has none of this name"
            yield f"profile {name}", told, ("profile", name)


@check("cargo-required-features-exist", phase=Phase.PREFLIGHT, remedy=_MEND, subject="cargo")
def cargo_required_features_exist(manifests: Manifests) -> Iterator[Answer]:
    """Every feature that a target requires is one of its package; else cargo refuses the manifest."""
    for workspace in manifests.own:
        for package in workspace.packages:
            if package.toml.problem is not None:
                continue
            for target in package.targets:
                for feature in target.required_features:
                    subject = f"{package.name}: {target.kind.value} {target.name}: {feature}"
                    if "/" in feature or feature in package.all_features:
                        yield holds(subject, "is a feature")
                        continue
                    line = package.toml.source.line_of(f'"{feature}"', (target.line or 1) - 1) or target.line
                    told = f"requires the feature {feature!r}, which {package.name} does not have"
                    place = package.toml.source.at(line)
                    yield broken(subject, told, place, weight=_weight(workspace.directory))


def _weight(directory: str) -> Weight:
    """Weigh a workspace: cargo loads the one at the root; others may be broken on purpose, like fixtures."""
    if directory == "":
        return Weight.BLOCKER
    return Weight.NOTE if for_tests(directory) else Weight.WARNING


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

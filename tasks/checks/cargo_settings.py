"""Whether the words that a manifest chooses from a list, or takes from another table, are there."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package, Toml, Workspace, table
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.workspace_weight import refused, workspace_weight

_RESOLVERS = ("1", "2", "3")
_SPEED_AND_SIZE = frozenset(
    {"opt-level", "lto", "codegen-units", "debug", "split-debuginfo", "strip", "incremental", "inherits"}
)
_PROFILES = ("dev", "release", "test", "bench", "doc")


@check("cargo-settings-known", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_settings_known(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Every resolver is one that cargo has, and every profile inherits from one that is there."""
    for workspace in manifests.own:
        toml = workspace.toml
        wrong = list(_wrong(toml))
        for subject, told, way in wrong:
            yield refused(
                f"{toml.path}: {subject}",
                told,
                toml.at(*way),
                of=workspace,
                manifests=manifests,
                sources=sources,
            )
        if not wrong:
            yield holds(toml.path, "its resolver and profiles are known")


def _wrong(toml: Toml) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for name in ("workspace", "package"):
        chosen = table(toml.root.get(name)).get("resolver")
        if isinstance(chosen, str) and chosen not in _RESOLVERS:
            told = f"there is no resolver {chosen!r} (there are {', '.join(_RESOLVERS)})"
            yield "resolver", told, (name, "resolver")
    profiles = table(toml.root.get("profile"))
    for name, profile in profiles.items():
        inherits = table(profile).get("inherits")
        if isinstance(inherits, str) and inherits not in (*_PROFILES, *profiles):
            told = f"the profile {name} inherits from {inherits!r}, which is not declared"
            yield f"profile {name}", told, ("profile", name, "inherits")
        elif inherits is None and name not in _PROFILES and isinstance(profile, dict):
            told = f"the profile {name} has to say `inherits`: cargo has none of this name"
            yield f"profile {name}", told, ("profile", name)


@check(
    "cargo-key-spelled",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the key as cargo knows it", minutes=2),
    subject="cargo",
)
def cargo_key_spelled(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """No key of a manifest is a slip of one that cargo knows: cargo ignores what it does not know."""
    for workspace in manifests.own:
        slips = [one for toml in _tomls(workspace) for one in _slips(toml)]
        used = workspace_weight(workspace, manifests, sources) is not Weight.NOTE
        for toml, way, near in slips:
            yield _slip(toml, way, near, used=used)
        if not slips:
            yield holds(workspace.toml.path, "no key looks like a slip")


_KEYS = (
    "package", "project", "lib", "bin", "example", "test", "bench", "dependencies", "dev-dependencies",
    "build-dependencies", "dev_dependencies", "build_dependencies", "features", "target", "patch", "replace",
    "profile", "workspace", "badges", "lints", "cargo-features", "hints",
)  # fmt: skip
_KEYS_OF_PACKAGE = (
    "name", "version", "edition", "rust-version", "authors", "description", "documentation", "readme",
    "homepage", "repository", "license", "license-file", "keywords", "categories", "workspace", "build",
    "links", "exclude", "include", "publish", "metadata", "default-run", "default-target", "forced-target",
    "autolib", "autobins", "autoexamples", "autotests", "autobenches", "resolver", "im-a-teapot",
    "metabuild", "namespaced-features", "original",
)  # fmt: skip


_LISTS = frozenset({"authors", "keywords", "categories", "include", "exclude"})
_TOLD_ONLY = frozenset({"authors", "keywords", "categories", "homepage", "documentation", "badges"})
"""Keys that change nothing of what cargo builds or publishes, but what is told of it."""
_CALLED_OTHERWISE = {"about": "description", "maintainers": "authors", "url": "homepage"}
"""What other tools call a key of cargo's."""


def _slip(toml: Toml, way: tuple[str, ...], near: str, *, used: bool) -> Answer:
    """Tell of one slip, and with the first one of a package of the other keys there that cargo ignores."""
    written = f"[{way[0]}]" if len(way) == 1 else f"{way[1]!r} under [{way[0]}]"
    told = f"cargo ignores {written}, which it does not know; it has {near!r}"
    value = table(toml.root.get(way[0])).get(way[1]) if len(way) > 1 else None
    places, remedy = [toml.at(*way)], None
    if near in _LISTS and isinstance(value, str):
        line = f"{near} = [{json.dumps(value, ensure_ascii=False)}]"
        told = f"{told}, a list"
        remedy = Remedy(summary=f"Write `{line}`: cargo refuses a text there", minutes=2)
    others = _ignored_too(toml) if len(way) > 1 and way[1] == _first_slip(toml) else []
    if others:
        meant = [f"{one!r} (cargo's is {_CALLED_OTHERWISE[one]!r})" for one in others]
        told = f"{told}; it ignores {listed(meant)} too"
        places += [toml.at("package", one) for one in others]
    slight = near in _TOLD_ONLY or not used
    subject = f"{toml.path}: {'.'.join(way)}"
    return broken(subject, told, *places, remedy=remedy, weight=Weight.NOTE if slight else Weight.WARNING)


def _first_slip(toml: Toml) -> str | None:
    return next((way[1] for _, way, _ in _slips(toml) if len(way) > 1), None)


def _ignored_too(toml: Toml) -> list[str]:
    package = table(toml.root.get("package"))
    return [one for one, known in _CALLED_OTHERWISE.items() if one in package and known not in package]


def _tomls(workspace: Workspace) -> Iterator[Toml]:
    yield workspace.toml
    yield from (one.toml for one in workspace.packages if one.toml.path != workspace.toml.path)


def _slips(toml: Toml) -> Iterator[tuple[Toml, tuple[str, ...], str]]:
    """Go through the keys that no cargo has and that are near to one, with that one."""
    for inside, known in (((), _KEYS), (("package",), _KEYS_OF_PACKAGE)):
        for key in table(toml.root.get(inside[0])) if inside else toml.root:
            near = () if key in known else difflib.get_close_matches(key, known, n=1, cutoff=0.8)
            for one in near:
                yield toml, (*inside, key), one


@check("cargo-required-features-exist", phase=Phase.PREFLIGHT, subject="cargo")
def cargo_required_features_exist(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Every feature that a target requires is one of its package; else cargo refuses the manifest."""
    for workspace, package in manifests.loaded:
        for target in package.targets:
            for feature in target.required_features:
                subject = f"{package.name}: {target.kind.value} {target.name}: {feature}"
                if "/" in feature or feature in package.all_features:
                    yield holds(subject, "is a feature")
                    continue
                line = package.toml.source.line_of(f'"{feature}"', (target.line or 1) - 1) or target.line
                told = f"requires the feature {feature!r}, which {package.name} does not have"
                place = package.toml.source.at(line)
                yield refused(subject, told, place, of=workspace, manifests=manifests, sources=sources)


@check(
    "cargo-settings-at-root",
    phase=Phase.PREFLIGHT,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Move the table to the manifest of the workspace", minutes=5),
    subject="cargo",
)
def cargo_settings_at_root(manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """Profiles, patches and the resolver are written where cargo reads them: in the root manifest."""
    for workspace in manifests.own:
        for name in ("profile", "patch", "replace"):
            lost = [
                one
                for one in workspace.packages
                if one.directory != workspace.directory and one.toml.root.get(name)
            ]
            if lost:
                weight = Weight.WARNING
                used = workspace_weight(workspace, manifests, sources) is not Weight.NOTE
                if not used or (name == "profile" and not any(_matters(one) for one in lost)):
                    weight = Weight.NOTE
                yield _lost(name, lost, workspace, weight)
        yield holds(workspace.toml.path, "its members are read")


def _lost(name: str, packages: list[Package], workspace: Workspace, weight: Weight) -> Answer:
    told = f"[{name}] of a member is ignored: cargo reads that of {workspace.toml.path}"
    places = [one.toml.at(*_first(one.toml, name)) for one in packages[:MOST_PLACES]]
    if len(packages) == 1:
        return broken(f"{packages[0].name}: {name}", told, *places, weight=weight)
    told = f"{told} (so it is in {listed([one.name for one in packages])})"
    return broken(f"{workspace.toml.path}: {name}", told, *places, weight=weight)


def _matters(package: Package) -> bool:
    """Tell whether a profile asks for more than speed and size: whoever wrote it counts on that."""
    profiles = table(package.toml.root.get("profile")).values()
    return any(not _SPEED_AND_SIZE.issuperset(table(one)) for one in profiles)


def _first(toml: Toml, name: str) -> tuple[str | int, ...]:
    inner = next(iter(table(toml.root.get(name))), None)
    return (name,) if inner is None or (name,) in toml.lines else (name, inner)

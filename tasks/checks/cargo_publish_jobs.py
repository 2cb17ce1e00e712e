"""Whether jobs that publish crates have a token for it, and publish what others need first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, merged, of_one_cause
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.runner_image import is_hosted
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.workflow import Job, Workflows

_TOKEN = re.compile(r"CARGO_REGISTR|cargo[ \t]+login|crates-io-auth|credential")
"""What gives cargo a token, or may: its variables, its own command and what it keeps."""
_MAY_GIVE = re.compile(
    r"GITHUB_ENV|\bexport\b|\bsource\b|\.cargo\b|CARGO_HOME|\bdirenv\b|\bop run\b|\bdoppler\b"
)
_OWNERS = frozenset(
    {"actions", "dtolnay", "actions-rs", "actions-rust-lang", "swatinem", "taiki-e", "docker"}
)
"""Owners of actions that bring tools and no token for crates.io."""
_GIVE = Remedy(
    summary="Give the step CARGO_REGISTRY_TOKEN in its `env:`, from a secret",
    commands=("gh secret set CARGO_REGISTRY_TOKEN",),
    minutes=10,
)
_ORDER = Remedy(summary="Publish first what the others depend on", minutes=5)


@check("cargo-publish-token-given", phase=Phase.RELEASE, remedy=_GIVE, subject="cargo")
def cargo_publish_token_given(
    scripts: Scripts, workflows: Workflows, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """Every job that publishes to crates.io has a token for it, or what may make one."""
    calls = list(_calls(scripts))
    if not calls or _elsewhere(manifests):
        return
    # A file that speaks of it may be what a step runs, or cargo's own settings.
    told = ("CARGO_REGISTR", "cargo login", "credential-provider")
    kept = any(workflows.at(one.path) is None for word in told for one in sources.saying(word, told=False))
    if not kept:
        yield from of_one_cause(_tokens(calls, workflows))


def _tokens(calls: list[tuple[Script, CargoCommand]], workflows: Workflows) -> Iterator[Answer]:
    for script, call in calls:
        workflow, job, step = workflows.at(script.path), script.job, script.step
        if workflow is None or job is None or step is None or not is_hosted(workflow, job):
            continue
        subject = f"{workflow.file}: {job.id}"
        envs = [one.get("env") for one in (workflow.root, job.root, step.root)]
        if any("CARGO_REGISTR" in str(one) or "${{" in str(one)[:3] for one in envs) or _may_have(job):
            yield holds(subject, "has a token, or may")
        elif call.command.fatal and not call.command.conditional and not step.may_fail:
            told = f"{job.id} publishes to crates.io, and nothing gives `cargo publish` a token"
            told += " (CARGO_REGISTRY_TOKEN)"
            yield broken(subject, told, script.source.at(call.command))


def _may_have(job: Job) -> bool:
    """Tell whether a step of a job may give all steps behind it a token."""
    for step in job.steps:
        action = step.action
        if action is not None and str(action.owner).lower() not in _OWNERS:
            return True
        if step.run is not None and (_TOKEN.search(step.run) or _MAY_GIVE.search(step.run)):
            return True
    return False


def _calls(scripts: Scripts) -> Iterator[tuple[Script, CargoCommand]]:
    """Go through the calls in steps that send packages to crates.io without a token of their own."""
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.subcommand != "publish" or call.has("--dry-run", "-n", "--help", "-h"):
            continue
        if not any(call.given("--registry", "--index", "--token", "--config")) and not command.assignments:
            yield script, call


def _elsewhere(manifests: Manifests) -> bool:
    """Tell whether a package says to which registries it goes."""
    return bool(manifests.broken) or any("publish = [" in one.toml.source.text for one in manifests)


@check(
    "cargo-publish-in-order",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=_ORDER,
    subject="cargo",
)
def cargo_publish_in_order(scripts: Scripts, manifests: Manifests, sources: Sources) -> Iterator[Answer]:
    """No job publishes a package before another one of the workspace that it depends on, or without it."""
    by_job: dict[tuple[str, str], list[tuple[Package, Evidence]]] = {}
    for script, call in _calls(scripts):
        job = script.job
        plain = call.command.fatal and not (call.command.conditional or call.command.function)
        if (
            job is None
            or not plain
            or script.step is None
            or script.step.condition is not None
            or len(call.packages) > 1
            or call.has("--workspace", "--all")
        ):
            continue
        chosen = call.chosen(manifests) or ()
        if len(chosen) == 1:
            place = script.source.at(call.command)
            by_job.setdefault((script.path, str(job.id)), []).append((chosen[0], place))
    for (path, job_id), found in by_job.items():
        yield from merged(_ordered(f"{path.rpartition('/')[2]}: {job_id}", found))
    several = {key: found for key, found in by_job.items() if len(found) > 1}
    every = _published_anywhere(scripts, manifests) if several and not manifests.broken else None
    others = (one for one in sources.saying(*_OTHER_WAYS) if "change" not in one.path.lower())
    if every is None or any(others):
        return
    for (path, job_id), found in several.items():
        yield from _left_out(f"{path.rpartition('/')[2]}: {job_id}", found, every, manifests)


_OTHER_WAYS = (
    "release-plz",
    "cargo release",
    "cargo-release",
    "smart-release",
    "cargo workspaces",
    "cargo ws",
)
"""What publishes packages without naming them."""
_TOO = Remedy(summary="Publish it too, in a step before those of the others", minutes=5)


def _published_anywhere(scripts: Scripts, manifests: Manifests) -> frozenset[str] | None:
    """Return the directories of all packages that some script publishes; None where nobody can tell."""
    found: set[str] = set()
    for _, command in scripts.commands("cargo"):
        call = cargo_command(command)
        if call is None or call.subcommand != "publish":
            continue
        chosen = call.chosen(manifests)
        if not chosen:
            return None
        found |= {one.directory for one in chosen}
    return frozenset(found)


def _left_out(
    subject: str, found: list[tuple[Package, Evidence]], every: frozenset[str], manifests: Manifests
) -> Iterator[Answer]:
    """Tell of members that those of a list depend on and that nothing publishes."""
    lacking: dict[str, list[tuple[Package, Evidence]]] = {}
    for package, place in found:
        for one in package.dependencies:
            if one.path is not None and one.version is not None and one.kind != "dev":
                lacking.setdefault(one.path, []).append((package, place))
    for directory, asking in lacking.items():
        other = manifests.at(directory)
        if other is None or directory in every or other.version is None or _is_kept(other):
            continue
        first, place = asking[0]
        names = listed([*dict.fromkeys(one.name for one, _ in asking)])
        needs = next(one for one in first.dependencies if one.path == directory)
        told = (
            f"{names} can be published only when crates.io has {other.name} {other.version}, "
            "which no step publishes"
        )
        together = any(one.version == other.version for one, _ in asking)
        where = (other.toml.at("package", "name"), first.toml.source.at(needs.line), place)
        weight = Weight.WARNING if together else Weight.NOTE
        yield broken(f"{subject}: without {other.name}", told, *where, weight=weight, remedy=_TOO)


def _is_kept(package: Package) -> bool:
    """Tell whether a package is published to nowhere, of which ``cargo-publish-possible`` tells."""
    about = package.toml.root.get("package")
    said = about.get("publish") if isinstance(about, dict) else None
    return said is not None and said is not True


def _ordered(subject: str, found: list[tuple[Package, Evidence]]) -> Iterator[Answer]:
    for at, (package, place) in enumerate(found):
        needs = {
            one.path: one for one in package.dependencies if one.path is not None and one.version is not None
        }
        before = {one.directory for one, _ in found[:at]}
        late = [
            (other, where)
            for other, where in found[at + 1 :]
            if other.directory in needs
            and other.directory not in before
            and needs[other.directory].kind != "dev"
        ]
        if late:
            names = listed([one.name for one, _ in late])
            told = (
                f"publishes {package.name} before {names}, which it depends on: crates.io does not have that "
                "version yet when it is new"
            )
            places = [place, *(where for _, where in late)]
            yield broken(f"{subject}: {package.name}", told, *places[:MOST_PLACES])
        else:
            yield holds(f"{subject}: {package.name}", "is published behind what it needs")

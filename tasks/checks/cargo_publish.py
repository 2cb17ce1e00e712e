"""Whether the packages that a workflow publishes are ones that cargo and crates.io accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tasks.domain.answers import listed, merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests, Package, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.produced import before
from tasks.domain.script import Script, Scripts

_WRITERS = ("sed", "perl", "tomlq", "cargo-set-version")
_OWN = re.compile(r"--manifest-path[ =]\S+")  # names a manifest and does not write it
_DESCRIBE = Remedy(
    summary="Describe the package in its manifest, or take it out of what is published", minutes=5
)


@check("cargo-publish-possible", phase=Phase.RELEASE, remedy=_DESCRIBE, subject="cargo")
def cargo_publish_possible(scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every package that a workflow publishes may be, is described, and has dependencies with versions."""
    if not manifests.broken:
        yield from merged(_answers(scripts, manifests))


def _answers(scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.subcommand != "publish" or _rewrites(scripts, script, call):
            continue
        workspace = call.workspace(manifests)
        for package in _published(call, workspace, manifests) if workspace is not None else ():
            subject = f"{script.path.rpartition('/')[2]}: {package.name}"
            wrong = list(_refusals(call, package, _shared(workspace)))
            ends = command.fatal and not (script.step is not None and script.step.may_fail)
            for told, place in wrong:
                yield broken(
                    f"{subject}: {told.split(':')[0]}",
                    f"{package.name} cannot be published: {told}",
                    place,
                    script.source.at(command),
                    weight=Weight.BLOCKER if ends else Weight.WARNING,
                )
            if not wrong:
                yield holds(subject, "has what publishing asks for")


def _published(call: CargoCommand, workspace: Workspace | None, manifests: Manifests) -> tuple[Package, ...]:
    """Return the packages that a call certainly publishes; without ``-p`` that is one."""
    chosen = call.chosen(manifests) or ()
    if call.has("--workspace", "--all"):
        return tuple(one for one in chosen if _value(one, _shared(workspace), "publish") is not False)
    return chosen if call.packages or len(chosen) == 1 else ()


def _refusals(call: CargoCommand, package: Package, shared: dict[str, Any]) -> Iterator[tuple[str, Evidence]]:
    """Go through what cargo says before it sends anything, then what crates.io answers."""
    here = package.toml
    publish = _value(package, shared, "publish")
    if publish is False or publish == []:
        yield "`publish` forbids it", here.at("package", "publish")
        return
    if package.version is None:
        yield "it has no version", here.at("package", "name")
        return
    for one in package.dependencies:
        if one.kind != "dev" and one.version is None and (one.path is not None or one.git is not None):
            yield f"the dependency {one.key} has no version", here.source.at(one.line)
    elsewhere = isinstance(publish, list) and publish != ["crates-io"]
    if elsewhere or call.has("--dry-run", "-n") or any(call.given("--registry", "--index")):
        return  # nothing is sent, or not to crates.io
    missing = [] if _text(package, shared, "description") else ["description"]
    if not _text(package, shared, "license") and not _text(package, shared, "license-file"):
        missing.append("license")
    if missing:
        yield f"crates.io refuses it without {listed(missing)}", here.at("package", "name")


def _rewrites(scripts: Scripts, script: Script, call: CargoCommand) -> bool:
    """Tell whether a step before may write manifests anew."""
    if script.job is None or script.step is None:
        return True
    made = before(scripts, script.path, script.job, script.step, call.command)
    if made.opaque or any(word.rpartition("/")[2] == "Cargo.toml" for word in made.words):
        return True
    for step in script.job.steps[: script.step.index + 1]:
        earlier = scripts.of(script.path, script.job, step)
        text = "" if earlier is None else _OWN.sub("", earlier.text)
        if "Cargo.toml" in text or (earlier is not None and not earlier.programs.isdisjoint(_WRITERS)):
            return True
    return False


def _shared(workspace: Workspace | None) -> dict[str, Any]:
    about = workspace.toml.root.get("workspace") if workspace is not None else None
    shared = about.get("package") if isinstance(about, dict) else None
    return shared if isinstance(shared, dict) else {}


def _value(package: Package, shared: dict[str, Any], key: str) -> object:
    about = package.toml.root.get("package")
    value = about.get(key) if isinstance(about, dict) else None
    inherits = isinstance(value, dict) and value.get("workspace") is True
    return shared.get(key) if inherits else value


def _text(package: Package, shared: dict[str, Any], key: str) -> bool:
    value = _value(package, shared, key)
    return isinstance(value, str) and bool(value.strip())

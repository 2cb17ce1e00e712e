"""Builds of cargo on machines of GitHub with Ubuntu: what they compile, and what steps before may install."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.cargo_command import WITH_VALUE, CargoCommand, built, cargo_command
from tasks.domain.crate import Dependency, Manifests, Package, Workspace
from tasks.domain.lane import Lane
from tasks.domain.script import Script, Scripts
from tasks.domain.workflow import CompositeAction, Job, Step

_GITHUBS = re.compile(r"ubuntu-(?:latest|\d\d\.\d\d)(?:-arm)?")
# Actions that install no package of the system; after any other one nothing is certain.
_NO_PACKAGES = (
    "actions/", "dtolnay/rust-toolchain", "swatinem/rust-cache", "actions-rs/", "actions-rust-lang/",
    "taiki-e/install-action", "aws-actions/", "hashicorp/", "codecov/", "softprops/", "dorny/",
    "docker/login-action",
)  # fmt: skip

_LINUX = frozenset(
    {
        'cfg(target_os="linux")', "cfg(unix)", "cfg(not(windows))", 'cfg(target_family="unix")',
        'cfg(not(target_os="windows"))', 'cfg(not(target_os="macos"))', 'cfg(not(target_arch="wasm32"))',
        'cfg(not(target_family="wasm"))', 'cfg(any(target_os="linux",target_os="freebsd"))',
    }
)  # fmt: skip
"""Sections of a manifest that a build for Linux takes."""


def ubuntu_builds(scripts: Scripts, manifests: Manifests) -> Iterator[tuple[Script, CargoCommand, Workspace]]:
    """Go through the builds of jobs that certainly run on a machine of GitHub's with Ubuntu in some lane."""
    for script, command in scripts.commands("cargo"):
        job, step = script.job, script.step
        if job is None or step is None or script.never or not command.fatal or step.may_fail:
            continue
        call = cargo_command(command)
        if call is None or not call.builds or not _ubuntu_lanes(script, job, step):
            continue
        workspace = call.workspace(manifests)
        if workspace is not None:
            yield script, call, workspace


def built_targets(script: Script, call: CargoCommand) -> frozenset[tuple[str, str]]:
    """Return the targets that a call is certainly built for on Ubuntu, each behind the machine's own."""
    found: set[tuple[str, str]] = set()
    words = tuple(call.given("--target"))
    assert script.job is not None, "said by `ubuntu_builds`"
    assert script.step is not None, "said by `ubuntu_builds`"
    lanes = _ubuntu_lanes(script, script.job, script.step)
    if len(words) > 1 or (not words and not _is_literal(script.job) and _may_name_target(call)):
        return frozenset()
    for lane in lanes:
        arm = str(lane.text(script.job.runs_on[0])).endswith("-arm")
        own = f"{'aarch64' if arm else 'x86_64'}-unknown-linux-gnu"
        target = own if not words else words[0].literal or lane.text(words[0].text.strip("\"'"))
        if target and "$" not in target:
            found.add((own, target))
    return frozenset(found)


def only_on_ubuntu(script: Script) -> bool:
    """Tell whether every lane of a step's job is one on Ubuntu."""
    job, step = script.job, script.step
    return job is not None and step is not None and _ubuntu_lanes(script, job, step) == script.lanes


def _is_literal(job: Job) -> bool:
    return bool(job.runs_on) and all("${{" not in str(label) for label in job.runs_on)


def _ubuntu_lanes(script: Script, job: Job, step: Step) -> tuple[Lane, ...]:
    """Return the lanes in which a step certainly runs on GitHub's Ubuntu, and stops the job when it fails."""
    if "container" in job.root or not job.runs_on:
        return ()
    if _is_literal(job):
        return script.lanes if all(_GITHUBS.fullmatch(str(label)) for label in job.runs_on) else ()
    found: list[Lane] = []
    for lane in script.lanes:
        labels = [lane.text(str(label)) for label in job.runs_on]
        eases = [one.get("continue-on-error") for one in (job.root, step.root)]
        if (
            all(label is not None and _GITHUBS.fullmatch(label) for label in labels)
            and lane.condition(step.condition) is True
            and all(not one or lane.condition(one) is False for one in eases)
        ):
            found.append(lane)
    return tuple(found)


def _may_name_target(call: CargoCommand) -> bool:
    """Tell whether a word that only a run can tell may be an option."""
    before = ""
    for word in call.options:
        if word.literal is None and before not in WITH_VALUE:
            return True
        before = word.text
    return False


def compiled(call: CargoCommand, workspace: Workspace, manifests: Manifests) -> list[Package]:
    """Return the packages of the workspace that a call compiles for certain, with those below them."""
    by_place = {one.directory: one for one in workspace.packages}
    packages = list(built(call, manifests))
    known = {one.directory for one in packages}
    for package in packages:
        for one in package.dependencies:
            other = by_place.get(one.path) if one.path is not None and one.kind != "dev" else None
            if other is None or one.optional or other.directory in known or not on_linux(one):
                continue
            known.add(other.directory)
            packages.append(other)
    return packages


def on_linux(dependency: Dependency) -> bool:
    """Tell whether a dependency is there on every Linux: of all targets, or of some that hold for each."""
    return dependency.target is None or dependency.target.replace(" ", "").replace("'", '"') in _LINUX


def is_transparent(scripts: Scripts, script: Script, job: Job, step: Step) -> bool:
    """Tell whether everything that a step installs is spelled in it."""
    if step.action is not None:
        return step.action.name.startswith(_NO_PACKAGES)
    inner = scripts.of(script.path, job, step)
    return inner is not None and _spells_all(inner)


def is_transparent_action(scripts: Scripts, action: CompositeAction) -> bool:
    """Tell whether everything that an action of the repository installs is spelled in its file."""
    texts = [one for one in scripts if one.path == action.source.path and one.step is not None]
    others = [one.action.name for one in action.steps if one.action is not None]
    if action.using != "composite" or not all(name.startswith(_NO_PACKAGES) for name in others):
        return False
    return len(texts) + len(others) == len(action.steps) and all(_spells_all(one) for one in texts)


def _spells_all(script: Script) -> bool:
    if not script.understood:
        return False
    for command in script.commands:
        first = command.run[0].literal if command.run else None
        if command.words and first is None:
            return False
        if first in ("make", "just", "nix", "bash", "sh", "source", ".") or "/" in (first or ""):
            return False
    return True

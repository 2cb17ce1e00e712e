"""Whether the Rust toolchain of a job has the components, targets and linkers that its steps need."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.edit_command import preceded
from tasks.domain.evidence import Evidence
from tasks.domain.file_components import FileToolchain, is_minimal
from tasks.domain.finding import Remedy
from tasks.domain.installed import History, Said
from tasks.domain.lane import Lane
from tasks.domain.phase import Phase
from tasks.domain.runner_image import host, image
from tasks.domain.script import Command, Script, Scripts, Word
from tasks.domain.source import Sources
from tasks.domain.target_toolchain import installed_for_another
from tasks.domain.tree import Tree
from tasks.domain.workflow import Step, Workflow, Workflows

_COMPONENTS = {"clippy": "clippy", "fmt": "rustfmt", "miri": "miri"}
_OF_STABLE = frozenset({"clippy", "rustfmt"})
"""What the images have for stable."""
_TOOLCHAIN_ACTIONS = ("dtolnay/rust-toolchain", "actions-rust-lang/setup-rust-toolchain")
_COMPILES = frozenset({"build", "check", "test", "run", "rustc", "clippy", "bench", "doc"})
_LINKS = frozenset({"build", "test", "run", "rustc", "bench", "install"})
_FILES = ("rust-toolchain.toml", "rust-toolchain")
_OF_WASM_PACK = "wasm32-unknown-unknown"
_PREFIX = {
    "aarch64-unknown-linux-gnu": "aarch64-linux-gnu",
    "armv7-unknown-linux-gnueabihf": "arm-linux-gnueabihf",
    "arm-unknown-linux-gnueabihf": "arm-linux-gnueabihf",
    "riscv64gc-unknown-linux-gnu": "riscv64-linux-gnu",
    "powerpc64le-unknown-linux-gnu": "powerpc64le-linux-gnu",
    "s390x-unknown-linux-gnu": "s390x-linux-gnu",
}
"""Targets that the machine's own linker cannot link for, with the prefix of the one that can."""


@check(
    "rust-component-installed",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Name the component in the step that installs the toolchain", minutes=2),
)
def rust_component_installed(
    workflows: Workflows, scripts: Scripts, manifests: Manifests, tree: Tree
) -> Iterator[Answer]:
    """Every toolchain that an action or the toolchain file installs has the components that its calls need.

    They are those of cargo clippy, fmt and miri. The images have clippy and rustfmt for stable only; the
    actions install others without components.
    """
    history = History(workflows, scripts)
    for workflow in workflows if manifests.toolchain is None else ():
        yield from merged(_components(history, workflow))
    if manifests.toolchain is not None and is_minimal(manifests.toolchain):
        yield from _of_file(history, workflows, manifests, tree)


def _of_file(history: History, workflows: Workflows, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    given = FileToolchain(history=history, workflows=workflows, manifests=manifests, tree=tree)
    needed: dict[str, str] = {}
    used = ""
    places: list[Evidence] = []
    at: list[Evidence] = []
    for workflow in workflows:
        for script, call in _calls(history, workflow):
            component = _COMPONENTS.get(call.subcommand)
            lacking = None if component is None else given.lacking(component, call, script, workflow)
            if component is not None and lacking is not None:
                needed[component] = f"cargo {call.subcommand}"
                used, place = lacking
                at.append(workflow.source.at(call.command))
                places = [place]
    if needed:
        names = listed(sorted(needed))
        calls = listed([needed[one] for one in sorted(needed)])
        need = "need" if len(needed) > 1 else "needs"
        told = f"{calls} {need} {names}, which the minimal profile of {used} lacks"
        remedy = Remedy(summary=f"Name {names} in `components` of {places[0].file}", minutes=2)
        yield broken(str(places[0].file), told, *at[: MOST_PLACES - 1], *places, remedy=remedy)


def _components(history: History, workflow: Workflow) -> Iterator[Answer]:
    for script, call in _calls(history, workflow):
        component = _COMPONENTS.get(call.subcommand)
        if component is None or script.job is None:
            continue
        for lane in script.lanes:
            found = _toolchains(script, lane)
            used = call.toolchain or next(reversed(found or {}), None)
            if not found or used not in found:
                continue
            subject = f"{workflow.file}: {script.job.id}: {component} of {used}"
            if (used == "stable" and component in _OF_STABLE) or component in found[used]:
                yield holds(subject, "is installed")
                continue
            said = history.before(workflow, script, call.command)
            if not (said.opaque or "rustup" in said.text or image(workflow, script.job) is None):
                told = f"cargo {call.subcommand} needs {component}, which no step installs for {used}"
                yield broken(subject, told, workflow.source.at(call.command))


def _toolchains(script: Script, lane: Lane) -> dict[str, list[str]] | None:
    """Return the toolchains that actions install before, with their components; None when not certain."""
    found: dict[str, list[str]] = {}
    for step in script.job.steps if script.job is not None else ():
        if script.step is None or step.index >= script.step.index or step.action is None:
            continue
        if step.action.local is not None:
            return None
        if step.action.name not in _TOOLCHAIN_ACTIONS:
            continue
        runs = lane.condition(step.condition)
        name, components = _toolchain(step, lane), lane.text(str(step.inputs.text("components") or ""))
        if runs is None or name is None or components is None:
            return None
        if runs:
            found[name] = components.replace(",", " ").split()
    return found


def _toolchain(step: Step, lane: Lane) -> str | None:
    """Return the toolchain that an action installs; None when only a run can tell."""
    given = step.inputs.text("toolchain")
    name = None if given is None else lane.text(given)
    if given is None and step.action is not None:
        ref = step.action.ref or ""
        name = "stable" if step.action.name != _TOOLCHAIN_ACTIONS[0] else ref
        name = name if name[:1].isdigit() or name in ("stable", "beta", "nightly") else None
    return None if name is None or not name or " " in name or "," in name else name


_FOR_THE_SAME = Remedy(
    summary="Name the target in `targets` of the toolchain file, or run `rustup target add` after checkout",
    minutes=2,
)


@check(
    "rust-target-installed",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Install the target: `rustup target add`, or `targets:` of the toolchain", minutes=2
    ),
)
def rust_target_installed(
    workflows: Workflows, scripts: Scripts, manifests: Manifests, sources: Sources, tree: Tree
) -> Iterator[Answer]:
    """Every `--target` that a job compiles for is installed before, unless it is the machine's own.

    It is installed for the toolchain that cargo is run with.
    """
    history = History(workflows, scripts)
    for workflow in workflows:
        yield from merged(_targets(history, workflow, manifests, sources, tree))


def _targets(
    history: History, workflow: Workflow, manifests: Manifests, sources: Sources, tree: Tree
) -> Iterator[Answer]:
    pinned = manifests.toolchain.targets if manifests.toolchain is not None else ()
    for script, call in _calls(history, workflow):
        auditable = call.subcommand == "auditable" and [one.text for one in call.filters[:1]] == ["build"]
        if (
            not (call.subcommand in _COMPILES or auditable)
            or script.job is None
            or next(call.given("--target"), None) is None
        ):
            continue
        own = host(workflow, script.job)
        if own is None:
            continue
        said = history.before(workflow, script, call.command)
        for word in call.given("--target"):
            for target in word.values or ():
                if "." in target or target in (own, "host-tuple") or _builds_std(script, said):
                    continue
                subject = f"{workflow.file}: {script.job.id}: {target}"
                chosen = target in pinned or _names_target(call, target, sources)
                if said.opaque or chosen or _may_be_added(said, word, target, script):
                    other = None if chosen else installed_for_another(call, target, script, manifests, tree)
                    if other is None:
                        yield holds(subject, "may be installed")
                        continue
                    told = (
                        f"the target {target} is installed for {listed(other.installed)}, and cargo is run "
                        f"with {other.used}, which lacks it"
                    )
                    places = (workflow.source.at(word), *other.places)
                    yield broken(subject, told, *places, remedy=_FOR_THE_SAME)
                else:
                    told = f"no step before installs the target {target}"
                    place = workflow.source.at(word)
                    yield broken(
                        subject, told, place, edits=preceded(place, "cargo", f"rustup target add {target}")
                    )


def _names_target(call: CargoCommand, target: str, sources: Sources) -> bool:
    """Tell whether a toolchain file above the place of a call names a target: rustup installs it then."""
    if call.directory is None:
        return any(target in one.text for one in sources if posixpath.basename(one.path) in _FILES)
    here = call.directory
    while True:
        found = [sources.get(posixpath.join(here, name)) for name in _FILES]
        nearest = next((one for one in found if one is not None), None)
        if nearest is not None or not here:
            return nearest is not None and target in nearest.text
        here = posixpath.dirname(here)


def _builds_std(script: Script, said: Said) -> bool:
    return "build-std" in script.text or "build-std" in said.text


def _may_be_added(said: Said, word: Word, target: str, script: Script) -> bool:
    """Tell whether a target is named before, in itself or as the same expression or variable.

    wasm-pack adds the one that it builds for by itself.
    """
    if target == _OF_WASM_PACK and re.search(r"\bwasm-pack (?:build|test)\b", said.text):
        return True
    if target in said.text or (word.text.strip("\"'") != target and word.text.strip("\"'") in said.text):
        return True
    texts = [
        line
        for line in said.text.split("\n")
        if "target add" in line or "targets=" in line or "target=" in line
    ]
    for line in texts:
        filled = {lane.text(line) for lane in script.lanes}
        if None in filled or "$" in line or any(one and target in one for one in filled):
            return True
    return False


@check(
    "cross-linker-installed",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Install the target's gcc and name it as cargo's linker, or build with cross", minutes=10
    ),
)
def cross_linker_installed(workflows: Workflows, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every program that is linked for another kind of processor has a linker that can do so."""
    configured = {
        target
        for one in manifests.configs
        for target, about in one.root.get("target", {}).items()
        if "linker" in about
    }
    history = History(workflows, scripts)
    for workflow in workflows:
        yield from merged(_linkers(history, workflow, configured))


def _linkers(history: History, workflow: Workflow, configured: set[str]) -> Iterator[Answer]:
    for script, call, source in _linking(history, workflow):
        for word in call.given("--target"):
            for target in word.values or ():
                if target not in _PREFIX or target in configured or script.job is None:
                    continue
                if host(workflow, script.job) != "x86_64-unknown-linux-gnu":
                    continue
                subject = f"{workflow.file}: {script.job.id}: {target}"
                said = history.before(workflow, script, _last(script))
                if said.opaque or _has_linker(f"{said.text}\n{script.text}\n{source.text}", target):
                    yield holds(subject, "may have a linker")
                else:
                    gcc = f"{_PREFIX[target]}-gcc"
                    told = f"no step installs {gcc}: the machine's linker cannot link for {target}"
                    yield broken(
                        subject, told, source.source.at(call.command), workflow.source.at(script.line)
                    )


def _linking(history: History, workflow: Workflow) -> Iterator[tuple[Script, CargoCommand, Script]]:
    """Go through what links: the step, the call, and the text it stands in, the step's own or a script's."""
    for script, call in _calls(history, workflow):
        if call.subcommand in _LINKS:
            yield script, call, script
    for script in history.scripts(workflow):
        for command in script.commands:
            first = command.run[0].literal if command.run else None
            path = command.path(first) if first is not None and "/" in first else None
            called = history.files.get(path or "")
            asked = " ".join(word.text for word in command.arguments)
            for inner in called.running("cargo") if called is not None else ():
                build = cargo_command(inner)
                target = None if build is None else next(iter(build.given("--target")), None)
                # A script may build for many processors: only what its caller asks for by name is certain.
                if build is None or target is None or target.beginning.split("-")[0] not in asked:
                    continue
                if build.subcommand in _LINKS and called is not None:
                    yield script, build, called


def _has_linker(text: str, target: str) -> bool:
    """Tell whether a text installs or names a linker for a target, or a tool that brings its own."""
    names = (
        f"{_PREFIX[target]}-gcc",
        f"gcc-{_PREFIX[target]}",
        "crossbuild-essential",
        "linker",
        "zig",
        "LINKER",
    )
    return any(name in text for name in names)


def _last(script: Script) -> Command:
    """Return a command behind all others, so that the whole step counts as said before."""
    return Command(words=(), line=script.line + script.text.count("\n") + 1)


def _calls(history: History, workflow: Workflow) -> Iterator[tuple[Script, CargoCommand]]:
    """Go through the calls of cargo in a workflow's steps that may run; cross brings what it needs."""
    for script, command in history.commands(workflow, "cargo"):
        call = cargo_command(command)
        if call is not None:
            yield script, call

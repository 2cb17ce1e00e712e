"""Whether the Rust that workflows install can build what the manifests ask for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed, merged, of_one_cause
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.cargo_plan import root_calls
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.checkout import CHECKOUT
from tasks.domain.crate import Manifests, Package, value_place
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lane import Lane, lanes, values
from tasks.domain.phase import Phase
from tasks.domain.rust_choice import RustCall, releases
from tasks.domain.rust_release import no_release
from tasks.domain.rust_version import EDITION_SINCE, RustVersion
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.today import Today
from tasks.domain.workflow import CompositeAction, Job, Step, Workflow, Workflows

_AS_DEFAULT = "dtolnay/rust-toolchain"
_LOCK_SINCE = {3: RustVersion(1, 53), 4: RustVersion(1, 78)}
_MANIFEST = re.compile(r"(?:^|/)Cargo\.(?:toml|lock)$")
_WRITE_LOCK = frozenset({"update", "generate-lockfile", "add", "remove", "hack", "minimal-versions"})
_CHOOSES = re.compile(
    # A program of the workspace may call another cargo, and a step may change the toolchain file.
    r"cargo (?:\+(?![\w.-]+\s)|xtask\b)|RUSTUP_TOOLCHAIN|rustup override|rustup run|rust-toolchain"
)
_BY_NAME = re.compile(r"\bcargo \+([\w.-]+)")
_AS_IT_IS = re.compile(r"\bcargo (?!\+)[a-z]|'cargo' \}\} [a-z]")
_CALL_CARGO = frozenset({"release-plz/action", "tauri-apps/tauri-action"})  # which let cargo build or package
_MAKE = re.compile(r"(?:^|[;&|]|\s)make(?:[ \t]+-C[ \t]*(?P<place>[\w./-]+))?(?=\s|$)", re.MULTILINE)
_INCLUDES = re.compile(r"^include[ \t]+([^#\n]+)", re.MULTILINE)
"""Files that a Makefile cannot be without; what it may be without (``-include``) has settings."""
_NEWER = Remedy(summary="Install a Rust that is new enough, or ask for less in the manifest", minutes=10)


@check("rust-version-met", phase=Phase.FIRST_RUN, remedy=_NEWER, subject="cargo")
def rust_version_met(scripts: Scripts, workflows: Workflows, manifests: Manifests) -> Iterator[Answer]:
    """Every job builds with a Rust that its packages, their edition and the lock file allow."""
    yield from of_one_cause(merged(_versions(scripts, workflows, manifests)))


def _versions(scripts: Scripts, workflows: Workflows, manifests: Manifests) -> Iterator[Answer]:
    if manifests.broken:
        return
    for script, command in scripts.commands("cargo"):
        workflow = workflows.at(script.path)
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or script.job is None or script.step is None or workflow is None or not call.builds:
            continue
        if _is_rewritten(scripts, script, command):
            continue
        asked = RustCall(workflow=workflow, job=script.job, step=script.step, script=script, call=call)
        installed = list(releases(asked, scripts, manifests))
        packages = call.chosen(manifests) if installed else None
        if not packages or call.has("--ignore-rust-version"):
            continue
        for version, where in installed:
            subject = f"{workflow.file}: {script.job.id}: Rust {version}"
            reason = _too_old(version, packages, call, manifests)
            if reason is None:
                yield holds(subject, "is new enough")
            else:
                told, place = reason
                yield broken(subject, told, where, place, script.source.at(command))


def _is_rewritten(scripts: Scripts, script: Script, command: Command) -> bool:
    """Tell whether the job changes manifests or the lock file before, as one does for old releases."""
    assert script.job is not None, "asked of steps only"
    assert script.step is not None, "a job's script is that of a step"
    for step in script.job.steps[: script.step.index + 1]:
        earlier = scripts.of(script.path, script.job, step)
        if earlier is None:
            continue
        for one in earlier.commands if step.index < script.step.index else earlier.earlier(command):
            if any(_MANIFEST.search(word.text) for word in one.words):
                return True
            call = cargo_command(one)
            if call is not None and call.subcommand in _WRITE_LOCK:
                return True
    return False


def _too_old(
    version: RustVersion, packages: tuple[Package, ...], call: CargoCommand, manifests: Manifests
) -> tuple[str, Evidence] | None:
    for package in packages:
        asked = RustVersion.read(package.rust_version or "")
        if asked is not None and version < asked:
            told = f"Rust {version} is installed, and {package.name} asks for {asked}"
            return told, _place(package, "rust-version", manifests)
        since = EDITION_SINCE.get(package.edition)
        if since is not None and version < since:
            told = (
                f"Rust {version} is installed, and edition {package.edition} of {package.name} needs {since}"
            )
            return told, _place(package, "edition", manifests)
    workspace = call.workspace(manifests)
    path = f"{workspace.directory}/Cargo.lock".lstrip("/") if workspace else ""
    lock = manifests.locks.get(path)
    since = _LOCK_SINCE.get(lock.version or 0) if lock else None
    pinned = manifests.toolchain.channel if manifests.toolchain is not None else None
    if path == "Cargo.lock" and RustVersion.read(pinned or "") == version:
        return None  # the lock file and the toolchain file contradict each other: a check of its own
    if lock is not None and since is not None and version < since:
        told = f"Rust {version} is installed, and format {lock.version} of {path} needs {since}"
        return told, lock.file.at(lock.file.line_of("version = "))
    return None


def _place(package: Package, key: str, manifests: Manifests) -> Evidence:
    """Return where a key of a package has its value."""
    return value_place(package, key, manifests.workspace(package.directory))


@check(
    "toolchain-choice-has-effect",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Install what the toolchain file names, or choose by `cargo +TOOLCHAIN` or RUSTUP_TOOLCHAIN",
        minutes=10,
    ),
    subject="cargo",
)
def toolchain_choice_has_effect(
    workflows: Workflows, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """No job installs another Rust than the toolchain file names: cargo uses the file's."""
    pinned = manifests.toolchain
    if pinned is None or pinned.channel is None:
        return
    found: dict[tuple[str, ...], list[tuple[str, Evidence]]] = {}
    tried: dict[tuple[str, ...], bool] = {}
    for workflow in workflows:
        for job in workflow.jobs.values():
            installs = tuple(_installs(workflow, job, workflows))
            runs = _runs(job, workflows) if installs else ""
            if installs and "make" in runs:
                made = _made(runs, sources)
                if made is None:
                    continue
                runs = "\n".join((runs, *made))
            if not (_AS_IT_IS.search(runs) or (installs and _by_action(job))) or _chooses(
                workflow, job, runs
            ):
                continue
            called = _BY_NAME.findall(runs)
            for known, place in installs:
                others = tuple(
                    one
                    for one in known
                    if one and not _same(one, pinned.channel) and not any(_same(one, name) for name in called)
                )
                if others:
                    tried[others] = tried.get(others, False) or len(set(known)) > 1
                    found.setdefault(others, []).append((f"{workflow.file}: {job.id}", place))
    for others, installing in found.items():
        jobs, places = [job for job, _ in installing], list(dict.fromkeys(place for _, place in installing))
        install = "installs" if len(set(jobs)) == 1 else "install"
        told = f"{listed(jobs, 3)} {install} {listed(list(others))}, and cargo uses {pinned.channel}: "
        told += f"{pinned.file.path} names it"
        # A number, or a row of a matrix, says that somebody wanted to try just that one; a moving name alone
        # may be there by habit.
        numbered = any(RustVersion.read(one) for one in others)
        weight = Weight.WARNING if numbered or tried[others] else Weight.NOTE
        subject = f"Rust {', '.join(others)}"
        yield broken(subject, told, *places[:MOST_PLACES], pinned.file.at(pinned), weight=weight)


def _installs(
    workflow: Workflow, job: Job, workflows: Workflows
) -> Iterator[tuple[tuple[str | None, ...], Evidence]]:
    """Go through the Rusts that a job makes the default, itself or by an action of the repository."""
    for step in job.steps:
        if step.action is None:
            continue
        if step.action.name == _AS_DEFAULT:
            yield _names(step, lanes(workflow, job)), workflow.source.at(step.line)
        local = _local(step, workflows)
        for inner in local.steps if local is not None else ():
            name = inner.action.name if inner.action is not None and inner.condition is None else None
            if local is not None and name == _AS_DEFAULT:
                yield _names(inner, ()), local.source.at(inner.line)


def _names(step: Step, ways: tuple[Lane, ...]) -> tuple[str | None, ...]:
    """Return what a step installs in each way that it may run; nothing where that is not certain."""
    action = step.action
    assert action is not None, "asked of installing steps"
    written = step.inputs.text("toolchain")
    if "toolchain" in step.inputs and written is None:
        return ()
    named = written or (action.ref if not action.pinned else None)
    if named is None or ("${{" in named and not ways):
        return ()
    return (values(named, ways) or ()) if ways else (str(named),)


def _local(step: Step, workflows: Workflows) -> CompositeAction | None:
    local = step.action.local if step.action is not None else None
    return None if local is None else workflows.action(local)


def _runs(job: Job, workflows: Workflows) -> str:
    """Return the texts of all steps, with those of the repository's actions."""
    texts = [str(one.run) for one in job.steps if one.run is not None]
    texts += [local.source.text for one in job.steps if (local := _local(one, workflows)) is not None]
    return "\n".join(texts)


def _made(runs: str, sources: Sources) -> list[str] | None:
    """Return the Makefiles that the texts of a job's steps have made something of, and what they include.

    None when one includes what is not read here: its recipes may choose the toolchain.
    """
    texts: dict[str, str] = {}
    for called in _MAKE.finditer(runs):
        place = called["place"] or ""
        waiting = ["Makefile"]  # as make finds them: from where it runs
        while waiting:
            path = posixpath.normpath(posixpath.join(place, waiting.pop()))
            source = sources.get(path)
            if source is None and path != posixpath.normpath(posixpath.join(place, "Makefile")):
                return None
            if source is not None and path not in texts:
                texts[path] = source.text
                waiting += [one for line in _INCLUDES.findall(source.text) for one in line.split()]
    return list(texts.values())


def _by_action(job: Job) -> bool:
    """Tell whether an action calls cargo in a job."""
    return any(one.action is not None and one.action.name in _CALL_CARGO for one in job.steps)


def _chooses(workflow: Workflow, job: Job, runs: str) -> bool:
    """Tell whether a job may choose its Rust in another way than by the file, or build elsewhere."""
    given = (workflow.env, job.env, *(one.env for one in job.steps))
    return (
        _CHOOSES.search(runs.replace("dtolnay/rust-toolchain", "")) is not None
        or any("RUSTUP_TOOLCHAIN" in one for one in given)
        or any("path" in one.inputs for one in job.steps if one.action and one.action.name == CHECKOUT)
    )


@check("toolchain-is-released", phase=Phase.FIRST_RUN, subject="cargo")
def toolchain_is_released(
    manifests: Manifests, scripts: Scripts, workflows: Workflows, today: Today | Unseen
) -> Iterator[Answer]:
    """Every toolchain file names a channel, or a release that can be out on this day."""
    pinned = manifests.toolchain
    if pinned is None or pinned.channel is None:
        return
    why = no_release(pinned.channel, today.day if isinstance(today, Today) else None)
    if why is None:
        yield holds(pinned.file.path, f"names {pinned.channel}")
        return
    called = any(True for _ in root_calls(scripts))
    chosen = any("RUSTUP_TOOLCHAIN" in one.source.text for one in workflows)
    remedy = Remedy(
        summary=f"Name a release that exists in {pinned.file.path}: `rustup check` shows the newest",
        minutes=5,
    )
    weight = Weight.BLOCKER if called and not chosen else Weight.WARNING
    told = f"{why}; every call of cargo here asks for it"
    yield broken(pinned.file.path, told, pinned.file.at(pinned), remedy=remedy, weight=weight)


_DAY = re.compile(r"nightly-\d{4}-")


def _same(one: str, other: str) -> bool:
    first, second = RustVersion.read(one), RustVersion.read(other)
    if first is not None and second is not None:
        return first[:2] == second[:2]
    # A day of nightly is another Rust than today's.
    return one == other or one in ("master", "v1") or (other.startswith(one) and not _DAY.match(other))

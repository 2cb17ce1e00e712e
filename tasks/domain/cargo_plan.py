"""With which options the workflows of a repository call cargo: what is tried here is what runs there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.job_toolchain import formats_with, is_nightly, only_nightly, toolchain_of
from tasks.domain.lane import Lane
from tasks.domain.rust_flags import (
    RUSTFLAGS,
    doc_warnings_denied,
    given_flags,
    warnings_denied,
    without_levels,
)
from tasks.domain.script import Script, Scripts

_BUILDING = ("build", "check", "test", "clippy")
HOLDING = ("--locked", "--frozen")  # to the lock file
_TAKEN = frozenset(
    {
        *HOLDING,
        "--workspace", "--all", "--all-targets", "--all-features", "--no-default-features", "--lib", "--bins",
        "--tests", "--examples", "--benches", "--no-deps", "--document-private-items",
    }
)  # fmt: skip
_WITH_FEATURES = ("--features", "-F")


@dataclass(frozen=True, kw_only=True)
class CargoPlan:
    """The options for a build and for the tests; ``clippy`` and ``doc`` are None when no workflow calls them.

    A call with ``--`` keeps what stands behind it; for clippy that holds the lint levels of its environment
    too, which would otherwise compile every dependency anew. ``rustdoc`` are rustdoc's flags there.
    """

    build: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    clippy: tuple[str, ...] | None = None
    doc: tuple[str, ...] | None = None
    rustdoc: str = ""
    style: str | None = None  # the nightly whose rustfmt the workflows use
    nightly: Evidence | None = None  # a call that only nightly Rust is asked to run
    locked: bool = True  # some call holds to the lock file, or no workflow builds
    flags: str | None = None  # of RUSTFLAGS in every job that builds: they replace those of a configuration


@dataclass(frozen=True, kw_only=True)
class LintCall:
    """The strictest call of a lint on the whole root workspace; ``ends``: its failure ends the job."""

    place: Evidence
    options: tuple[str, ...]
    levels: tuple[str, ...] = ()  # of lints, from the environment
    ends: bool = False


def cargo_plan(scripts: Scripts, manifests: Manifests | None = None) -> CargoPlan:
    """Return the widest options that some workflow uses on the workspace at the root.

    Targets that no workflow builds are left out: a benchmark may need another toolchain. Without any call
    every package is built, with the targets that cargo takes by itself.
    """
    building = [call for _, call in root_calls(scripts) if call.subcommand in _BUILDING]
    features = ("--all-features",) if any(call.has("--all-features") for call in building) else ()
    whole = not building or any(call.has("--workspace", "--all") for call in building)
    every = ("--workspace",) if whole else ()
    targets = ("--all-targets",) if any(call.has("--all-targets") for call in building) else ()
    known = manifests or Manifests()
    clippy, doc = lint_call(scripts, known, "clippy"), lint_call(scripts, known, "doc")
    return CargoPlan(
        build=(*every, *targets, *features),
        test=(*every, *features),
        clippy=None if clippy is None else _with_levels(clippy),
        doc=None if doc is None else doc.options,
        rustdoc="" if doc is None else " ".join(doc.levels),
        style=formats_with(scripts, pinned=known.toolchain is not None),
        nightly=nightly_call(scripts),
        locked=not building or any(call.has(*HOLDING) for call in building),
        flags=_replacing(scripts, known),
    )


def _replacing(scripts: Scripts, manifests: Manifests) -> str | None:
    """Return the flags of every job that builds, where they replace those that `.cargo/config.toml` has.

    Lint levels are left out: what they make of warnings is told of the warnings of a build.
    """
    if not any("rustflags" in one.source.text for one in manifests.configs):
        return None
    found: set[str | None] = set()
    for script, call in root_calls(scripts):
        if call.subcommand in (*_BUILDING, "run"):
            for lane in root_lanes(script, call, scripts):
                given = given_flags(script, call, lane, RUSTFLAGS)
                found.add(None if given is None or given[0] is None else without_levels(given[0]))
    only = found.pop() if len(found) == 1 else None
    # A linker that the runners have may be none of this machine's.
    return None if only is None or "link" in only else only


def lint_call(scripts: Scripts, manifests: Manifests, subcommand: str) -> LintCall | None:
    """Return the call of ``clippy`` or ``doc`` on every package that lets the least pass.

    One whose failure ends its job comes first, then one that makes errors of warnings.
    """
    found: list[tuple[bool, bool, LintCall]] = []
    for script, call in root_calls(scripts):
        options = _options(call) if call.subcommand == subcommand and not call.packages else None
        if options is None:
            continue
        ends = call.command.fatal and not (script.step is not None and script.step.may_fail)
        for lane in root_lanes(script, call, scripts):
            if subcommand == "doc":
                denied = doc_warnings_denied(script, call, lane)
            else:
                denied = warnings_denied(script, call, lane, scripts, manifests)
            place = script.source.at(call.command)
            levels = denied.words if denied is not None and not denied.of_call else ()
            made = LintCall(place=place, options=options, levels=levels, ends=ends)
            found.append((not ends, denied is None, made))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _with_levels(lint: LintCall) -> tuple[str, ...]:
    if not lint.levels:
        return lint.options
    cut = lint.options.index("--") if "--" in lint.options else len(lint.options)
    return (*lint.options[:cut], "--", *lint.levels, *lint.options[cut + 1 :])


def root_calls(scripts: Scripts) -> Iterator[tuple[Script, CargoCommand]]:
    """Go through the calls of workflows on the root workspace that are made on Linux and not with nightly."""
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.toolchain is not None or call.has("--target"):
            continue
        if call.directory == "" and any(True for _ in root_lanes(script, call, scripts)):
            yield script, call


def root_lanes(script: Script, call: CargoCommand, scripts: Scripts) -> Iterator[Lane]:
    """Go through the lanes of a call that run on Linux, and not with nightly."""
    for lane in script.lanes:
        if lane.system in ("Linux", None) and not is_nightly(toolchain_of(script, call, scripts, lane)):
            yield lane


def nightly_call(scripts: Scripts) -> Evidence | None:
    """Return the first call that only nightly Rust is asked to run."""
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is not None and call.builds and only_nightly(script, call, scripts):
            return script.source.at(command)
    return None


def _options(call: CargoCommand) -> tuple[str, ...] | None:
    """Return a call's literal options that are tried here; None when one is not certain."""
    words = [word.literal for word in call.options]
    passed = [word.literal for word in call.passed]
    if None in words or None in passed:
        return None
    kept: list[str] = []
    taken = False
    for word in map(str, words):
        if taken or word in _TAKEN or word in _WITH_FEATURES or word.startswith("--features="):
            kept.append("--locked" if word in HOLDING else word)  # --frozen without its word on the network
        taken = word in _WITH_FEATURES
    return (*kept, "--", *map(str, passed)) if passed else tuple(kept)

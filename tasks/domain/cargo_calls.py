"""What workflows build and test beside the one call of each that is tried first: other features, mostly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.domain.bare_job import is_bare
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.crate import Manifests, Package, Workspace
from tasks.domain.evidence import Evidence
from tasks.domain.job_toolchain import is_nightly, toolchain_of
from tasks.domain.script import Script, Scripts
from tasks.domain.workflow import Workflows

MOST = 4  # further calls that are made of one subcommand
_TARGETS = frozenset({"--lib", "--bins", "--tests", "--examples", "--all-targets"})
_FLAGS = frozenset({"--workspace", "--all", "--no-default-features", "--all-features"}) | _TARGETS
_VALUED = frozenset({"-p", "--package", "-F", "--features", "--bin", "--test", "--example"})
_SAID_ELSEWHERE = frozenset(
    {
        "--locked", "--frozen", "--offline", "-v", "--verbose", "-vv", "-q", "--quiet", "--no-fail-fast",
        "--keep-going",
    }
)  # fmt: skip
"""Options that change nothing of what is built."""
_HOST = "x86_64-unknown-linux-gnu"
_QUIET_NAMES = ("CARGO_TERM_", "CARGO_INCREMENTAL", "CARGO_NET_", "RUST_BACKTRACE", "RUSTUP_", "GITHUB_")

_COMPILERS = re.compile(r"FLAGS|CARGO|RUST|URL|KEY|TOKEN|DIR|PATH|^CC|^CXX|LIB")
_OUTSIDE = re.compile(
    r"integration|e2e|docker|container|network|remote|registry|online|live|external|database|(?:^|[-_])db|"
    r"sql|postgres|redis|kafka|s3|aws|azure|gcp|cuda|gpu|hardware|root|sudo|slow|bench|stress"
)
"""What features are called whose tests need something that is not in the repository."""


@dataclass(frozen=True, kw_only=True)
class FurtherCall:
    """A call with other packages, features or targets than the first; ``options`` are cargo's."""

    subcommand: str
    options: tuple[str, ...]
    place: Evidence


@dataclass(frozen=True, kw_only=True)
class FurtherCalls:
    """Those that are made, and how many of them are not."""

    made: tuple[FurtherCall, ...] = ()
    untried: int = 0


@dataclass(frozen=True, kw_only=True)
class _Selection:
    built: frozenset[tuple[str, frozenset[str]]]
    targets: frozenset[str]

    def covers(self, other: _Selection) -> bool:
        """Tell whether whatever the other one builds is built here too, with the same features."""
        whole = not self.targets or "--all-targets" in self.targets or self.targets == other.targets
        return whole and self.built >= other.built


def further_calls(
    scripts: Scripts,
    manifests: Manifests,
    workflows: Workflows,
    subcommands: tuple[str, ...],
    first: tuple[str, ...],
) -> FurtherCalls:
    """Return the certain calls on the root workspace that build something else than ``first``'s options do.

    A job that installs or starts anything, or sets a variable, may give a call what this machine has not:
    its calls are left out, as those of another system and those with a profile's tests of their own.
    """
    workspace = manifests.workspace("")
    if workspace is None or workspace.directory != "" or manifests.broken:
        return FurtherCalls()
    known = [_first(workspace, first)]
    found: list[FurtherCall] = []
    for script, command in scripts.commands("cargo"):
        if script.job is None or script.step is None or script.never or script.step.may_fail:
            continue
        call = cargo_command(command)
        if call is None or call.subcommand not in subcommands or call.directory != "" or call.toolchain:
            continue
        if not command.fatal or command.conditional or command.function:
            continue
        options = _options(call, tests=call.subcommand == "test")
        selection = None if options is None else _selection(call, manifests)
        if options is None or selection is None or any(one.covers(selection) for one in known):
            continue
        if _runs_here(script, call, scripts) and is_bare(script, workflows, scripts):
            known.append(selection)
            place = script.source.at(command)
            found.append(FurtherCall(subcommand=call.subcommand, options=options, place=place))
    return FurtherCalls(made=tuple(found[:MOST]), untried=len(found[MOST:]))


def _first(workspace: Workspace, options: tuple[str, ...]) -> _Selection:
    members = workspace.packages
    if "--workspace" not in options:
        members = tuple(one for one in members if one.directory in workspace.default_members)
    return _Selection(
        built=built_of(members, frozenset({"--all-features"} & {*options})), targets=frozenset()
    )


def _selection(call: CargoCommand, manifests: Manifests) -> _Selection | None:
    packages = call.chosen(manifests)
    if not packages:
        return None
    features = {name for name, _ in call.features if name != "default"}
    features |= {flag for flag in ("--all-features", "--no-default-features") if call.has(flag)}
    if call.subcommand == "test" and may_need_more(features):
        return None
    targets = {word.text for word in call.options if word.text in _TARGETS}
    for kind in ("--bin", "--test", "--example"):
        targets |= {f"{kind} {word.text}" for word in call.given(kind)}
    return _Selection(
        built=built_of(packages, frozenset({"--all-features"} if "--all-features" in features else features)),
        targets=frozenset(targets),
    )


def built_of(
    packages: tuple[Package, ...], features: frozenset[str]
) -> frozenset[tuple[str, frozenset[str]]]:
    """Pair the packages with the features asked for; one that has no features is the same with any."""
    return frozenset(
        (one.name, features if one.all_features - {"default"} else frozenset()) for one in packages
    )


def _options(call: CargoCommand, *, tests: bool) -> tuple[str, ...] | None:
    """Return the options for a call here; None when one is not certain or means something else here."""
    if call.passed or call.filters:
        return None
    kept: list[str] = []
    words = list(call.options)
    while words:
        word = words.pop(0)
        name, given, value = word.text.partition("=")
        if name == "--target" and not tests:
            values = (value,) if given else (words.pop(0).values or ()) if words else ()
            if _HOST not in values:
                return None
        elif name in ("--release", "-r") and not tests:
            continue  # what compiles with optimization compiles without
        elif word.literal is None:
            return None
        elif name in _VALUED:
            if not given and (not words or words[0].literal is None):
                return None
            kept += [word.literal] if given else [word.literal, str(words.pop(0).literal)]
        elif word.literal in _FLAGS:
            kept.append(word.literal)
        elif word.literal not in _SAID_ELSEWHERE:
            return None
    return tuple(kept)


def _runs_here(script: Script, call: CargoCommand, scripts: Scripts) -> bool:
    return any(
        lane.system in ("Linux", None)
        and not is_nightly(toolchain_of(script, call, scripts, lane))
        and all(_is_idle(name, script, tests=call.subcommand == "test") for name in lane.env)
        for lane in script.lanes
    )


def _is_idle(name: str, script: Script, *, tests: bool) -> bool:
    """Tell whether a variable changes nothing here."""
    return name.startswith(_QUIET_NAMES) or (not tests and reads_nothing(name, script))


def reads_nothing(name: str, script: Script) -> bool:
    """Tell whether no compiler reads a variable: the job's own shell does."""
    if script.job is None or _COMPILERS.search(name):
        return False
    texts = [one.run or "" for one in script.job.steps]
    return any(f"${name}" in text or f"${{{name}" in text for text in texts)


def may_need_more(features: Iterable[str]) -> bool:
    """Tell whether a feature is called as those are whose tests need what is not in the repository."""
    return any(_OUTSIDE.search(name) for name in features)

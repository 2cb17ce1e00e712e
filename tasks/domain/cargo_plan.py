"""With which options the workflows of a repository call cargo: what is tried here is what runs there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.evidence import Evidence
from tasks.domain.job_toolchain import is_nightly, only_nightly, toolchain_of
from tasks.domain.script import Script, Scripts

_BUILDING = ("build", "check", "test", "clippy")
_TAKEN = ("--workspace", "--all", "--all-targets", "--all-features", "--no-default-features")


@dataclass(frozen=True, kw_only=True)
class CargoPlan:
    """The options for a build and for the tests; ``clippy`` and ``doc`` are None when no workflow calls them.

    A call with ``--`` keeps what stands behind it.
    """

    build: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    clippy: tuple[str, ...] | None = None
    doc: tuple[str, ...] | None = None
    nightly: Evidence | None = None  # a call that only nightly Rust is asked to run


def cargo_plan(scripts: Scripts) -> CargoPlan:
    """Return the widest options that some workflow uses on the workspace at the root.

    Targets that no workflow builds are left out: a benchmark may need another toolchain. Without any call
    every package is built, with the targets that cargo takes by itself.
    """
    calls = [call for _, call in root_calls(scripts)]
    building = [call for call in calls if call.subcommand in _BUILDING]
    if not building:
        return CargoPlan(
            build=("--workspace",),
            test=("--workspace",),
            doc=_whole(calls, "doc"),
            nightly=nightly_call(scripts),
        )
    features = ("--all-features",) if any(call.has("--all-features") for call in building) else ()
    every = ("--workspace",) if any(call.has("--workspace", "--all") for call in building) else ()
    targets = ("--all-targets",) if any(call.has("--all-targets") for call in building) else ()
    return CargoPlan(
        build=(*every, *targets, *features),
        test=(*every, *features),
        clippy=_whole(calls, "clippy"),
        doc=_whole(calls, "doc"),
        nightly=nightly_call(scripts),
    )


def root_calls(scripts: Scripts) -> Iterator[tuple[Script, CargoCommand]]:
    """Go through the calls of workflows on the root workspace that are made on Linux and not with nightly."""
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.toolchain is not None or call.has("--target"):
            continue
        here = any(
            lane.system in ("Linux", None) and not is_nightly(toolchain_of(script, call, scripts, lane))
            for lane in script.lanes
        )
        if call.directory == "" and here:
            yield script, call


def nightly_call(scripts: Scripts) -> Evidence | None:
    """Return the first call that only nightly Rust is asked to run."""
    for script, command in scripts.commands("cargo"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is not None and call.builds and only_nightly(script, call, scripts):
            return script.source.at(command)
    return None


def _whole(calls: list[CargoCommand], subcommand: str) -> tuple[str, ...] | None:
    """Return the literal options of the first whole call of a subcommand; one of a single package is none."""
    for call in calls:
        words = [word.literal for word in call.options]
        if call.subcommand != subcommand or call.packages or None in words:
            continue
        passed = [word.literal for word in call.passed]
        if None in passed:
            continue
        kept = [
            str(word) for word in words if word in _TAKEN or word in ("--no-deps", "--document-private-items")
        ]
        behind = ("--", *(str(word) for word in passed)) if passed else ()
        return (*kept, *behind)
    return None

"""Makes the further calls of workflows, each in its directory, with its flags and its variables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tasks.domain.cargo_run import (
    CargoBuild,
    CargoClippy,
    CargoDoc,
    CargoOutcome,
    CargoRun,
    CargoTest,
    Warned,
)
from tasks.domain.cargo_trial import CargoFurther, CargoTrials, Trial, Tried
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Snapshot
from tasks.domain.limit import Limit, target, toolchain
from tasks.domain.rust_flags import RUSTDOCFLAGS, RUSTFLAGS
from tasks.domain.tree import Tree
from tasks.facts.cargo import FURTHER, WORTH, run_of, warned
from tasks.systems.cargo import Cargo

Place = tuple[str | None, int | None]
_FIRST = (CargoBuild, CargoTest, CargoClippy, CargoDoc)
_LATE = Limit(what=f"the other calls took the {FURTHER:.0f} seconds that there are for all of them")
_MANY = Limit(what="there are more of its kind than are tried")


def cargo_further(
    cargo: Cargo,
    trials: CargoTrials,
    tree: Tree,
    seen: Snapshot,
    *,
    checkout: Path,
    budget: float | None = None,
) -> CargoFurther:
    """Make the calls within ``budget`` seconds, ``FURTHER`` for None.

    On a root that does not build here none is made: it would say that again.
    """
    first = [run for kind in _FIRST if isinstance(run := seen.get(kind), CargoRun)]
    builds = all(one.outcome is CargoOutcome.PASSED for one in first if isinstance(one, CargoBuild))
    warned_of = {of.place for one in first if isinstance(one, (CargoBuild, CargoTest)) for of in one.warnings}
    whole = FURTHER if budget is None else budget
    tried: list[Tried] = []
    for planned in trials.trials:
        if planned.root == "" and not builds:
            continue
        trial = replace(planned, env=tuple(_read(planned.env, tree, checkout)))
        told = frozenset((at.file, at.line) for at in warned_of) if trial.root == "" else frozenset()
        left = whole - sum(one.run.seconds for one in tried if one.run is not None)
        lacks = _LATE if left < WORTH else _lacking(cargo, trial)
        tried.append(
            Tried(trial=trial, lacks=lacks)
            if lacks
            else _tried(cargo, trial, tree, checkout, timeout=left, told=told)
        )
    tried += [Tried(trial=one, lacks=_MANY) for one in trials.left if one.root or builds]
    return CargoFurther(tried=tuple(tried), known=frozenset(_known(first)))


def _known(first: list[CargoRun]) -> set[object]:
    """Return the places and the failing tests that other checks tell of."""
    places = [place for one in first for place in one.places]
    failures = [name for one in first if isinstance(one, CargoTest) for name in one.failures]
    return {*((one.file, one.line) for one in places), *failures}


def _read(env: tuple[tuple[str, str], ...], tree: Tree, checkout: Path) -> Iterator[tuple[str, str]]:
    """Go through the variables that the compilers read, or that some file of Rust names."""
    unknown = {name for name, _ in env if name not in (RUSTFLAGS, RUSTDOCFLAGS)}
    for path in tree.paths if unknown else ():
        file = checkout / path
        if path.endswith(".rs") and file.is_file():
            text = file.read_bytes()
            unknown = {name for name in unknown if name.encode() not in text}
        if not unknown:
            break
    return (one for one in env if one[0] not in unknown)


def _lacking(cargo: Cargo, trial: Trial) -> Limit | None:
    """Return what this machine lacks for a call, as far as it can be asked before."""
    chosen = cargo.using(trial.toolchain) if trial.toolchain else cargo
    if trial.toolchain and not chosen.installed().ok:
        return toolchain(trial.toolchain)
    if trial.target and not chosen.has_target(trial.target):
        return target(trial.target, trial.toolchain)
    return None


def _tried(
    cargo: Cargo, trial: Trial, tree: Tree, checkout: Path, *, timeout: float, told: frozenset[Place]
) -> Tried:
    """Make a call; ``told`` are the places of warnings that the check of denied ones tells of."""
    chosen = (cargo.using(trial.toolchain) if trial.toolchain else cargo).at(trial.cwd)
    keep = ("--no-fail-fast",) if trial.subcommand == "test" else ()
    ended = chosen.called(trial.subcommand, *keep, *trial.arguments, timeout=timeout, env=dict(trial.env))
    run, failures = run_of(ended)
    if run.outcome is CargoOutcome.PASSED and trial.denied:
        refused = [one for one in warned(ended) if _refused(one, trial, told)]
        if refused:
            run = replace(run, outcome=CargoOutcome.FAILED, places=tuple(one.place for one in refused))
    places = tuple(_in_repository(one, trial, checkout) for one in run.places)
    own = tuple(one for one in places if one.file is not None and tree.file(one.file) is not None)
    run = replace(run, command=trial.command, places=own)
    if run.outcome is CargoOutcome.PASSED:
        return Tried(trial=trial, run=run)
    if run.outcome is CargoOutcome.TIMED_OUT:
        return Tried(trial=trial, run=run, lacks=Limit(what=f"it did not end within {timeout:.0f} seconds"))
    if failures or run.unlocked or (run.outcome is CargoOutcome.FAILED and own):
        return Tried(trial=trial, run=replace(run, outcome=CargoOutcome.FAILED), failures=failures)
    said = run.last.rpartition("\n")[2]
    return Tried(
        trial=trial, run=run, lacks=run.lacks or Limit(what=f"it names no file of the commit: {said}")
    )


def _refused(one: Warned, trial: Trial, told: frozenset[Place]) -> bool:
    at = (one.place.file, one.place.line)
    return one.lint is not None and one.lint not in trial.allowed and at not in told


def _in_repository(place: Evidence, trial: Trial, checkout: Path) -> Evidence:
    """Return a place of the compiler, which begins at the workspace, as the repository has it."""
    if place.file is None:
        return place
    file = os.path.normpath(os.path.join(checkout, trial.root, place.file))  # noqa: PTH118 - of texts
    return replace(place, file=os.path.relpath(file, checkout))

"""Whether the other calls of cargo that workflows make end well: other features, flags and directories."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.checks.cargo_runs import SHOWN
from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.cargo_run import CargoOutcome
from tasks.domain.cargo_trial import CargoFurther, Tried
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.limit import CRATES
from tasks.domain.phase import Phase

Place = tuple[str | None, int | None]


@dataclass(frozen=True, kw_only=True)
class _Fault:
    """Calls that fail at the same places."""

    calls: list[Tried] = field(default_factory=list)
    places: dict[Place, Evidence] = field(default_factory=dict)

    @property
    def keys(self) -> set[object]:
        """What another call with the same fault has too: a place, a failing test, a stale lock file."""
        return {*self.places, *(key for one in self.calls for key in _keys(one))}


@check("cargo-further-calls", phase=Phase.FIRST_RUN, subject="cargo-runs")
def cargo_further_calls(further: CargoFurther) -> Iterator[Answer]:
    """Every further call of cargo that a workflow makes ends well, with its features, flags and directory."""
    faults = _faults(further)
    for fault in faults:
        yield _told(fault)
    failed = {id(one) for fault in faults for one in fault.calls}
    for one in further.tried:
        if one.lacks is None and id(one) not in failed:
            yield holds(one.trial.command, "ends well, or at what other findings name", one.trial.place)
    untried = [one for one in further.tried if one.lacks is not None]
    if untried:
        yield _untried(untried)


def _faults(further: CargoFurther) -> list[_Fault]:
    faults: list[_Fault] = []
    for one in further.tried:
        run = one.run
        if run is None or one.lacks is not None or run.outcome is not CargoOutcome.FAILED:
            continue
        places = {(at.file, at.line): at for at in run.places if (at.file, at.line) not in further.known}
        if not places and not set(_keys(one)) - further.known:
            continue  # another check tells of it
        own = {*places, *_keys(one)}
        fault = next((known for known in faults if known.keys & own), None)
        if fault is None:
            fault = _Fault()
            faults.append(fault)
        fault.calls.append(one)
        for key, at in places.items():
            fault.places.setdefault(key, at)
    return faults


def _keys(one: Tried) -> Iterator[object]:
    yield from one.failures
    if one.run is not None and one.run.unlocked:
        yield f"{one.trial.root}/Cargo.lock"


def _told(fault: _Fault) -> Answer:
    first = fault.calls[0]
    run, trial = first.run, first.trial
    assert run is not None, "only calls that were made have failed"
    more = f", and so do {len(fault.calls) - 1} more calls" if len(fault.calls) > 1 else ""
    places = [*fault.places.values()][:SHOWN]
    calls = [one.trial.place for one in fault.calls][:MOST_PLACES]
    commands = (trial.command, "git commit --all")
    minutes = 20
    if run.unlocked:
        said = "the lock file is not that of the manifests, and --locked forbids to change it"
        lock = f"{trial.root}/Cargo.lock".lstrip("/")
        places = [Evidence(source="cargo", file=lock, excerpt=run.last or None)]
        commands, minutes = (_update(trial.root), f"git commit -m 'Lock' -- {lock}"), 5
    elif first.failures:
        named = ", ".join(first.failures[:SHOWN])
        said = f"{len(first.failures)} {'tests fail' if len(first.failures) > 1 else 'test fails'}: {named}"
    else:
        said = (places[0].excerpt or "fails").partition("\n")[0]
    return broken(
        trial.command,
        f"`{trial.command}` fails as {trial.of} calls it{more}: {said}",
        *places,
        *calls,
        remedy=Remedy(
            summary="Repeat the command, correct what it names, commit", commands=commands, minutes=minutes
        ),
    )


def _update(root: str) -> str:
    manifest = f" --manifest-path {shlex.quote(root)}/Cargo.toml" if root else ""
    return f"cargo update --workspace{manifest}"


def _obtaining(one: Tried) -> str | None:
    """Return what brings this machine what a call lacks: crates are those of its own lock file."""
    command = one.lacks.obtain if one.lacks is not None else None
    crates = command == CRATES.obtain and one.trial.root
    return f"{command} --manifest-path {shlex.quote(one.trial.root)}/Cargo.toml" if crates else command


def _untried(untried: list[Tried]) -> Answer:
    reasons: dict[str, list[Tried]] = {}
    for one in untried:
        reasons.setdefault(str(one.lacks), []).append(one)
    told = [f"{listed([f'`{one.trial.command}`' for one in each])}: {why}" for why, each in reasons.items()]
    obtain = dict.fromkeys(command for one in untried if (command := _obtaining(one)))
    return unknown(
        "further calls of cargo",
        f"what workflows call was not seen to end well or badly here: {'; '.join(told)}",
        *[one.trial.place for one in untried][:MOST_PLACES],
        weight=Weight.NOTE,
        remedy=Remedy(
            summary="Get what this machine lacks, if it should be known before the push"
            if obtain
            else "Make the calls by hand, if it should be known before the push",
            commands=tuple(obtain) or tuple(dict.fromkeys(one.trial.command for one in untried[:SHOWN])),
            owner="operator",
            minutes=5,
        ),
    )

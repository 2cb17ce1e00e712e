"""Whether the committed tree is a workspace that builds, passes its tests and is formatted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.cargo_plan import root_calls
from tasks.domain.cargo_run import (
    CargoBuild,
    CargoFormat,
    CargoMetadata,
    CargoNightly,
    CargoOutcome,
    CargoRun,
    CargoTest,
)
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.rust_syntax import RustSyntax
from tasks.domain.script import Scripts

SHOWN = 5  # places named in one finding


@check("cargo-metadata", phase=Phase.PREFLIGHT)
def cargo_metadata(run: CargoMetadata) -> Iterator[Answer]:
    """Cargo reads the committed workspace."""
    yield answer_of(run, "cargo reads the workspace", "cargo cannot read the workspace", minutes=15)


@check("cargo-fmt", phase=Phase.FIRST_RUN, weight=Weight.NOTE)
def cargo_fmt(run: CargoFormat, scripts: Scripts, syntax: RustSyntax | Unseen) -> Iterator[Answer]:
    """Every committed file is formatted as rustfmt does it; where a workflow checks that, it has to be."""
    files = {place.file for place in run.places}
    said = f"{len(files)} files are not formatted" if len(files) > 1 else "not every file is formatted"
    if run.stopped:
        said = f"{said}, and " if files else ""
        said += "rustfmt stops at a file that it cannot read"
    elif not files:
        said = "the formatting could not be checked"
    called = "cargo +nightly fmt --all" if "+nightly" in run.command.split() else "cargo fmt --all"
    remedy = Remedy(summary="Format and commit", commands=(called, "git commit --all"), minutes=2)
    asked = _format_checked(scripts)
    answer = answer_of(run, "formatted", said, remedy=remedy if files else None)
    absent = [one.place for one in syntax.absent] if isinstance(syntax, RustSyntax) and run.stopped else []
    stopping = run.unread or tuple(absent)
    if answer.verdict is Verdict.BROKEN and stopping:
        answer = replace(answer, evidence=(*stopping[:SHOWN], *run.places[:SHOWN]))
    if answer.verdict is Verdict.BROKEN and asked is not None:
        evidence = (*answer.evidence, asked)
        answer = replace(
            answer, weight=Weight.BLOCKER, evidence=evidence, message=f"{said}, and a job fails for it"
        )
    yield answer


@check("cargo-build", phase=Phase.PREFLIGHT)
def cargo_build(run: CargoBuild) -> Iterator[Answer]:
    """In a clean checkout the committed tree builds, with the options that workflows use."""
    first = (run.places[0].excerpt or "").partition("\n")[0] if run.places else ""
    yield answer_of(run, "builds", f"does not build{': ' if first else ''}{first}", minutes=30)


@check("cargo-test", phase=Phase.PREFLIGHT)
def cargo_test(run: CargoTest) -> Iterator[Answer]:
    """Every test of the committed tree passes in a clean checkout."""
    named = ", ".join(run.failures[:SHOWN])
    more = f" and {len(run.failures) - SHOWN} more" if len(run.failures) > SHOWN else ""
    said = f"{len(run.failures)} tests fail: {named}{more}" if run.failures else "the tests do not pass"
    yield answer_of(run, f"{run.passed} tests pass", said, minutes=30)


@check("cargo-nightly", phase=Phase.PREFLIGHT, weight=Weight.WARNING)
def cargo_nightly(run: CargoNightly) -> Iterator[Answer]:
    """Nightly Rust is on this machine where only it is asked to run something."""
    answer = answer_of(run, "nightly Rust is here", "nightly Rust does not start")
    if answer.verdict is not Verdict.UNKNOWN or run.asked is None:
        yield answer
        return
    told = "nightly Rust is not on this machine: what only it is asked to run has not been tried"
    yield replace(answer, message=told, evidence=(run.asked, *answer.evidence))


def _obtaining(run: CargoRun) -> Remedy:
    """Return how this machine gets what it lacks."""
    lacks = run.lacks
    if lacks is None or lacks.obtain is None:
        return Remedy(
            summary="Install what this machine lacks, if it should be known before the push",
            owner="operator",
            minutes=5,
        )
    return Remedy(
        summary="Get what this machine lacks, if it should be known before the push",
        commands=(lacks.obtain,),
        owner="operator",
        minutes=5,
    )


def _format_checked(scripts: Scripts) -> Evidence | None:
    """Return where a job fails when a file is not formatted."""
    for script, call in root_calls(scripts):
        step = script.step
        if call.subcommand != "fmt" or not call.command.fatal or (step is not None and step.may_fail):
            continue
        if call.has("--check") or any(word.text == "--check" for word in call.passed):
            return script.source.at(call.command)
    return None


def answer_of(
    run: CargoRun, fine: str, bad: str, *, minutes: int = 15, remedy: Remedy | None = None
) -> Answer:
    """Answer for a call of cargo: what it could not do on this machine is unknown and stops nothing."""
    subject = "the committed tree"
    if run.outcome is CargoOutcome.PASSED:
        return holds(subject, fine)
    evidence = run.places[:SHOWN] or (Evidence(source="cargo", excerpt=run.last or None),)
    if run.outcome is CargoOutcome.IMPOSSIBLE:
        # Only this machine lacks something: the runs on GitHub will tell, so it does not stop them.
        return unknown(
            subject,
            f"`{run.command}` could not do its work on this machine"
            + (f": {run.lacks}" if run.lacks else ""),
            Evidence(source="cargo", excerpt=run.last or None),
            remedy=_obtaining(run),
            weight=Weight.WARNING,
        )
    if run.outcome is CargoOutcome.TIMED_OUT:
        bad = f"did not end within {run.seconds / 60:.0f} minutes"
    return broken(
        subject,
        bad,
        *evidence,
        remedy=remedy
        or Remedy(
            summary="Repeat the command, correct the cause, commit",
            commands=(run.command, "git commit --all"),
            minutes=minutes,
        ),
    )

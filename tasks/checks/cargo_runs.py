"""Whether the committed tree is a workspace that builds, passes its tests and is formatted."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.cargo_run import CargoBuild, CargoFormat, CargoMetadata, CargoOutcome, CargoRun, CargoTest
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase

SHOWN = 5  # places named in one finding


@check("cargo-metadata", phase=Phase.PREFLIGHT)
def cargo_metadata(run: CargoMetadata) -> Iterator[Answer]:
    """Cargo reads the committed workspace."""
    yield _answer(run, "cargo reads the workspace", "cargo cannot read the workspace", minutes=15)


@check("cargo-fmt", phase=Phase.PREFLIGHT, weight=Weight.WARNING)
def cargo_fmt(run: CargoFormat) -> Iterator[Answer]:
    """Every committed file is formatted as rustfmt does it."""
    files = {place.file for place in run.places}
    said = f"{len(files)} files are not formatted" if len(files) > 1 else "not every file is formatted"
    remedy = Remedy(summary="Format and commit", commands=("cargo fmt --all", "git commit --all"), minutes=2)
    yield _answer(run, "formatted", said, remedy=remedy)


@check("cargo-build", phase=Phase.PREFLIGHT)
def cargo_build(run: CargoBuild) -> Iterator[Answer]:
    """Every target of the committed tree builds in a clean checkout."""
    first = (run.places[0].excerpt or "").partition("\n")[0] if run.places else ""
    yield _answer(run, "every target builds", f"does not build{': ' if first else ''}{first}", minutes=30)


@check("cargo-test", phase=Phase.PREFLIGHT)
def cargo_test(run: CargoTest) -> Iterator[Answer]:
    """Every test of the committed tree passes in a clean checkout."""
    named = ", ".join(run.failures[:SHOWN])
    more = f" and {len(run.failures) - SHOWN} more" if len(run.failures) > SHOWN else ""
    said = f"{len(run.failures)} tests fail: {named}{more}" if run.failures else "the tests do not pass"
    yield _answer(run, f"{run.passed} tests pass", said, minutes=30)


def _answer(run: CargoRun, fine: str, bad: str, *, minutes: int = 15, remedy: Remedy | None = None) -> Answer:
    subject = "the committed tree"
    if run.outcome is CargoOutcome.PASSED:
        return holds(subject, fine)
    evidence = run.places[:SHOWN] or (Evidence(source="cargo", excerpt=run.last or None),)
    if run.outcome is CargoOutcome.IMPOSSIBLE:
        # Only this machine lacks something: the runs on GitHub will tell, so it does not stop them.
        return unknown(
            subject,
            f"`{run.command}` could not do its work on this machine",
            Evidence(source="cargo", excerpt=run.last or None),
            remedy=Remedy(
                summary="Fetch what this machine lacks, if it should be known before the push",
                commands=("cargo fetch",),
                owner="operator",
                minutes=5,
            ),
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

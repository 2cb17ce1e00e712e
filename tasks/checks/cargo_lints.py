"""Whether the committed tree passes the lints that workflows hold it to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tasks.checks.cargo_runs import SHOWN, answer_of
from tasks.domain.answers import merged
from tasks.domain.cargo_command import CargoCommand
from tasks.domain.cargo_plan import LintCall, lint_call, root_calls, root_lanes
from tasks.domain.cargo_run import CargoBuild, CargoClippy, CargoDoc, CargoRun, CargoTest, Warned
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.rust_flags import warnings_denied
from tasks.domain.script import Scripts

_TESTS = frozenset({"test", "nextest", "llvm-cov"})
_COMPILES = _TESTS | {"build", "check", "run", "rustc"}
"""What meets the compiler's warnings; clippy has more of its own, and a check of its own."""

_LINT = Remedy(summary="Repeat the command, correct what it names, commit", minutes=20)


@check("cargo-clippy", phase=Phase.FIRST_RUN, remedy=_LINT, subject="cargo-runs")
def cargo_clippy(run: CargoClippy, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Clippy finds nothing that ends a job, called as the workflow calls it."""
    called = lint_call(scripts, manifests, "clippy")
    yield _called(run, called, manifests, "clippy is content", "clippy refuses the committed tree")


@check("cargo-doc", phase=Phase.FIRST_RUN, remedy=_LINT, subject="cargo-runs")
def cargo_doc(run: CargoDoc, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Where a workflow writes the documentation, it can be written."""
    called = lint_call(scripts, manifests, "doc")
    yield _called(
        run, called, manifests, "the documentation is written", "the documentation cannot be written"
    )


def _called(run: CargoRun, called: LintCall | None, manifests: Manifests, fine: str, bad: str) -> Answer:
    first = (run.places[0].excerpt or "").partition("\n")[0] if run.places else ""
    answer = answer_of(run, fine, f"{bad}{': ' if first else ''}{first}", minutes=20, manifests=manifests)
    if answer.verdict is not Verdict.BROKEN:
        return answer
    ends = called is not None and called.ends
    return broken(
        answer.subject,
        answer.message,
        *answer.evidence,
        *((called.place,) if called is not None and ends else ()),
        remedy=answer.remedy,
        weight=Weight.BLOCKER if ends else Weight.NOTE,
    )


@check(
    "cargo-warnings-denied",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Correct the warnings, or let the job pass with them",
        commands=("RUSTFLAGS='-D warnings' cargo build --all-targets",),
        minutes=15,
    ),
    subject="cargo-runs",
)
def cargo_warnings_denied(
    run: CargoBuild, tests: CargoTest | Unseen, scripts: Scripts, manifests: Manifests
) -> Iterator[Answer]:
    """Where a job turns the compiler's warnings into errors, the committed tree has none."""
    of_tests = tests.warnings if isinstance(tests, CargoTest) else ()
    yield from merged(_denied(run.warnings, of_tests, scripts, manifests))


def _denied(
    built: tuple[Warned, ...], tested: tuple[Warned, ...], scripts: Scripts, manifests: Manifests
) -> Iterator[Answer]:
    for script, call in root_calls(scripts):
        if call.subcommand not in _COMPILES or script.job is None or not call.command.fatal:
            continue
        if script.step is not None and script.step.may_fail:
            continue
        met = tested if call.subcommand in _TESTS else built
        for lane in root_lanes(script, call, scripts):
            found = warnings_denied(script, call, lane, scripts, manifests)
            if found is None:
                continue
            subject = f"{script.source.path.rpartition('/')[2]}: {script.job.id}"
            denied = [one for one in _met(met, call, manifests) if one.lint and one.lint not in found.allowed]
            if not denied:
                yield holds(subject, "there is no warning")
                continue
            first = (denied[0].place.excerpt or "").partition("\n")[0]
            told = f"the job fails for warnings, and the build has some: {first}"
            yield broken(subject, told, found.place, *(one.place for one in denied[:SHOWN]))


def _met(warned: tuple[Warned, ...], call: CargoCommand, manifests: Manifests) -> Iterator[Warned]:
    """Go through the warnings that a call meets: of the packages that it builds."""
    chosen = call.chosen(manifests) if call.packages else None
    for one in warned:
        near = _nearest(one.place.file or "", manifests)
        if chosen is None or any(package.directory == near for package in chosen):
            yield one


def _nearest(path: str, manifests: Manifests) -> str:
    """Return the directory of the manifest that a file belongs to."""
    directory = posixpath.dirname(path)
    while directory and f"{directory}/Cargo.toml" not in manifests.tomls:
        directory = posixpath.dirname(directory)
    return directory

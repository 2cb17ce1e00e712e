"""Whether the committed tree passes the lints that workflows hold it to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.checks.cargo_runs import SHOWN, answer_of
from tasks.domain.cargo_plan import root_calls
from tasks.domain.cargo_run import CargoBuild, CargoClippy, CargoDoc, CargoRun
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Verdict, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.workflow import Job, Workflow, Workflows

_DENIED = re.compile(r"(?:-D|--deny[ =]|-F|--forbid[ =])\s*warnings")
_EXPORTS_FLAGS = "actions-rust-lang/setup-rust-toolchain"
"""Exports RUSTFLAGS="-D warnings" unless its input ``rustflags`` says otherwise."""

_LINT = Remedy(summary="Repeat the command, correct what it names, commit", minutes=20)


@check("cargo-clippy", phase=Phase.FIRST_RUN, remedy=_LINT, subject="cargo-runs")
def cargo_clippy(run: CargoClippy, scripts: Scripts) -> Iterator[Answer]:
    """Clippy finds nothing that ends a job, called as the workflow calls it."""
    yield _called(run, scripts, "clippy", "clippy is content", "clippy refuses the committed tree")


@check("cargo-doc", phase=Phase.FIRST_RUN, remedy=_LINT, subject="cargo-runs")
def cargo_doc(run: CargoDoc, scripts: Scripts) -> Iterator[Answer]:
    """Where a workflow writes the documentation, it can be written."""
    yield _called(run, scripts, "doc", "the documentation is written", "the documentation cannot be written")


def _called(run: CargoRun, scripts: Scripts, subcommand: str, fine: str, bad: str) -> Answer:
    fatal = [
        script.source.at(call.command)
        for script, call in root_calls(scripts)
        if call.subcommand == subcommand
        and not call.packages
        and call.command.fatal
        and not (script.step and script.step.may_fail)
    ]
    first = (run.places[0].excerpt or "").partition("\n")[0] if run.places else ""
    answer = answer_of(run, fine, f"{bad}{': ' if first else ''}{first}", minutes=20)
    if answer.verdict is not Verdict.BROKEN:
        return answer
    return broken(
        answer.subject,
        answer.message,
        *answer.evidence,
        *fatal[:1],
        remedy=answer.remedy,
        weight=Weight.BLOCKER if fatal else Weight.NOTE,
    )


@check(
    "cargo-warnings-denied",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Correct the warnings, or let the job pass with them",
        commands=("RUSTFLAGS='-D warnings' cargo build",),
        minutes=15,
    ),
    subject="cargo-runs",
)
def cargo_warnings_denied(run: CargoBuild, workflows: Workflows) -> Iterator[Answer]:
    """Where a job turns the compiler's warnings into errors, the committed tree has none."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            place = _denies(workflow, job)
            if place is None or not any("cargo" in str(step.run) for step in job.steps):
                continue
            subject = f"{workflow.file}: {job.id}"
            if not run.warnings:
                yield holds(subject, "there is no warning")
                continue
            first = (run.warnings[0].excerpt or "").partition("\n")[0]
            told = f"the job fails for warnings, and the build has some: {first}"
            yield broken(subject, told, place, *run.warnings[:SHOWN])


def _denies(workflow: Workflow, job: Job) -> Evidence | None:
    """Return what makes errors of warnings in a job on every target that is built."""
    for env in (job.env, workflow.env):
        flags = env.text("RUSTFLAGS")
        if flags is not None:
            return workflow.source.at(flags) if _DENIED.search(flags) else None
    for step in job.steps:
        if step.action is None or step.action.name != _EXPORTS_FLAGS:
            continue
        flags = step.inputs.text("rustflags")
        if flags is None and "rustflags" not in step.inputs:
            return workflow.source.at(step.line)
        return workflow.source.at(flags) if flags is not None and _DENIED.search(flags) else None
    return None

"""Whether the time limits of jobs leave the time that a run may take."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.run_metrics import kind_of
from tasks.domain.settings import Settings
from tasks.domain.workflow import Workflows


@check(
    "timeout-is-positive",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Write the minutes that the job may take, or take the line out", minutes=2),
)
def timeout_is_positive(workflows: Workflows) -> Iterator[Answer]:
    """Every `timeout-minutes:` is more than nothing: GitHub's documents ask for a positive number."""
    for workflow in workflows:
        roots = [(str(job.id), job.root) for job in workflow.jobs.values()]
        roots += [(f"{job.id}: {step.label}", step.root) for job, step in workflow.steps()]
        for subject, root in roots:
            given = root.get("timeout-minutes")
            if isinstance(given, bool) or not isinstance(given, (int, float)):
                continue
            if given > 0:
                yield holds(f"{workflow.file}: {subject}", "is positive")
            else:
                told = f"timeout-minutes is {given}: it has to be a positive number"
                yield broken(
                    f"{workflow.file}: {subject}", told, workflow.source.at(root.line_of("timeout-minutes"))
                )


@check("timeout-fits-target", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def timeout_fits_target(workflows: Workflows, settings: Settings) -> Iterator[Answer]:
    """No job ends before the minutes that activation.toml takes for normal of its workflow."""
    for workflow in workflows:
        kind = kind_of(workflow.path)
        origin = settings.origins.get(f"thresholds.{kind}")
        target = settings.thresholds.get(kind or "")
        if kind is None or target is None or origin is None or origin.source != "file":
            continue  # nobody said what is normal
        for job in workflow.jobs.values():
            given = job.root.get("timeout-minutes")
            if isinstance(given, bool) or not isinstance(given, (int, float)) or given <= 0 or not job.steps:
                continue
            subject = f"{workflow.file}: {job.id}"
            # Of several jobs, the others may well be done sooner.
            of_it = len(workflow.jobs) == 1 or kind.partition("_")[0] in str(job.id).lower()
            if given >= target.target or not of_it:
                yield holds(subject, "leaves the time")
                continue
            told = (
                f"the job {str(job.id)!r} is ended after {given:g} min; {origin.file or 'activation.toml'}"
                f" has {target.target:g} for the target of {kind}, and {target.alert:g} for its alert"
            )
            remedy = Remedy(summary=f"Allow the job more than {target.alert:g} minutes", minutes=2)
            place = workflow.source.at(job.root.line_of("timeout-minutes"))
            yield broken(subject, told, place, remedy=remedy)

"""Whether a job that hands on or publishes what it made is seen to fail at it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import listed, merged, of_one_cause
from tasks.domain.artifact import DOWNLOAD, Transfer, may_match, uploads
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.edit_command import without
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import above
from tasks.domain.lost_failure import explained, lost, meant, tolerated
from tasks.domain.phase import Phase
from tasks.domain.publishing import published_by, publishes
from tasks.domain.script import Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows
from tasks.domain.written_file import is_surely_there

_COLLECTS = re.compile(r"always|failure|cancelled")
_GREEN = frozenset({"ignore", "warn"})


@check(
    "upload-can-fail",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    subject="workflow-masking",
    remedy=Remedy(summary="Let the run turn red when what it makes does not arrive", minutes=10),
)
def upload_can_fail(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every upload that other jobs take, and every publication, turns the run red when it fails."""
    for workflow in workflows:
        yield from merged(_steps(workflow, scripts))
        yield from of_one_cause(merged(_handed_on(workflow, scripts)))


def _steps(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    """Go through the steps that publish, and the jobs of those that may fail as a whole."""
    for job, step in workflow.steps():
        if step.condition is False or _COLLECTS.search(str(step.condition)):
            continue
        action = published_by(step)
        if action is not None:
            subject = f"{workflow.file}: {job.id}: {step.label}"
            yield _of_action(workflow, job, step, action, subject)
        if step.run is None:
            continue
        script = scripts.of(workflow.path, job, step)
        for command in script.commands if script is not None and not script.never else ():
            name = publishes(command)
            if name is None or script is None or command.substituted:
                continue
            subject = f"{workflow.file}: {job.id}: {step.label}"
            why = lost(command, script) or tolerated(workflow, job, step)
            if why is not None:
                weight = Weight.NOTE if meant(workflow, job, step) else None
                told = f"the job stays green when `{name}` fails: {why}"
                yield broken(subject, told, workflow.source.at(command), weight=weight)
            elif job.root.get("continue-on-error") is True:
                yield _of_job(workflow, job, f"`{name}`", subject)
            else:
                yield holds(subject, "can fail")


def _of_action(workflow: Workflow, job: Job, step: Step, action: str, subject: str) -> Answer:
    why = tolerated(workflow, job, step)
    if why is not None:
        told = f"the job stays green when {action} fails: {why}"
        at = workflow.source.at(step.root.line_of("continue-on-error"))
        on_purpose = meant(workflow, job, step) or explained(workflow, step.root)
        weight = Weight.NOTE if on_purpose else None
        edits = without("continue-on-error: true", at, "continue-on-error: false")
        return broken(subject, told, at, workflow.source.at(step), weight=weight, edits=edits)
    if job.root.get("continue-on-error") is True:
        return _of_job(workflow, job, action, subject)
    return holds(subject, "can fail")


def _of_job(workflow: Workflow, job: Job, what: str, subject: str) -> Answer:
    told = f"the run stays green when {what} fails: the job has continue-on-error: true"
    at = workflow.source.at(job.root.line_of("continue-on-error"))
    return broken(subject, told, at, weight=Weight.NOTE if explained(workflow, job.root) else None)


def _handed_on(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    """Go through the artifacts that later jobs of the run take, or would go on without.

    What a comment says of one upload that may be without a file holds for the others of the same choice.
    """
    left_out: list[tuple[Answer, bool]] = []
    for upload in uploads(workflow):
        if _COLLECTS.search(str(upload.step.condition)):
            continue
        taking = [job for job in workflow.jobs.values() if str(upload.job.id) in above(workflow, job)]
        by_name = [job for job in taking for step in job.steps if _takes(upload, step)]
        gathering = [job for job in taking for step in job.steps if _gathers(upload, step)]
        subject = f"{workflow.file}: {upload.job.id}: {upload.written}"
        if not by_name and not gathering:
            yield from _for_people(workflow, upload, subject)
            continue
        found = _kept_quiet(workflow, upload, by_name, gathering, subject)
        if found is None:
            found = _left_out(workflow, scripts, upload, subject, _goes_on(by_name, gathering))
            if found is not None:
                left_out.append((found, _says_why(workflow, upload.step)))
                continue
        yield found if found is not None else holds(subject, "is there, or the run is red")
    on_purpose = {one.message for one, says_why in left_out if says_why}
    for one, _ in left_out:
        yield holds(one.subject, "may be missing, as a comment says") if one.message in on_purpose else one


_WHY = re.compile(
    r"\bignore\w*|\btolerat\w*|\b(?:may|might|can) be (?:missing|empty|absent)\b", re.IGNORECASE
)
"""Words with which people say that an artifact without files is meant."""


def _says_why(workflow: Workflow, step: Step) -> bool:
    """Tell whether a comment in or right above an upload says that there may be no file."""
    last = step.inputs.line_of("if-no-files-found")
    first = step.line
    while (workflow.source.line(first - 1) or "").lstrip().startswith("#"):
        first -= 1
    lines = [workflow.source.line(one) or "" for one in range(first, last + 1)]
    said = [line.partition("#")[2] for line in lines if line.lstrip().startswith("#") or " # " in line]
    return _WHY.search(" ".join(said)) is not None


def _for_people(workflow: Workflow, upload: Transfer, subject: str) -> Iterator[Answer]:
    """Tell of an upload that may fail without a reason, though no job of the run waits for the artifact."""
    step = upload.step
    if tolerated(workflow, upload.job, step) is None:
        return
    if not (meant(workflow, upload.job, step) or explained(workflow, step.root)):
        at = workflow.source.at(step.root.line_of("continue-on-error"))
        told = "the job stays green when the artifact was not uploaded: the step has continue-on-error: true"
        edits = without("continue-on-error: true", at, "continue-on-error: false")
        yield broken(subject, told, at, weight=Weight.NOTE, edits=edits)


def _kept_quiet(
    workflow: Workflow, upload: Transfer, by_name: list[Job], gathering: list[Job], subject: str
) -> Answer | None:
    job, step = upload.job, upload.step
    goes_on = _goes_on(by_name, gathering)
    publishes_it = any(published_by(one) for other in gathering for one in other.steps)
    usual = None if publishes_it else Weight.NOTE
    if job.root.get("continue-on-error") is True:
        told = (
            f"when the job {str(job.id)!r} fails it counts as passed (continue-on-error: true), and {goes_on}"
        )
        at = workflow.source.at(job.root.line_of("continue-on-error"))
        return broken(
            subject,
            told,
            at,
            workflow.source.at(upload),
            weight=Weight.NOTE if explained(workflow, job.root) else usual,
        )
    if tolerated(workflow, job, step) is not None:
        at = workflow.source.at(step.root.line_of("continue-on-error"))
        told = f"a failed upload leaves the job green (continue-on-error: true), and {goes_on}"
        on_purpose = meant(workflow, job, step) or explained(workflow, step.root)
        weight = Weight.NOTE if on_purpose else usual
        edits = without("continue-on-error: true", at, "continue-on-error: false")
        return broken(subject, told, at, weight=weight, edits=edits)
    return None


def _left_out(
    workflow: Workflow, scripts: Scripts, upload: Transfer, subject: str, goes_on: str
) -> Answer | None:
    """Tell of an upload that is green without a file, unless what makes one ends the job where it cannot."""
    job, step = upload.job, upload.step
    setting = step.inputs.text("if-no-files-found")
    if setting not in _GREEN or any(
        is_surely_there(scripts, workflow, job, step, path) for path in upload.paths
    ):
        return None
    at = workflow.source.at(step.inputs.line_of("if-no-files-found"))
    told = f"where nothing was made the upload is green (if-no-files-found: {setting}), and {goes_on}"
    edits = without(f"if-no-files-found: {setting}", at, "if-no-files-found: error")
    return broken(subject, told, at, workflow.source.at(upload), weight=Weight.NOTE, edits=edits)


def _goes_on(by_name: list[Job], gathering: list[Job]) -> str:
    ids = {repr(str(one.id)) for one in gathering or by_name}
    others = listed([repr(str(one.id)) for one in gathering or by_name])
    if gathering:
        return f"{others} {'goes' if len(ids) == 1 else 'go'} on without it"
    return f"only {others} {'fails' if len(ids) == 1 else 'fail'}, where it is downloaded"


def _takes(upload: Transfer, step: Step) -> bool:
    """Tell whether a step fails where the artifact is missing: it asks for it by name."""
    name = step.inputs.text("name")
    of_run = step.action is not None and step.action.name == DOWNLOAD and "run-id" not in step.inputs
    if not of_run or step.may_fail or name is None or _COLLECTS.search(str(step.condition)):
        return False
    return name == upload.written or ("${{" not in name and name in upload.names)


def _gathers(upload: Transfer, step: Step) -> bool:
    """Tell whether a step takes what artifacts there are: all of them, or those that match a pattern."""
    if step.action is None or step.action.name != DOWNLOAD or "run-id" in step.inputs:
        return False
    if "name" in step.inputs or "artifact-ids" in step.inputs or "repository" in step.inputs:
        return False
    pattern = step.inputs.text("pattern")
    return pattern is None or may_match(upload.written, pattern)

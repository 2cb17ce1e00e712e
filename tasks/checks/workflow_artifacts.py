"""Whether artifacts that jobs hand to each other are made, named and awaited so that they arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.answers import MOST_PLACES, listed, merged, of_one_cause
from tasks.domain.artifact import (
    PAGES,
    Transfer,
    downloads,
    gathered,
    hidden_uploads,
    may_match,
    merges,
    pages,
    uploads,
)
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.edit_command import Edit, corrected, respelled
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_order import above, runs_for_sure
from tasks.domain.key_edit import needing
from tasks.domain.phase import Phase
from tasks.domain.product import Place, why_missing
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.source import Sources
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflow, Workflows
from tasks.domain.workflow_phase import stopped

_FIRST_WITH_UNIQUE_NAMES = 4  # since v4 an artifact cannot be added to
_FEW = 2  # mistakes of one kind in a file that are told of one by one
_REFUSED = '":<>|*?\r\n\\/'


@check(
    "artifact-is-uploaded",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Upload the artifact under that name in a job that this one needs, or correct the name",
        minutes=10,
    ),
)
def artifact_is_uploaded(workflows: Workflows) -> Iterator[Answer]:
    """Every artifact that a job downloads was uploaded in the same run by a job that it waits for."""
    for workflow in workflows:
        yield from merged((*_arrivals(workflows, workflow), *_matches(workflows, workflow)))


def _arrivals(workflows: Workflows, workflow: Workflow) -> Iterator[Answer]:
    there = [*uploads(workflow), *merges(workflow), *pages(workflow)]
    for wanted in downloads(workflow):
        if _waits(wanted) or any(str(need) not in workflow.jobs for need in wanted.job.needs):
            continue  # which job is needed there only ``workflow-needs-exist`` can ask
        for name in dict.fromkeys(wanted.names):
            if name is None:
                continue
            subject = f"{workflow.file}: {name}"
            ended = above(workflow, wanted.job)
            weight = Weight.WARNING if wanted.step.may_fail else None
            made = [one for one in there if one.may_be_called(name)]
            if any(_before(one, wanted, set(ended)) for one in made):
                yield holds(subject, "is uploaded before")
            elif _may_come_from_elsewhere(workflows, workflow, wanted, name):
                yield holds(subject, "may come from elsewhere")
            elif certain := [one for one in made if name in one.names]:
                told = _too_early(certain[0], wanted, name)
                found = workflow.source.at(wanted), workflow.source.at(certain[0])
                above_it = str(certain[0].job.id)
                edits = needing(workflow, wanted.job, above_it) if len(certain) == 1 else ()
                remedy = Remedy(summary=f"Let the job {wanted.job.id} need {above_it}", minutes=2)
                yield broken(
                    subject, told, *found, weight=weight, remedy=remedy if edits else None, edits=edits
                )
            elif not made:
                others = ", ".join(sorted({repr(one.written) for one in there})) or "none"
                told = f"no job of this workflow uploads an artifact {name!r} (uploaded: {others})"
                place = workflow.source.at(wanted)
                known = {each for one in there for each in one.names if each is not None}
                edits = respelled(name, known, place, after=("name: ",))
                yield broken(subject, told, place, weight=weight, edits=edits)


def _matches(workflows: Workflows, workflow: Workflow) -> Iterator[Answer]:
    """Go through the patterns, and the names that only a run can tell: what is fixed of them has to agree."""
    there = [*uploads(workflow), *merges(workflow), *pages(workflow)]
    unknown = [one for one in downloads(workflow) if None in one.names]
    for wanted in (*gathered(workflow), *unknown):
        key = "name" if "name" in wanted.step.inputs else "pattern"
        pattern = str(wanted.step.inputs.text(key))
        subject = f"{workflow.file}: {' '.join(pattern.split())}"
        fixed = [filled for lane in wanted.lanes if (filled := lane.text(pattern)) is not None] or [pattern]
        if any(may_match(one.written, each) for one in there for each in (*fixed, pattern)):
            yield holds(subject, "may be uploaded before")
        elif not _may_come_from_elsewhere(workflows, workflow, wanted, pattern):
            others = ", ".join(sorted({repr(one.written) for one in there})) or "none"
            told = f"no job of this workflow uploads an artifact like {pattern!r} (uploaded: {others})"
            # A pattern that nothing matches ends nothing: only what is done with the files fails.
            weight = Weight.WARNING if key == "pattern" or wanted.step.may_fail else None
            yield broken(subject, told, workflow.source.at(wanted.step.inputs.line_of(key)), weight=weight)


def _too_early(upload: Transfer, download: Transfer, name: str) -> str:
    job = download.job.id
    if upload.job is download.job:
        return (
            f"the job {job!r} downloads {name!r} before it uploads it: "
            "only another run has it, and that needs `run-id`"
        )
    return f"the job {job!r} downloads {name!r} without waiting for {upload.job.id!r}, which uploads it"


def _before(upload: Transfer, download: Transfer, ended: set[str]) -> bool:
    if upload.job is download.job:
        return upload.step.index < download.step.index
    return str(upload.job.id) in ended


def _waits(download: Transfer) -> bool:
    """Tell whether the job itself waits until others are done: with an action for it, or by asking GitHub."""
    for one in download.job.steps[: download.step.index]:
        if one.action is not None and "wait" in one.action.name.lower():
            return True
        if one.run is not None and re.search(r"\bgh (?:api|run)\b|api\.github\.com", one.run):
            return True
    return False


def _may_come_from_elsewhere(workflows: Workflows, workflow: Workflow, wanted: Transfer, name: str) -> bool:
    """Tell whether a caller, a called workflow or an action of others may have uploaded it."""
    if "workflow_call" in workflow.events:
        return True
    for job in (wanted.job, *above(workflow, wanted.job).values()):
        hidden = hidden_uploads(workflows, job)
        if hidden is None or any("${{" in one or may_match(one, name) for one in hidden):
            return True
    return False


@check(
    "artifact-versions-agree",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Use one major version, 4 or later, of both actions", minutes=5),
)
def artifact_versions_agree(workflows: Workflows, settings: Settings | Unseen) -> Iterator[Answer]:
    """No artifact is uploaded by version 3 of the action and downloaded by 4 or later, or the reverse."""
    chosen = settings if isinstance(settings, Settings) else None
    for workflow in workflows:
        yield from merged(_versions(workflow, chosen))


def _versions(workflow: Workflow, settings: Settings | None) -> Iterator[Answer]:
    there = list(uploads(workflow))
    for wanted in downloads(workflow):
        made = [one for one in there if one.written == wanted.written and one.job is not wanted.job]
        for one in made:
            if one.major is None or wanted.major is None:
                continue
            subject = f"{workflow.file}: {wanted.written}"
            if (one.major < _FIRST_WITH_UNIQUE_NAMES) == (wanted.major < _FIRST_WITH_UNIQUE_NAMES):
                yield holds(subject, "the versions agree")
            else:
                told = f"{wanted.version} cannot download what {one.version} uploaded"
                places = [workflow.source.at(each.step.action) for each in (wanted, one)]
                phase, weight = stopped(workflow, settings)
                yield broken(subject, told, *places, phase=phase, weight=weight)


@check(
    "artifact-name-unique",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Put the matrix values or the job's id into the artifact's name, or set overwrite: true",
        minutes=5,
    ),
)
def artifact_name_unique(workflows: Workflows) -> Iterator[Answer]:
    """No two jobs of a run upload an artifact of one name: the second upload is refused."""
    for workflow in workflows:
        yield from _twice(workflow)


def _twice(workflow: Workflow) -> Iterator[Answer]:
    # What a person chose when starting the run is the same in all jobs: only such lanes meet.
    found: dict[tuple[str, tuple[tuple[str, str], ...]], list[Transfer]] = {}
    for one in uploads(workflow):
        if one.step.inputs.get("overwrite") is True or (one.major or 9) < _FIRST_WITH_UNIQUE_NAMES:
            continue
        for lane, name in zip(one.lanes, one.names, strict=True):
            if name is not None and runs_for_sure(lane, one.job, one.step):
                found.setdefault((name, tuple(sorted(lane.inputs.items()))), []).append(one)
    told: set[tuple[int, ...]] = set()
    answers: list[tuple[str, Answer]] = []
    for (name, _), made in found.items():
        lines = tuple(dict.fromkeys(one.line for one in made))
        # The names of all lanes that two steps share have one cause.
        if len(made) == 1 or lines in told:
            continue
        told.add(lines)
        jobs = sorted({str(one.job.id) for one in made})
        who = f"the jobs {', '.join(jobs)}" if len(jobs) > 1 else f"{len(made)} lanes of the job {jobs[0]!r}"
        message = f"{who} upload an artifact {name!r}; only the first upload of a name succeeds"
        weight = Weight.WARNING if any(_may_find_nothing(one) for one in made) else None
        places = (workflow.source.at(line) for line in lines)
        answers.append((name, broken(f"{workflow.file}: {name}", message, *places, weight=weight)))
    if len(answers) <= _FEW or len({one.weight for _, one in answers}) > 1:
        yield from (one for _, one in answers)
    else:
        names = [name for name, _ in answers]
        message = f"each uploaded twice, where only the first upload of a name succeeds: {listed(names)}"
        places = (place for _, one in answers for place in one.evidence)
        yield replace(answers[0][1], message=message, evidence=tuple(places)[:MOST_PLACES])
    if not told and found:
        yield holds(workflow.file, "every artifact has a name of its own")


def _may_find_nothing(upload: Transfer) -> bool:
    """Tell whether an upload may fail, or collects what there is after any ending: nothing is no failure."""
    return (
        upload.step.may_fail or re.search(r"always|failure|cancelled", str(upload.step.condition)) is not None
    )


@check(
    "artifact-name-valid",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Leave out the characters that artifact names cannot have", minutes=5),
)
def artifact_name_valid(workflows: Workflows) -> Iterator[Answer]:
    """No artifact's name has a character that the upload refuses, such as a slash, a colon or a quote."""
    for workflow in workflows:
        for one in uploads(workflow):
            names = [name for name in one.names if name is not None]
            wrong = [name for name in names if set(name) & set(_REFUSED)]
            subject = f"{workflow.file}: {one.written}"
            if wrong:
                marks = " ".join(sorted(set(wrong[0]) & set(_REFUSED)))
                told = f"the name {wrong[0]!r} has a character that artifact names cannot have: {marks}"
                yield broken(subject, told, workflow.source.at(one))
            elif names:
                yield holds(subject, "is a name for an artifact")


@check(
    "artifact-path-produced",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Upload what the job makes, or make it before", minutes=10),
)
def artifact_path_produced(
    workflows: Workflows, scripts: Scripts, tree: Tree, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """Every path that a job uploads is in the repository or can have been made by a step before."""
    yield from of_one_cause(_paths(workflows, scripts, tree, manifests, sources))


def _renamed(why: str, place: Evidence, manifests: Manifests) -> tuple[Edit, ...]:
    """Return the edit that names the directory or program of which the path has a slip."""
    slip = re.fullmatch(r"(\S+) is nowhere made; is (\S+) meant\?", why)
    if slip is not None:
        return corrected(slip[1], slip[2], place)
    program = re.match(r"no package builds a program '([^']+)'", why)
    known = {name for package in manifests for name in package.binaries}
    return () if program is None else respelled(program[1], known, place)


def _paths(
    workflows: Workflows, scripts: Scripts, tree: Tree, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    for workflow in workflows:
        awaited = {name for one in downloads(workflow) for name in (*one.names, one.written) if name}
        for one in (*uploads(workflow), *pages(workflow)):
            place = Place(
                workflow=workflow,
                job=one.job,
                step=one.step,
                lanes=one.lanes,
                scripts=scripts,
                tree=tree,
                manifests=manifests,
                sources=sources,
            )
            fatal = one.step.inputs.text("if-no-files-found") == "error"
            fatal = fatal or one.step.action is None or one.step.action.name == PAGES
            fatal = fatal or bool({one.written, *one.names} & awaited)
            for path in one.paths:
                answer = why_missing(str(path), place)
                subject = f"{workflow.file}: {one.job.id}: {path}"
                if answer is None:
                    yield holds(subject, "can be there")
                else:
                    # An upload goes on without one of several paths.
                    weight = Weight.BLOCKER if fatal else Weight.WARNING
                    weight = weight if len(one.paths) == 1 else Weight.NOTE
                    at = workflow.source.at(path)
                    yield broken(subject, answer, at, weight=weight, edits=_renamed(answer, at, manifests))

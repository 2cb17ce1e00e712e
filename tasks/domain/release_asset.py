"""Files that steps upload into releases, and what happens where a release has one of that name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.artifact import path_lines
from tasks.domain.job_order import step_lanes
from tasks.domain.lane import Lane
from tasks.domain.script import Command
from tasks.domain.workflow import Job, Step, Workflow

REPLACES, LEFT_OUT, REFUSED = "replaces the one before", "is left out", "is refused"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One path that a step uploads into a release; ``fatal`` when a file that is missing ends the step.

    ``then`` is what happens where the release has an asset of that name: REPLACES, LEFT_OUT or REFUSED.
    """

    job: Job
    step: Step
    written: str
    line: int
    lanes: tuple[Lane, ...]
    fatal: bool
    then: str
    command: Command | None = None
    tag: str = ""  # as written; empty for the tag that the run is for
    named: str | None = None  # as written, where the asset is not called like the file


def uploads_by_action(workflow: Workflow) -> Iterator[Asset]:
    """Go through what svenstaro/upload-release-action and ncipollo/release-action upload for sure.

    The first uploads one file under a name of its own, and is refused where that is there unless it has
    ``overwrite``. The second replaces assets of a release that it may update.
    """
    if not any(name in workflow.source.text for name in (_ONE_FILE, _RELEASE)):
        return
    for job, step in workflow.steps():
        if step.action is None:
            continue
        if step.action.name == _ONE_FILE:
            yield from _one_file(workflow, job, step)
        elif step.action.name == _RELEASE:
            yield from _of_release(workflow, job, step)


_ONE_FILE, _RELEASE = "svenstaro/upload-release-action", "ncipollo/release-action"


def _one_file(workflow: Workflow, job: Job, step: Step) -> Iterator[Asset]:
    given = step.inputs
    file, lanes = given.text("file"), step_lanes(workflow, job, step)
    overwrite = _switch(step, "overwrite")
    if file is None or not lanes or overwrite is None or "repo_name" in given or "release_id" in given:
        return
    if _switch(step, "file_glob") is not False or _switch(step, "check_duplicates", default=True) is not True:
        return
    yield Asset(
        job=job,
        step=step,
        written=str(file).strip(),
        line=file.line,
        lanes=lanes,
        fatal=True,
        then=REPLACES if overwrite else REFUSED,
        tag=str(given.text("tag") or ""),
        named=given.text("asset_name") or None,
    )


def _of_release(workflow: Workflow, job: Job, step: Step) -> Iterator[Asset]:
    given = step.inputs
    written, lanes = given.text("artifacts"), step_lanes(workflow, job, step)
    replaces = _switch(step, "replacesArtifacts", default=True)
    if _switch(step, "allowUpdates") is not True or replaces is None or "repo" in given or "owner" in given:
        return  # a second release of one tag is refused as a whole
    for path in path_lines(written) if lanes else ():
        for one in path.split(","):
            yield Asset(
                job=job,
                step=step,
                written=one.strip(),
                line=path.line,
                lanes=lanes,
                fatal=False,
                then=REPLACES if replaces else LEFT_OUT,
                tag=str(given.text("tag") or ""),
            )


def _switch(step: Step, name: str, *, default: bool = False) -> bool | None:
    """Return what an input switches; None when only a run can tell."""
    value = step.inputs.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).strip())

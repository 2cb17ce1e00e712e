"""Whether what an image build caches is what cargo writes, and is there for the next build of that image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Manifests
from tasks.domain.dockerfile import Dockerfile, Stage, is_dockerfile, read_dockerfile
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ACTION
from tasks.domain.job_order import step_lanes
from tasks.domain.lane import Lane
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_MOUNT = re.compile(r"--mount=(?P<given>\S*type=cache\S*)")
_TARGET = re.compile(r"(?:^|,)(?:target|dst|destination)=(?P<path>/[\w./-]+?/target)/?(?:,|$)")
_BUILDS = re.compile(
    r"\bcargo(?:[ \t]+\+\S+)?[ \t]+(?:build|b|test|run|chef[ \t]+cook|install\b[^&|;]*[ \t]--path)\b"
)
_ELSEWHERE = re.compile(
    r"TARGET_DIR|--target-dir|\bln[ \t]+-|\bcd\b|--manifest-path|\bpushd\b|--directory|\s-C\s"
)
"""What moves cargo, or the directory in which it leaves what it compiles."""


@check(
    "docker-cache-used",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="docker-files",
    remedy=Remedy(summary="Mount the cache where cargo writes: `target` below the WORKDIR", minutes=5),
)
def docker_cache_used(sources: Sources, manifests: Manifests) -> Iterator[Answer]:
    """Every cache that a Dockerfile mounts for a `target` directory lies where its cargo compiles."""
    if any("build" in one.root for one in manifests.configs):
        return  # it may name another directory
    yield from merged(answer for file in _files(sources) for answer in _unused(file))


def _files(sources: Sources) -> Iterator[Dockerfile]:
    for source in sources.saying("type=cache"):
        file = read_dockerfile(source) if is_dockerfile(source.path) else None
        if file is not None and not _ELSEWHERE.search(_without_comments(source.text)):
            yield file


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))


def _unused(file: Dockerfile) -> Iterator[Answer]:
    for stage in file.stages:
        for run in stage.all("RUN"):
            place = _place(file, stage, run.line) if _BUILDS.search(run.rest) else None
            for mount in _MOUNT.finditer(run.rest) if place is not None else ():
                found = _TARGET.search(mount["given"])
                if found is None or _is_near(posixpath.dirname(found["path"]), str(place)):
                    continue
                if run.rest.count(found["path"]) > 1:
                    continue  # the command takes something from there
                told = (
                    f"caches {found['path']}, and cargo compiles into {posixpath.join(str(place), 'target')}"
                )
                line = file.source.line_of(found["path"], run.line - 1) or run.line
                yield broken(found["path"], told, file.source.at(line))


def _is_near(above: str, place: str) -> bool:
    """Tell whether a directory is where cargo runs, or above or below it: there may be its workspace."""
    return f"{place}/".startswith(f"{above.rstrip('/')}/") or f"{above}/".startswith(f"{place.rstrip('/')}/")


def _place(file: Dockerfile, stage: Stage, line: int) -> str | None:
    """Return the WORKDIR at a line; None when the base image chooses it, or an argument does."""
    place: str | None = None
    for one in reversed(file.chain(stage)):
        for step in one.all("WORKDIR"):
            if one is stage and step.line > line:
                break
            written = step.rest.strip().strip("\"'")
            if "$" in written:
                place = None
            elif written.startswith("/"):
                place = posixpath.normpath(written)
            else:
                place = None if place is None else posixpath.normpath(posixpath.join(place, written))
    return place


_MAKES = ("platforms", "context", "file", "target", "build-args")
"""The inputs by which two builds are builds of different images."""


@check(
    "docker-cache-per-image",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="docker-files",
    remedy=Remedy(
        summary="Give `cache-from` and `cache-to` a scope for each lane: `type=gha,scope=${{ matrix.NAME }}`",
        minutes=5,
    ),
)
def docker_cache_per_image(workflows: Workflows) -> Iterator[Answer]:
    """No lanes that build different images write one cache of GitHub's: the last of them leaves its own."""
    yield from of_one_cause(
        answer
        for workflow in workflows
        if "type=gha" in workflow.source.text and "matrix" in workflow.source.text
        for job, step in workflow.steps()
        if step.action is not None and step.action.name == ACTION
        for answer in _overwritten(workflow, job, step)
    )


def _overwritten(workflow: Workflow, job: Job, step: Step) -> Iterator[Answer]:
    """Tell of a step whose lanes write the scope that buildx takes where none is given."""
    to, taken = step.inputs.text("cache-to"), step.inputs.text("cache-from")
    if to is None or taken is None or "type=gha" not in to or "type=gha" not in taken:
        return
    lanes = [
        lane
        for lane in step_lanes(workflow, job, step)
        if (written := lane.text(to)) is not None and "type=gha" in written and "scope=" not in written
    ]
    made = {_made(job, step, lane) for lane in lanes}
    if len(made) > 1:
        told = "lanes that build different images write one cache, which each of them replaces: the next run "
        told += "finds that of the last only"
        yield broken(f"{workflow.file}: {job.id}", told, workflow.source.at(to))


def _made(job: Job, step: Step, lane: Lane) -> tuple[str | None, ...]:
    """Return what tells the image of a lane from others; None for what only a run can tell, of each lane."""
    given = [step.inputs.text(name) for name in _MAKES]
    machines = [lane.text(one) for one in job.runs_on]
    arm = None if None in machines else str(any("arm" in (one or "") for one in machines))
    return (arm, *("" if one is None else lane.text(one) for one in given))

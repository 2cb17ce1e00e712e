"""The images that workflows build: from which Dockerfile, with which arguments, under which names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.artifact import path_lines
from tasks.domain.job_order import step_lanes
from tasks.domain.located import Text
from tasks.domain.script import Command, Scripts, Word, inside
from tasks.domain.workflow import Job, Step, Workflow

ACTION = "docker/build-push-action"
_TAKES_NONE = frozenset({"--push", "--load", "--no-cache", "--pull", "-q", "--quiet", "--rm", "--force-rm"})


@dataclass(frozen=True, kw_only=True)
class ImageBuild:
    """One build; ``file`` is the Dockerfile's path in the repository, ``fatal`` when a failure ends the job.

    ``arguments`` are the names that are given with their lines, None when only a run can tell them.
    """

    workflow: Workflow = field(repr=False)
    job: Job
    step: Step
    file: str
    context: str
    line: int
    fatal: bool
    arguments: tuple[tuple[str, int], ...] | None = ()


def image_builds(workflow: Workflow, scripts: Scripts) -> Iterator[ImageBuild]:
    """Go through the builds of images whose Dockerfile is certain."""
    for job, step in workflow.steps():
        if step.action is not None and step.action.name == ACTION:
            yield from _by_action(workflow, job, step)
        script = scripts.of(workflow.path, job, step)
        for command in script.running("docker", "podman") if script is not None and not script.never else ():
            found = _by_command(workflow, job, step, command)
            if found is not None:
                yield found


def _by_action(workflow: Workflow, job: Job, step: Step) -> Iterator[ImageBuild]:
    context, file = step.inputs.text("context"), step.inputs.text("file")
    lanes = step_lanes(workflow, job, step)
    places = {
        (_filled(lane.text(context)) if context is not None else "", lane.text(file) if file else None)
        for lane in lanes
    }
    known = [
        (place, path) for place, name in places if place is not None and (path := _path(place, name, file))
    ]
    # What is given to many is no mistake as long as one of them takes it: all of them have to be known.
    given = _given(step.inputs.text("build-args")) if len(known) == len(places) else None
    for place, path in sorted(known):
        yield ImageBuild(
            workflow=workflow,
            job=job,
            step=step,
            file=path,
            context=place,
            line=(file or context or step.action or step).line,
            fatal=not step.may_fail,
            arguments=given,
        )


def _path(context: str, name: str | None, file: Text | None) -> str | None:
    """Return the path of the Dockerfile; None when only a run can tell it."""
    if file is None:
        return posixpath.join(context, "Dockerfile")
    path = inside(name, "") if name is not None else None
    return None if path is None or "{{" in path else path


def _filled(value: str | None) -> str | None:
    return None if value is None or "{{" in value or "://" in value else inside(value, "")


def _given(written: Text | None) -> tuple[tuple[str, int], ...] | None:
    lines = path_lines(written)
    if any("${{" in one.partition("=")[0] for one in lines):
        return None
    return tuple((one.partition("=")[0].strip(" \"'"), one.line) for one in lines if "=" in one)


def _by_command(workflow: Workflow, job: Job, step: Step, command: Command) -> ImageBuild | None:
    found = of_command(command)
    if found is None:
        return None
    given = list(command.options("--build-arg"))
    names = tuple((word.beginning.strip("\"'").partition("=")[0], word.line) for word in given)
    return ImageBuild(
        workflow=workflow,
        job=job,
        step=step,
        file=found[0],
        context=found[1],
        line=command.line,
        fatal=command.fatal and not command.conditional and not step.may_fail,
        arguments=names if all(name for name, _ in names) else None,
    )


def of_command(command: Command) -> tuple[str, str] | None:
    """Return Dockerfile and context of a call of ``docker build``; None when one of them is not certain."""
    words = [word for word in command.arguments if word.text not in ("buildx", "image")]
    if not words or words[0].text != "build":
        return None
    free = list(_free(words[1:]))
    context = command.path(free[0].literal) if len(free) == 1 and free[0].literal is not None else None
    file = command.option("-f", "--file")
    path = command.path(file.literal) if file is not None and file.literal not in (None, "-") else None
    if file is None and context is not None:
        path = posixpath.join(context, "Dockerfile")
    if context is None or path is None or "://" in (free[0].literal or ""):
        return None
    return path, context


def _free(words: list[Word]) -> Iterator[Word]:
    """Go through the words of ``docker build`` that are neither options nor their values."""
    value = False
    for word in words:
        if value:
            value = False
        elif word.text.startswith("-"):
            value = "=" not in word.text and word.text not in _TAKES_NONE
        else:
            yield word

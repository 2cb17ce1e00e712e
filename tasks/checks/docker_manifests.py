"""Whether the images that are put together into one for several platforms are images, and no lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ACTION
from tasks.domain.job_order import above
from tasks.domain.phase import Phase
from tasks.domain.runner_image import is_hosted
from tasks.domain.script import Command, Script, Scripts
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_MAY_DIFFER = re.compile(
    r"--provenance|--attest|provenance:\s|BUILDX_NO_DEFAULT|DOCKER_BUILDKIT|setup-docker-action|daemon\.json|"
    r"containerd|docker (?:image )?load|skopeo|kaniko|buildah|podman|crane"
)
"""What may make images without provenance, or other images than those that the steps build."""
_BRINGS_NONE = re.compile(r"[01](?:\.\d+)*$|v[0-3](?:\.[\d.]+)?$")


@check(
    "docker-manifest-of-images",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    subject="docker",
    remedy=Remedy(
        summary="Put the images together with `docker buildx imagetools create -t NAME IMAGES` "
        "(it pushes), or build them with `--provenance=false`",
        minutes=10,
    ),
)
def docker_manifest_of_images(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No `docker manifest create` is given what was pushed with its provenance: that is a list already."""
    for workflow in workflows:
        text = workflow.source.text
        if "manifest create" in text and not _MAY_DIFFER.search(text):
            yield from merged(_created(workflow, scripts))


def _created(workflow: Workflow, scripts: Scripts) -> Iterator[Answer]:
    for script in scripts:
        job = script.job
        if script.path != workflow.path or job is None or script.never or not is_hosted(workflow, job):
            continue
        for command in script.running("docker"):
            if command.literals[:2] != ("manifest", "create") or not command.fatal or command.conditional:
                continue
            built = _built(workflow, job, scripts)
            if built:
                told = (
                    "the images are built with their provenance, as Docker 29 of GitHub's machines does by "
                    "itself: each is pushed as a list, and the command ends with `is a manifest list`"
                )
                yield broken(workflow.file, told, script.source.at(command), *built)


def _built(workflow: Workflow, job: Job, scripts: Scripts) -> list[Evidence]:
    """Return where the job and those that it waits for build what they push; nothing when one may differ."""
    found: list[Evidence] = []
    for one in (*above(workflow, job).values(), job):
        builder = any(step.action and step.action.name == "docker/setup-buildx-action" for step in one.steps)
        for step in one.steps:
            made = _of_step(workflow, one, step, scripts, builder=builder)
            if made is None:
                return []
            found += made
    return found


def _of_step(
    workflow: Workflow, job: Job, step: Step, scripts: Scripts, *, builder: bool
) -> list[Evidence] | None:
    if step.action is not None and step.action.name == ACTION:
        old = not step.action.pinned and _BRINGS_NONE.match(step.action.ref or "")
        pushed = str(step.inputs.get("push", "")).lower() == "true"
        certain = pushed and not old and is_hosted(workflow, job)
        return [workflow.source.at(step.line)] if certain else None
    script = scripts.of(workflow.path, job, step)
    if script is None:
        return []
    builds = [one for one in script.running("docker") if _is_build(one)]
    for command in builds:
        pushed = command.has("--push") or (not builder and _pushes(job, workflow, scripts))
        if not is_hosted(workflow, job) or not pushed or command.has("--output", "-o"):
            return None
    return [script.source.at(one) for one in builds]


def _is_build(command: Command) -> bool:
    return next((one for one in command.literals if one not in ("buildx", "image")), None) == "build"


def _pushes(job: Job, workflow: Workflow, scripts: Scripts) -> bool:
    def of(step: Step) -> Script | None:
        return scripts.of(workflow.path, job, step)

    return any(
        one.literals[:1] == ("push",) or one.literals[:2] == ("image", "push")
        for step in job.steps
        if (script := of(step)) is not None
        for one in script.running("docker")
    )

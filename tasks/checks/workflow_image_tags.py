"""Whether images that a tag names have one when a branch starts the workflow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import merged, of_one_cause
from tasks.domain.artifact import path_lines
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ACTION
from tasks.domain.phase import Phase
from tasks.domain.ref_value import NAME, meanings, on_branch
from tasks.domain.script import Command, Scripts
from tasks.domain.token_made import branches
from tasks.domain.untagged_run import guarded, looks, without_tag
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_TAG = re.compile(r":(?P<tag>[\w.-]*(?:\$\{\{[^}]*\}\}|\$\{[^}]*\}|\$\w+)[\w.-]*)$")


@check(
    "image-tag-is-no-branch",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    subject="workflow-releases",
    remedy=Remedy(summary="Run the step only for tags: `if: github.ref_type == 'tag'`", minutes=5),
)
def image_tag_is_no_branch(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """No image for a release gets the name of a branch for its tag when the workflow starts on a branch."""
    for workflow in workflows:
        text = workflow.source.text
        if "push" not in text or not ("github.ref" in text or "GITHUB_REF" in text):
            continue
        push = workflow.event("push")
        starts = [one for one in without_tag(workflow) if "branch" in one]
        if starts and push is not None and "tags" in push:
            yield from of_one_cause(merged(_pushed(workflow, scripts, starts)))


@dataclass(frozen=True, kw_only=True)
class _Image:
    """An image that is pushed: its tag on the branch ``main``, and the line."""

    tag: str
    line: int


def _pushed(workflow: Workflow, scripts: Scripts, starts: list[str]) -> Iterator[Answer]:
    push = workflow.event("push")
    of_branches = push is not None and branches(push)
    for job, step in workflow.steps():
        images = [*_images(workflow, job, step, scripts)]
        images = [one for one in images if one.tag == NAME or "/" in one.tag]
        if not images or step.condition is False:
            continue
        subject = f"{workflow.file}: {job.id}: {step.label}"
        if guarded(workflow, job, step) or looks(workflow, job, step):
            yield holds(subject, "runs for tags")
            continue
        places = [workflow.source.at(one.line) for one in images]
        begin = f"started by {' or '.join(starts)} it pushes an image"
        wrong = [one.tag for one in images if "/" in one.tag]
        if wrong:
            told = f"{begin} whose tag is `{wrong[0]}`, as on {NAME}: docker refuses one with a slash"
            yield broken(subject, told, *places)
        elif not of_branches:  # else images of branches are meant
            told = f"{begin} tagged like the branch; docker refuses the name of one with a slash"
            yield broken(subject, told, *places, weight=Weight.NOTE)


def _images(workflow: Workflow, job: Job, step: Step, scripts: Scripts) -> Iterator[_Image]:
    """Go through the images that a step pushes and whose tag is made of the ref."""
    envs = (step.env, job.env, workflow.env)
    written: list[tuple[str, int]] = []
    script = None
    if step.action is not None and step.action.name == ACTION:
        if str(step.inputs.get("push", "")).lower() == "true":
            lines = path_lines(step.inputs.text("tags"))
            written = [(one.strip(), line.line) for line in lines for one in str(line).split(",")]
    else:
        script = scripts.of(workflow.path, job, step)
        if script is not None and not script.never and "push" in script.text:
            commands = script.running("docker", "podman")
            written = [(text, command.line) for command in commands for text in _written(command)]
    for image, line in written:
        for whole in meanings(image, job, step, envs, script):
            found = _TAG.search(whole)
            texts = meanings(found["tag"], job, step, envs, script) if found is not None else ()
            tag = next((made for made in map(on_branch, texts) if made is not None), None)
            if tag is not None:
                yield _Image(tag=tag, line=line)
                break


def _written(command: Command) -> Iterator[str]:
    """Go through the names of the images that a command pushes."""
    if command.conditional:
        return
    words = [word.text.strip("\"'") for word in command.arguments if not word.text.startswith("-")]
    if words[:1] == ["push"] and len(words) == 2:
        yield words[1]
    elif "build" in words[:2] and command.has("--push"):
        yield from (word.text.strip("\"'") for word in command.options("-t", "--tag"))

"""Whether a job pushes the images that it builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.answers import listed, merged
from tasks.domain.artifact import path_lines
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ACTION
from tasks.domain.phase import Phase
from tasks.domain.script import Command, Scripts, Word
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_QUIET = ("actions/checkout", "actions/setup-", "actions/cache", "docker/login-action", "docker/setup-")
_KNOWN = frozenset(
    {"build", "tag", "push", "login", "logout", "image", "images", "inspect", "buildx", "version"}
)
_LOCAL = frozenset(
    {
        "echo", "printf", "set", "export", "cargo", "rustup", "git", "ls", "cat", "cp", "mv", "mkdir", "rm",
        "date", "test", "[", "exit", "true", "aws", "gcloud", "jq", "cut", "tr", "sed", "sleep", "chmod",
    }
)  # fmt: skip


@dataclass(kw_only=True)
class _Images:
    """What a job has by then: the names of its images as they are known, and where the first was built."""

    names: set[str] = field(default_factory=set)
    line: int | None = None


@check(
    "docker-pushed-image-tagged",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Push the name that the image was built or tagged with", minutes=5),
)
def docker_pushed_image_tagged(workflows: Workflows, scripts: Scripts) -> Iterator[Answer]:
    """Every image that a job pushes or tags again has this name: docker knows no other one there."""
    for workflow in workflows:
        for job in workflow.jobs.values():
            yield from merged(_pushes(workflow, job, scripts))


def _pushes(workflow: Workflow, job: Job, scripts: Scripts) -> Iterator[Answer]:
    images = _Images()
    for step in job.steps:
        if step.action is not None:
            if step.action.name == ACTION and _is_loaded(step):
                if not _add(images, step.line, [str(one) for one in path_lines(step.inputs.text("tags"))]):
                    return
            elif step.action.name != ACTION and not step.action.name.startswith(_QUIET):
                return
            continue
        script = scripts.of(workflow.path, job, step)
        if script is None or script.never or not script.understood:
            return
        for command in script.commands:
            if command.program != "docker":
                if command.program not in _LOCAL:
                    return  # whatever else runs may build, load or pull images
                continue
            answers = list(_told(workflow, job, command, images))
            yield from answers
            if not _follow(command, images):
                return


def _is_loaded(step: Step) -> bool:
    return step.inputs.get("load") is True or step.inputs.text("load") == "true"


def _told(workflow: Workflow, job: Job, command: Command, images: _Images) -> Iterator[Answer]:
    words = [word for word in command.arguments if not word.text.startswith("-") and word.text != "image"]
    if len(words) < 2 or words[0].text not in ("push", "tag") or not images.names or command.conditional:
        return
    name = _name(words[1])
    if name is None or command.loop or command.function or command.has("--all-tags", "-a"):
        return
    subject = f"{workflow.file}: {job.id}: {name}"
    if name in images.names:
        yield holds(subject, "is built before")
    else:
        told = f"the job has no image {name!r} to {words[0].text} (it builds {listed(sorted(images.names))})"
        places = [workflow.source.at(command)]
        if images.line is not None:
            places.append(workflow.source.at(images.line))
        yield broken(subject, told, *places, weight=None if command.fatal else Weight.WARNING)


def _follow(command: Command, images: _Images) -> bool:
    """Note down the names that a call of docker gives; return whether all of them are known."""
    words = [word for word in command.arguments if not word.text.startswith("-")]
    verbs = [word.text for word in words if word.text not in ("buildx", "image")]
    if not verbs or verbs[0] not in _KNOWN:
        return False
    if verbs[0] == "build":
        given = [_name(word) for word in command.options("-t", "--tag")]
        return None not in given and _add(images, command.line, [one for one in given if one])
    if verbs[0] == "tag":
        target = _name(words[-1])
        return target is not None and _add(images, command.line, [target])
    return True


def _add(images: _Images, line: int, names: list[str]) -> bool:
    if any("$" in one for one in names):
        return False
    images.line = images.line or (line if names else None)
    images.names |= {_whole(one) for one in names}
    return True


def _name(word: Word) -> str | None:
    return None if word.literal is None else _whole(word.literal)


def _whole(name: str) -> str:
    """Return a name with its tag and without the parts that docker fills in."""
    plain = name.removeprefix("docker.io/").removeprefix("library/")
    return plain if ":" in plain.rpartition("/")[2] or "@" in plain else f"{plain}:latest"

"""Which Dockerfiles of a repository are built from which of its directories, by whoever says so."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.compose import Compose
from tasks.domain.document import Documents
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Weight
from tasks.domain.followed import followed
from tasks.domain.image_build import ACTION, image_builds, of_command
from tasks.domain.script import Command, Scripts, inside
from tasks.domain.tree import Tree
from tasks.domain.workflow import Workflows

_CALLS = ("docker build", "docker buildx build", "docker image build", "podman build")


@dataclass(frozen=True, kw_only=True)
class ImageContext:
    """One way to build an image: the Dockerfile, the directory it copies from, and who builds it so.

    ``weight`` says how much a failure matters: a blocker where a step of a workflow ends with it.
    """

    file: str
    context: str
    place: Evidence | None = field(repr=False)  # None for the usual way, which nothing writes
    weight: Weight


def image_contexts(
    workflows: Workflows, scripts: Scripts, compose: Compose, documents: Documents, tree: Tree
) -> Iterator[ImageContext]:
    """Go through the builds of all stages whose Dockerfile and context are certain and committed."""
    for one in _every(workflows, scripts, compose, documents, tree):
        if tree.file(one.file) is not None and tree.directory(one.context or "."):
            yield one


def _every(
    workflows: Workflows, scripts: Scripts, compose: Compose, documents: Documents, tree: Tree
) -> Iterator[ImageContext]:
    for workflow in workflows:
        for build in image_builds(workflow, scripts):
            by_action = build.step.action is not None and build.step.action.name == ACTION
            inputs = build.step.inputs
            # Without a context the action has docker clone the repository, and then nothing is left out.
            if by_action and (inputs.text("context") is None or "target" in inputs):
                continue
            if not by_action and "--target" in str(build.step.run):
                continue
            weight = Weight.BLOCKER if build.fatal else Weight.WARNING
            place = workflow.source.at(build.line)
            yield ImageContext(file=build.file, context=_clean(build.context), place=place, weight=weight)
    for service in compose:
        built = service.root.map("build")
        written = service.root.text("build") or built.text("context")
        context = inside(str(written), posixpath.dirname(service.source.path))
        if context is not None:
            place = service.source.at((written or service.root).line)
            yield ImageContext(
                file=service.dockerfile, context=_clean(context), place=place, weight=Weight.WARNING
            )
    for script in scripts.files:
        for command in script.running("docker", "podman") if " build" in script.text else ():
            found = _told(command, tree)
            if found is not None:
                place = script.source.at(command)
                yield ImageContext(file=found[0], context=found[1], place=place, weight=Weight.WARNING)
    for document in followed(documents, *_CALLS):
        for script in (*document.scripts_with(*_CALLS), *document.spoken_with(*_CALLS)):
            for command in script.running("docker", "podman"):
                found = _told(command, tree)
                if found is not None:
                    place = document.source.at(command)
                    yield ImageContext(file=found[0], context=found[1], place=place, weight=Weight.WARNING)


def _told(command: Command, tree: Tree) -> tuple[str, str] | None:
    """Return Dockerfile and context of a call, made at the root when its file is named from there."""
    if command.option("--target") is not None or command.masked:
        return None
    found = of_command(command)
    if found is not None:
        return found[0], _clean(found[1])
    file = command.option("-f", "--file")
    path = None if file is None or file.literal is None else inside(file.literal, "")
    if command.cwd is not None or path is None or tree.file(path) is None or "/" not in path:
        return None
    last = command.arguments[-1].literal if command.arguments else None
    return (path, "") if last == "." else None


def _clean(context: str) -> str:
    clean = posixpath.normpath(context) if context else ""
    return "" if clean == "." else clean

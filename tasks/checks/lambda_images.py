"""Whether the images that workflows push for Lambda have a manifest that Lambda takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.artifact import major, path_lines
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ACTION
from tasks.domain.image_push import ImagePush, image_pushes
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.workflow import Job, Step, Workflows

_OWN_DRIVER = "docker/setup-buildx-action"
_FIRST_ATTESTED = 4  # of the action; before, it depends on the buildx of the machine
_REPOSITORY = re.compile(
    r"(?<!data\.)\baws_ecr_repository\.(?P<made>\w+)\b|(?P<data>data\.aws_ecr_repository)\.(?P<read>\w+)"
)
_LITERAL = re.compile(r"\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com/(?P<name>[\w./-]+)[:@]")
_NAME = re.compile(r"\$\{\{\s*env\.(\w+)\s*\}\}|\$\{(\w+)\}|\$(\w+)")


@check(
    "lambda-image-accepted",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary=f"Write `provenance: false` below `with:` of {ACTION}",
        url="https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
        minutes=5,
    ),
)
def lambda_image_accepted(workflows: Workflows, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """Every image that is pushed for a Lambda function is one image: Lambda refuses an index of several.

    An attestation of where it comes from, which the action adds by itself, makes an index of each image.
    """
    attested = {
        (one.path, line.line): line
        for one in workflows
        if ACTION in one.source.text and "BUILDX_NO_DEFAULT_ATTESTATIONS" not in one.source.text
        for job, step in one.steps()
        if _attests(job, step)
        for line in path_lines(step.inputs.text("tags"))
    }
    if not attested:
        return
    named = dict(_functions(terraform))
    given = [(_plain(text), place) for text, place in _given(workflows, scripts)]
    for push in image_pushes(workflows, scripts) if named or given else ():
        line = attested.get((push.source.path, push.line))
        if line is None:
            continue
        place = _taken(push, str(line), named, given)
        if place is not None:
            subject = f"{push.source.path.rpartition('/')[2]}: {push.name if push.is_named else line}"
            told = (
                f"{ACTION} pushes it with an attestation, and so as an index of images: Lambda refuses those"
            )
            yield broken(subject, told, push.source.at(push.line), place)
        else:
            yield holds(push.source.path, "is pushed for something else")


def _attests(job: Job, step: Step) -> bool:
    """Tell whether a step pushes an image with the attestation that its action adds by itself."""
    if step.action is None or step.action.name != ACTION or (major(step.action) or 0) < _FIRST_ATTESTED:
        return False
    plain = not {"provenance", "attests", "outputs", "builder", "load"} & {*step.inputs}
    pushed = str(step.inputs.get("push", "")).lower() not in ("", "false")
    earlier = [one for one in job.steps[: step.index] if one.action and one.action.name == _OWN_DRIVER]
    return plain and pushed and bool(earlier) and all("driver" not in one.inputs for one in earlier)


def _functions(terraform: Terraform) -> Iterator[tuple[str, Evidence]]:
    """Go through the repositories, by name, from which Terraform's functions take their images."""
    for module in terraform:
        for block in module.of("resource", "aws_lambda_function"):
            written = str(block.get("image_uri") or "")
            literal = _LITERAL.search(written)
            if literal is not None:
                yield literal["name"], block.at("image_uri")
            for found in _REPOSITORY.finditer(written):
                kind = "data" if found["data"] else "resource"
                for one in module.of(kind, "aws_ecr_repository", found["made"] or found["read"]):
                    name = text_of(terraform, module, one.get("name"))
                    if name is not None:
                        yield name, block.at("image_uri")


def _given(workflows: Workflows, scripts: Scripts) -> Iterator[tuple[str, Evidence]]:
    for script, command in scripts.commands("aws", spelling="--image-uri"):
        word = command.option("--image-uri")
        if workflows.at(script.path) is not None and word is not None:
            yield word.text.strip("\"'"), script.source.at(command)


def _taken(
    push: ImagePush, written: str, named: dict[str, Evidence], given: list[tuple[str, Evidence]]
) -> Evidence | None:
    if push.is_named and push.ecr and push.name in named:
        return named[push.name]
    return next((place for text, place in given if text == _plain(written)), None)


def _plain(written: str) -> str:
    """Return an image's name as written, whether the shell or GitHub fills in its variables."""
    return _NAME.sub(lambda found: f"<{found[1] or found[2] or found[3]}>", re.sub(r"\s+", "", written))

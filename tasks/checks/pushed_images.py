"""Whether the images that workflows push to ECR are those that Terraform makes room for and runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_push import ImagePush, image_pushes
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.spelling import near
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_text import passed, text_of
from tasks.domain.workflow import Workflows

_RUN = re.compile(
    r"\bimage(?:_uri)?\"?\s*[=:]\s*(?:"
    r"\"\$\{(?P<data>data\.)?aws_ecr_repository\.(?P<made>\w+)(?:\[\d+\])?\.repository_url\}"
    r":(?:(?P<tag>[\w][\w.-]*)|\$\{var\.(?P<variable>\w+)\})\"|"
    r"aws_ecr_repository\.(?P<bare>\w+)\.repository_url\s*(?=[,}\n])|"
    r"\"\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com/(?P<name>[\w./-]+):(?P<literal>[\w][\w.-]*)\")"
)
"""Where Terraform names an image that something is to run."""
_SET_LATER = re.compile(
    r"update-function-code|register-task-definition|amazon-ecs-(?:render|deploy)-task-definition|"
    r"put-image\b|lambda-github-actions-deploy|aws-lambda-deploy|ecs-deploy|ecspresso|crane |"
    r"skopeo |buildx bake|imagetools create|copilot |serverless |sam deploy|kaniko"
)
"""What gives a service another image than Terraform's, or makes and copies images in other ways."""
_MAKES_TOO = ("docker push", "docker_registry_image", "docker_image", "podman push")
_DOCUMENTS = (".md", ".mdx", ".markdown", ".txt", ".adoc", ".rst")
_KEPT = re.compile(r"ignore_changes[^\]]*\b(?:container_definitions|task_definition|image_uri|image|all)\b")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True, kw_only=True)
class _Run:
    """An image that Terraform has something run: the repository's name, the tag, and where it says so."""

    name: str
    tag: str
    place: Evidence = field(repr=False)


@check(
    "deployed-image-pushed",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(
        summary="Push the tag that Terraform runs as well, or hand Terraform the tag that is pushed",
        minutes=15,
    ),
)
def deployed_image_pushed(
    workflows: Workflows, scripts: Scripts, terraform: Terraform, sources: Sources
) -> Iterator[Answer]:
    """Every tag of an own image that Terraform runs is one that a workflow pushes."""
    runs = [one for module in terraform for one in _runs(terraform, module, scripts, sources)]
    if not runs or _is_set_otherwise(sources):
        return
    pushes = tuple(image_pushes(workflows, scripts))
    yield from merged(_answers(runs, pushes))


def _answers(runs: list[_Run], pushes: tuple[ImagePush, ...]) -> Iterator[Answer]:
    for run in runs:
        own = [one for one in pushes if one.is_named and one.ecr and one.name == run.name]
        maybe = [one for one in pushes if one.may_be_of(run.name) and one.may_be(run.tag)]
        if maybe:
            yield holds(f"{run.name}:{run.tag}", "is pushed, as far as can be seen")
        elif own:
            tags = listed([one.written for one in own])
            told = f"Terraform runs {run.name}:{run.tag}, and only {tags} is pushed: no new image gets live"
            places = (one.source.at(one.line) for one in own)
            yield broken(f"{run.name}:{run.tag}", told, run.place, *places)


def _runs(terraform: Terraform, module: Module, scripts: Scripts, sources: Sources) -> Iterator[_Run]:
    """Go through what a module runs; nothing where its image is changed behind Terraform's back."""
    texts = [one for one in module.files if "_ecr_repository." in one.text or ".dkr.ecr." in one.text]
    if not texts or any(_KEPT.search(one.text) for one in module.files if "ignore_changes" in one.text):
        return
    for text in texts:
        for found in _RUN.finditer(text.text):
            line = text.text.count("\n", 0, found.start()) + 1
            if (text.line(line) or "").lstrip().startswith(("#", "//")):
                continue
            tag = found["tag"] or found["literal"] or ("latest" if found["bare"] else None)
            if tag is None:
                tag = _default(terraform, module, found["variable"], scripts, sources)
            kind = "data" if found["data"] else "resource"
            named = found["made"] or found["bare"]
            name = found["name"]
            for block in module.of(kind, "aws_ecr_repository", named) if name is None else ():
                name = text_of(terraform, module, block.get("name"))
            if name is not None and tag is not None:
                yield _Run(name=name, tag=tag, place=text.at(line))


def _default(
    terraform: Terraform, module: Module, variable: str, scripts: Scripts, sources: Sources
) -> str | None:
    """Return the value of a variable that nobody passes."""
    block = module.variables.get(variable)
    default = block.get("default") if block is not None and module in terraform.roots else None
    given = any(variable in values.attributes for values in module.tfvars)
    if not isinstance(default, str) or not default or given or passed(variable, scripts, sources):
        return None
    return default


def _is_set_otherwise(sources: Sources) -> bool:
    """Tell whether a file changes what runs, or pushes in a way that is not followed here."""
    for one in sources:
        if one.path.endswith(_DOCUMENTS):
            continue
        followed = one.path.endswith((".sh", ".bash")) or one.path.startswith(".github/workflows/")
        if not followed and any(word in one.text for word in _MAKES_TOO):
            return True
        if _SET_LATER.search(one.text):
            return True
    return False


@check(
    "pushed-repository-named",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(summary="Push to the repository that Terraform makes, under its name", minutes=5),
)
def pushed_repository_named(workflows: Workflows, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """No workflow pushes to an ECR repository with nearly the name of one that Terraform makes."""
    made = _made(terraform)
    if not made or None in made:
        return
    known = {str(name): block for name, block in made.items()}
    pushes = [one for one in image_pushes(workflows, scripts) if one.workflow is not None]
    yield from merged(_named(pushes, known))


def _named(pushes: list[ImagePush], known: dict[str, Block]) -> Iterator[Answer]:
    for one in pushes:
        subject = f"{one.source.path.rpartition('/')[2]}: {one.name}"
        if one.name in known:
            yield holds(subject, "is made")
            continue
        meant = near(one.name, known) if one.ecr and one.is_named else None
        if meant is not None and not any(push.may_be_of(meant) for push in pushes if push.ecr):
            told = f"pushes to {one.name}, and the repository that {known[meant].address} makes is {meant}"
            yield broken(subject, told, one.source.at(one.line), known[meant].at("name"))


def _made(terraform: Terraform) -> dict[str | None, Block]:
    return {
        text_of(terraform, module, block.get("name")): block
        for module in terraform
        for block in module.of("resource", "aws_ecr_repository")
    }


@check(
    "pushed-tag-can-change",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(
        summary="Push only tags that are new each time, such as the commit's, or let tags change", minutes=10
    ),
)
def pushed_tag_can_change(workflows: Workflows, scripts: Scripts, terraform: Terraform) -> Iterator[Answer]:
    """No workflow pushes one tag again and again to a repository that Terraform makes immutable."""
    fixed: dict[str, Block] = {}
    for module in terraform:
        for block in module.of("resource", "aws_ecr_repository"):
            name = text_of(terraform, module, block.get("name"))
            if (
                name is not None
                and text_of(terraform, module, block.get("image_tag_mutability")) == "IMMUTABLE"
            ):
                fixed[name] = block
    pushes = image_pushes(workflows, scripts) if fixed else ()
    yield from merged(_again(pushes, fixed))


def _again(pushes: Iterator[ImagePush] | tuple[()], fixed: dict[str, Block]) -> Iterator[Answer]:
    for one in pushes:
        block = fixed.get(one.name)
        if block is None or not one.ecr or one.workflow is None:
            continue
        subject = f"{one.source.path.rpartition('/')[2]}: {one.name}:{one.written}"
        if one.is_tagged and _WORD.fullmatch(one.tag):
            told = (
                f"pushes {one.name}:{one.tag} each time, and {block.address} lets no tag be pushed twice: "
                "the second push is refused"
            )
            yield broken(subject, told, one.source.at(one.line), block.at("image_tag_mutability"))
        else:
            yield holds(subject, "is new each time, as far as can be seen")

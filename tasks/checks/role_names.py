"""Whether roles and instance profiles are used by the names that the repository gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.sign_in import role_name
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import nested, possible
from tasks.domain.workflow import Workflows

_KINDS = {"aws_iam_role": "role", "aws_iam_instance_profile": "instance profile"}
_NAME = re.compile(r"[\w+=,.@-]+")
_MADE_BY_HAND = re.compile(r"\bcreate-(?:role|instance-profile)\b")


@dataclass(frozen=True, kw_only=True)
class _Named:
    kind: str
    name: str
    at: Evidence
    by: str


@check(
    "role-name-agrees",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    subject="names",
    remedy=Remedy(
        summary="Decide on one of the names; in Terraform refer to the resource instead of writing its name",
        minutes=15,
    ),
)
def role_name_agrees(
    workflows: Workflows,
    scripts: Scripts,
    terraform: Terraform,
    sources: Sources,
    settings: Settings | Unseen,
) -> Iterator[Answer]:
    """Roles and instance profiles that are used by name have the name under which Terraform makes them."""
    made = list(_made(terraform, sources))
    if not made:
        return
    provisioned = settings.aws.deploy_role if isinstance(settings, Settings) else None
    used = (*_in_terraform(terraform, sources), *_in_workflows(workflows), *_in_scripts(scripts))
    yield from merged(_compared(used, made, sources, provisioned))


def _compared(
    used: tuple[_Named, ...], made: list[_Named], sources: Sources, provisioned: str | None
) -> Iterator[Answer]:
    names = {(one.kind, one.name) for one in made}
    for one in used:
        subject = f"{one.kind} {one.name}"
        if (one.kind, one.name) in names or one.name == provisioned or _is_made_by_hand(one.name, sources):
            yield holds(subject, "is made under that name")
            continue
        meant = [other for other in made if other.kind == one.kind and _are_alike(one.name, other.name)]
        if len({other.name for other in meant}) == 1:
            told = f"{one.by} the {one.kind} {one.name}, and {meant[0].by} {meant[0].name}"
            yield broken(subject, told, one.at, *(other.at for other in meant))


def _are_alike(used: str, made: str) -> bool:
    """Tell whether two names differ in their first word only, or in letter case and hyphens."""
    first, second = (one.lower().replace("_", "-").split("-") for one in (used, made))
    return first == second or (len(first) > 2 and first[1:] == second[1:])


def _made(terraform: Terraform, sources: Sources) -> Iterator[_Named]:
    """Go through what Terraform makes under a name that is certain."""
    for module in terraform:
        for type_, kind in _KINDS.items():
            for block in module.of("resource", type_):
                attribute = block.attributes.get("name")
                name = text_of(terraform, module, attribute.value) if attribute is not None else None
                if name is None or attribute is None or _is_given(block, "name", sources):
                    continue
                yield _Named(kind=kind, name=name, at=block.at("name"), by=f"{block.address} makes")


def _in_terraform(terraform: Terraform, sources: Sources) -> Iterator[_Named]:
    for module in terraform:
        for block in module.of("resource"):
            for holder, key in _profiles(block):
                attribute = holder.attributes[key]
                if _is_given(holder, key, sources):
                    continue
                for found in possible(terraform, module, holder, attribute):
                    if isinstance(found.value, str) and _NAME.fullmatch(found.value):
                        by = f"{block.address} uses"
                        yield _Named(kind="instance profile", name=found.value, at=found.at, by=by)


def _profiles(block: Block) -> Iterator[tuple[Block, str]]:
    for one in nested(block):
        if "iam_instance_profile" in one.attributes:
            yield one, "iam_instance_profile"
        elif one.type == "iam_instance_profile" and "name" in one.attributes:
            yield one, "name"


def _in_workflows(workflows: Workflows) -> Iterator[_Named]:
    for workflow in workflows:
        for job, step in workflow.steps():
            name = role_name(step.inputs.text("role-to-assume") or "")
            if name is not None:
                place = workflow.source.at(step.inputs.line_of("role-to-assume"))
                yield _Named(kind="role", name=name, at=place, by=f"{job.id} assumes")


def _in_scripts(scripts: Scripts) -> Iterator[_Named]:
    for script, command in scripts.commands("aws"):
        for word in command.options("--iam-instance-profile"):
            key, _, name = (word.literal or "").partition("=")
            if key == "Name" and _NAME.fullmatch(name):
                place = script.source.at(word.line)
                yield _Named(kind="instance profile", name=name, at=place, by=f"{script.path} uses")


def _is_given(block: Block, key: str, sources: Sources) -> bool:
    """Tell whether a command line or the environment may give a variable that a name is made of."""
    attribute = block.attributes[key]
    names = {one.path[1] for one in attribute.references if one.root == "var" and one.path[1:]}
    return any(
        f"TF_VAR_{name}" in one.text or re.search(rf"-var[= ]+[\"']?{re.escape(name)}=", one.text)
        for name in names
        for one in sources
    )


def _is_made_by_hand(name: str, sources: Sources) -> bool:
    return any(name in one.text and _MADE_BY_HAND.search(one.text) for one in sources)

"""The names under which a repository makes and uses roles and instance profiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.evidence import Evidence
from tasks.domain.script import Scripts
from tasks.domain.sign_in import SIGN_IN, account_of, role_name
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import nested, possible
from tasks.domain.workflow import Workflows

ROLE, PROFILE = "role", "instance profile"
_KINDS = {"aws_iam_role": ROLE, "aws_iam_instance_profile": PROFILE}
_GIVEN = re.compile(r"TF_VAR_(\w+)|-var[= ]+[\"']?(\w+)=")
_SIGNS = ("TF_VAR_", "-var")
_NAME = re.compile(r"[\w+=,.@-]+")


@dataclass(frozen=True, kw_only=True)
class Named:
    """A role or profile by its name, where that stands, and who makes or uses it.

    ``account`` is that of a role's ARN, None when it is computed or not said.
    """

    kind: str
    name: str
    at: Evidence
    by: str
    account: str | None = None


def made_names(terraform: Terraform, sources: Sources) -> Iterator[Named]:
    """Go through what Terraform makes under a name that is certain."""
    given = _given(sources)
    for module in terraform:
        for type_, kind in _KINDS.items():
            for block in module.of("resource", type_):
                attribute = block.attributes.get("name")
                name = text_of(terraform, module, attribute.value) if attribute is not None else None
                if name is None or attribute is None or _is_given(block, "name", given):
                    continue
                yield Named(kind=kind, name=name, at=block.at("name"), by=f"{block.address} makes")


def profiles_in_terraform(terraform: Terraform, sources: Sources) -> Iterator[Named]:
    """Go through the profiles that instances and templates name, by literal or by a variable's default."""
    given = _given(sources)
    for module in terraform:
        for block in module.of("resource"):
            for holder, key in _profiles(block):
                attribute = holder.attributes[key]
                if _is_given(holder, key, given):
                    continue
                for found in possible(terraform, module, holder, attribute):
                    if isinstance(found.value, str) and _NAME.fullmatch(found.value):
                        by = f"{block.address} uses"
                        yield Named(kind=PROFILE, name=found.value, at=found.at, by=by)


def _profiles(block: Block) -> Iterator[tuple[Block, str]]:
    for one in nested(block):
        if "iam_instance_profile" in one.attributes:
            yield one, "iam_instance_profile"
        elif one.type == "iam_instance_profile" and "name" in one.attributes:
            yield one, "name"


def roles_in_workflows(workflows: Workflows) -> Iterator[Named]:
    """Go through the roles that jobs assume by a name that is written there."""
    for workflow in workflows:
        for job, step in workflow.steps():
            arn = step.inputs.text("role-to-assume") or ""
            name = role_name(arn) if step.action is not None and step.action.name == SIGN_IN else None
            if name is not None:
                place = workflow.source.at(step.inputs.line_of("role-to-assume"))
                account = account_of(arn)
                yield Named(kind=ROLE, name=name, at=place, by=f"{job.id} assumes", account=account)


def profiles_in_scripts(scripts: Scripts) -> Iterator[Named]:
    """Go through the profiles that scripts start instances with."""
    for script, command in scripts.commands("aws"):
        for word in command.options("--iam-instance-profile"):
            key, _, name = (word.literal or "").partition("=")
            if key == "Name" and _NAME.fullmatch(name):
                place = script.source.at(word.line)
                yield Named(kind=PROFILE, name=name, at=place, by=f"{script.path} uses")


def _is_given(block: Block, key: str, given: frozenset[str]) -> bool:
    """Tell whether a command line or the environment may give a variable that a name is made of."""
    return any(one.root == "var" and one.path[1] in given for one in block.attributes[key].references)


def _given(sources: Sources) -> frozenset[str]:
    """Return the variables of Terraform that anything in the repository gives a value outside of it."""
    texts = (one.text for one in sources.saying(*_SIGNS))
    return frozenset(name for text in texts for found in _GIVEN.findall(text) for name in found if name)

"""Whom a role of the repository lets in: its trust policy, by Terraform or by the command that makes it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.cloud_names import AUDIENCE, ISSUER
from tasks.domain.evidence import Evidence
from tasks.domain.iam_policy import Policies, Policy, Statement
from tasks.domain.script import Scripts
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import calls, module_path

ASSUME = "sts:AssumeRoleWithWebIdentity"
_UNREAD = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_MAKES_ROLES = re.compile(r"oidc|iam|role|github", re.IGNORECASE)
"""What a module's source is called that may make roles of its own."""
_FILE = re.compile(r"file://(?:\./)?(?P<path>[\w./-]+)")


@dataclass(frozen=True, kw_only=True)
class Trust:
    """A role, the policy that says who may assume it, and where the role is made."""

    role: str
    policy: Policy
    at: Evidence

    @property
    def lets_tokens_in(self) -> tuple[Statement, ...]:
        """The statements that let whoever has a token in, under conditions or not."""
        return tuple(one for one in self.policy.statements if one.allows and one.about(ASSUME))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects, or patterns of them, that it names."""
        found = (one.condition(f"{ISSUER}:sub") or () for one in self.lets_tokens_in)
        return tuple(dict.fromkeys(text for texts in found for text in texts))

    def admits(self, subject: str) -> bool:
        """Tell whether a token of that subject, for the usual audience, is let in."""
        return any(
            _meets(one, f"{ISSUER}:sub", subject) and _meets(one, f"{ISSUER}:aud", AUDIENCE)
            for one in self.lets_tokens_in
        )

    def may_admit(self, begin: str) -> bool:
        """Tell whether some subject that begins so is let in: of a job whose branch or tag is not certain."""
        return any(_may_meet(one, f"{ISSUER}:sub", begin) for one in self.lets_tokens_in)

    def admits_audience(self, audience: str) -> bool:
        """Tell whether a token for an audience may be let in, whoever its subject is."""
        return any(_meets(one, f"{ISSUER}:aud", audience) for one in self.lets_tokens_in)


def _meets(statement: Statement, key: str, value: str) -> bool:
    """Compare as AWS does: every operator on the key has to hold, with any one of its values."""
    for operator, keys in statement.conditions.items():
        values = [text for name, texts in keys.items() if name.lower() == key for text in texts]
        kind = operator.rpartition(":")[2].removesuffix("IfExists")
        if not values:
            continue
        match kind:
            case "StringEquals":
                there = value in values
            case "StringEqualsIgnoreCase":
                there = value.lower() in {one.lower() for one in values}
            case "StringLike" | "ArnLike":
                there = any(fnmatch.fnmatchcase(value, one.replace("[", "[[]")) for one in values)
            case _:
                there = True  # what it asks for is not compared here
        if not there:
            return False
    return True


def _may_meet(statement: Statement, key: str, begin: str) -> bool:
    for operator, keys in statement.conditions.items():
        values = [text for name, texts in keys.items() if name.lower() == key for text in texts]
        match operator.rpartition(":")[2].removesuffix("IfExists"):
            case "StringEquals":
                there = any(one.startswith(begin) for one in values)
            case "StringEqualsIgnoreCase":
                there = any(one.lower().startswith(begin.lower()) for one in values)
            case "StringLike" | "ArnLike":
                there = any(may_begin(one, begin) for one in values)
            case _:
                there = True
        if values and not there:
            return False
    return True


def may_begin(pattern: str, begin: str) -> bool:
    """Tell whether a pattern of AWS (``*``, ``?``) matches some text that begins so."""
    for place, sign in enumerate(pattern):
        if sign == "*" or place >= len(begin):
            return True
        if sign not in ("?", begin[place]):
            return False
    return len(pattern) >= len(begin)


def trusts(terraform: Terraform, policies: Policies, scripts: Scripts) -> Iterator[Trust]:
    """Go through the roles whose name and whole trust policy the repository's files tell."""
    by_name = {one.name: one for one in policies}
    for module in terraform:
        for block in module.of("resource", "aws_iam_role"):
            given = block.attributes.get("name")
            name = None if given is None else text_of(terraform, module, given.value)
            policy = _of_block(module, block, policies)
            if name is not None and policy is not None and policy.readable and policy.conditions_read:
                yield Trust(role=name, policy=policy, at=block.at("name"))
    for role in policies.roles:
        policy = role.trust
        if role.name is not None and policy is not None and policy.readable and policy.conditions_read:
            yield Trust(role=role.name, policy=policy, at=role.at)
    for script, command in scripts.commands("aws"):
        if command.literals[:2] != ("iam", "create-role"):
            continue
        name = next((word.literal for word in command.options("--role-name")), None)
        written = next((word.literal for word in command.options("--assume-role-policy-document")), None)
        found = _FILE.fullmatch(written or "")
        policy = by_name.get(found["path"]) if found else None
        if name is not None and policy is not None and policy.readable and policy.conditions_read:
            yield Trust(role=name, policy=policy, at=script.source.at(command))


def lets_github_in(module: Module, block: Block, policies: Policies) -> bool:
    """Tell whether a role that Terraform makes certainly lets jobs of GitHub in by their token."""
    policy = _of_block(module, block, policies)
    return policy is not None and any(
        one.allows
        and one.about(ASSUME)
        and any(key.lower().startswith(ISSUER) for keys in one.conditions.values() for key in keys)
        for one in policy.statements
    )


def only_trust(terraform: Terraform, policies: Policies) -> Trust | None:
    """Return the one role of Terraform, or of a CloudFormation template, that lets tokens in.

    None with none of them, several, or one that is not certain.
    """
    found: list[Trust] = []
    for role in policies.roles:
        if role.trust is None or not role.trust.readable or not role.trust.conditions_read:
            return None
        of_template = Trust(role=role.name or role.logical, policy=role.trust, at=role.at)
        found += [of_template] if of_template.lets_tokens_in else []
    for module in terraform:
        if any(_MAKES_ROLES.search(str(block.get("source"))) for block in module.of("module")):
            return None
        for block in module.of("resource", "aws_iam_role"):
            policy = _of_block(module, block, policies)
            if policy is None or not policy.readable or not policy.conditions_read:
                return None
            given = block.attributes.get("name")
            name = None if given is None else text_of(terraform, module, given.value)
            made = Trust(role=name or block.address, policy=policy, at=block.at("name"))
            if made.lets_tokens_in:
                if "for_each" in block.attributes or "count" in block.attributes:
                    return None
                found.append(made)
    return found[0] if len(found) == 1 and found[0].subjects else None


def _of_block(module: Module, block: Block, policies: Policies) -> Policy | None:
    attribute = block.attributes.get("assume_role_policy")
    if attribute is None:
        return None
    begin = f"{module.directory or '.'}: "
    labels = [
        one.path[2]
        for one in attribute.references
        if one.path[:2] == ("data", "aws_iam_policy_document") and len(one.path) > 2
    ]
    called = list(calls(attribute.value))
    lines = {one.line for one in called if one.function == "jsonencode"}
    files = {
        path
        for one in called
        if one.function == "file" and one.arguments
        and (path := module_path(one.arguments[0], module)) is not None
    }  # fmt: skip
    for label in labels:
        if any(
            key in data.attributes
            for data in module.of("data", "aws_iam_policy_document", label)
            for key in _UNREAD
        ):
            return None
    names = {f"{begin}data.aws_iam_policy_document.{label}" for label in labels} | files
    found = [
        one for one in policies if one.name in names or (one.source is block.source and one.line in lines)
    ]
    return found[0] if len(found) == 1 == len(names) + len(lines) else None

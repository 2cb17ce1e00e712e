"""What a role may do, as far as the repository's files tell: whose a policy is, and what it says."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tasks.domain.evidence import Evidence
from tasks.domain.iam_policy import Policies, Policy, Statement, TemplateRole, statements_of
from tasks.domain.managed_policy import managed
from tasks.domain.source import Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform, Value
from tasks.domain.terraform_text import text_of
from tasks.domain.terraform_values import calls, module_path

_ATTACHMENTS = ("aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_iam_policy_attachment")
_KIND = re.compile(r"[-_.]?(?:iam[-_.]?)?(?:role|policy|policies|permissions|profile|instance[-_.]profile)$")
_GRANTS_BY_COMMAND = re.compile(r"\b(?:attach|put)-role-policy\b")


@dataclass(frozen=True, kw_only=True)
class Rights:
    """The statements of all policies of a role; ``at`` shows where they stand, ``said`` how they are called.

    ``certain``: the role has these policies and no other that anybody could see; a role that only bears the
    name of a policy's file may have more.
    """

    role: str
    statements: tuple[Statement, ...]
    at: tuple[Evidence, ...] = ()
    said: tuple[str, ...] = ()
    certain: bool = True

    def allow(self, action: str, resource: str | None = None) -> bool:
        """Tell whether an action is allowed on a resource, or on something; a condition is taken to be met.

        ``resource`` is a pattern of ARNs of which it is enough that one can be meant.
        """
        about = [one for one in self.statements if one.about(action)]
        if any(not one.allows and not one.conditions and "*" in one.resources for one in about):
            return False
        return any(one.allows and (resource is None or one.reaches(resource)) for one in about)

    def allowed_on(self, action: str) -> tuple[str, ...]:
        """Return the resources on which an action is allowed, as the policies write them."""
        return tuple(
            dict.fromkeys(
                resource
                for one in self.statements
                if one.allows and one.about(action)
                for resource in one.resources
            )
        )


@dataclass(frozen=True, kw_only=True)
class _Role:
    module: Module
    block: Block


@dataclass(frozen=True, kw_only=True)
class RoleBook:
    """The roles of a repository, asked for by name; None for one whose policies cannot all be read."""

    terraform: Terraform = field(repr=False)
    policies: Policies = field(repr=False)
    sources: Sources = field(repr=False)

    def defines(self, name: str) -> bool:
        """Tell whether Terraform or a template of CloudFormation makes a role of that name."""
        return bool(self._found(name) or self._of_templates(name))

    def rights(self, name: str) -> Rights | None:
        """Return what the role of a name may do, by Terraform or by the file that is plainly named for it."""
        found, templates = self._found(name), self._of_templates(name)
        if len(found) + len(templates) > 1 or ((found or templates) and self._granted_by_command()):
            return None
        if templates:
            return self._by_template(templates[0])
        return self._by_terraform(name, found[0]) if found else self._by_file(name)

    def _found(self, name: str) -> list[_Role]:
        return [
            _Role(module=module, block=block)
            for module in self.terraform
            for block in module.of("resource", "aws_iam_role")
            if _name_of(self.terraform, module, block) == name
        ]

    def _of_templates(self, name: str) -> list[TemplateRole]:
        return [one for one in self.policies.roles if one.name == name]

    def _by_template(self, role: TemplateRole) -> Rights | None:
        if role.statements is None:
            return None
        said = f"{role.logical} in {role.source.path}"
        return Rights(role=role.name or role.logical, statements=role.statements, at=(role.at,), said=(said,))

    def of_profile(self, module: Module, block: Block) -> Rights | None:
        """Return what the role of an instance's profile may do; None when it is not certain which that is."""
        inner = block.inner("iam_instance_profile")
        holder = inner[0] if inner else block
        given = holder.attributes.get("iam_instance_profile") or holder.attributes.get("name")
        given = given or holder.attributes.get("arn")
        if given is None or (inner and inner[0].type == "dynamic"):
            return None
        named = [one.path[1] for one in given.references if one.root == "aws_iam_instance_profile"]
        if named:
            profiles = [(module, one) for one in module.of("resource", "aws_iam_instance_profile", named[0])]
        else:
            name = text_of(self.terraform, module, given.value)
            if name is None:
                return None
            profiles = [
                (one, profile)
                for one in self.terraform
                for profile in one.of("resource", "aws_iam_instance_profile")
                if _name_of(self.terraform, one, profile) == name
            ]
            if not profiles:
                return self._by_file(name)
        return self._of_profile_block(*profiles[0]) if len(profiles) == 1 else None

    def of_role(self, module: Module, block: Block) -> Rights | None:
        """Return what a role that Terraform makes may do; None when its policies cannot all be read."""
        if self._granted_by_command():
            return None
        name = _name_of(self.terraform, module, block) or block.address
        return self._by_terraform(name, _Role(module=module, block=block))

    def _of_profile_block(self, module: Module, profile: Block) -> Rights | None:
        role = profile.attributes.get("role")
        labels = [one.path[1] for one in role.references if one.root == "aws_iam_role"] if role else []
        blocks = module.of("resource", "aws_iam_role", labels[0]) if labels else ()
        return self.of_role(module, blocks[0]) if len(blocks) == 1 else None

    def _granted_by_command(self) -> bool:
        """Tell whether a script or document gives a role its policies: nobody knows when that was run."""
        return any("-role-policy" in one.text and _GRANTS_BY_COMMAND.search(one.text) for one in self.sources)

    def _by_file(self, name: str) -> Rights | None:
        meant = _stem(name)
        found = [
            one
            for one in self.policies
            if one.name == one.source.path
            and _stem(posixpath.basename(one.name).removesuffix(".json")) == meant
            and not any(statement.attached for statement in one.statements)
        ]
        if len(found) != 1 or not meant or not found[0].readable:
            return None
        policy = found[0]
        return Rights(
            role=name,
            statements=policy.statements,
            at=(policy.source.at(policy.line),),
            said=(policy.name,),
            certain=False,
        )

    def _by_terraform(self, name: str, role: _Role) -> Rights | None:
        if role.module.in_part:
            return None
        statements: list[Statement] = []
        places: list[Evidence] = []
        said: list[str] = []
        for module, block, attribute in self._given(role, name):
            read = None if attribute is None else self._read(module, block, attribute)
            if read is None:
                return None
            statements += read
            places.append(block.at(attribute or ""))
            said.append(block.address)
        return Rights(
            role=name,
            statements=tuple(statements),
            at=(*places, role.block.at("name")),
            said=tuple(dict.fromkeys(said)) or (f"{role.block.address} (it has no policy)",),
        )

    def _given(self, role: _Role, name: str) -> Iterator[tuple[Module, Block, str | None]]:
        """Go through what gives the role rights, and in which attribute; None when it may be any role's."""
        for inner in role.block.inner("inline_policy"):
            yield role.module, inner, "policy" if inner.type != "dynamic" else None
        if "managed_policy_arns" in role.block.attributes:
            yield role.module, role.block, "managed_policy_arns"
        for module in self.terraform:
            for kind in _ATTACHMENTS:
                for block in module.of("resource", kind):
                    theirs = self._is_theirs(module, block, role, name)
                    if theirs is not False:
                        policy = "policy" if kind == "aws_iam_role_policy" else "policy_arn"
                        yield module, block, policy if theirs else None

    def _is_theirs(self, module: Module, block: Block, role: _Role, name: str) -> bool | None:
        attribute = block.attributes.get("role") or block.attributes.get("roles")
        if attribute is None:
            return False
        labels = {one.path[1] for one in attribute.references if one.root == "aws_iam_role" and one.path[1:]}
        if labels:
            return module is role.module and role.block.name in labels
        values = attribute.value if isinstance(attribute.value, tuple) else (attribute.value,)
        texts = [text_of(self.terraform, module, value) for value in values]
        if name in texts:
            return True
        return None if None in texts else False

    def _read(self, module: Module, block: Block, name: str) -> tuple[Statement, ...] | None:
        attribute = block.attributes.get(name)
        if attribute is None:
            return None
        if name != "policy":
            values = attribute.value if isinstance(attribute.value, tuple) else (attribute.value,)
            read = [self._managed(module, value, attribute.value, block, name) for value in values]
            return None if None in read else tuple(s for one in read if one is not None for s in one)
        return self._document(module, block, attribute.value)

    def _managed(
        self, module: Module, value: Value, whole: Value, block: Block, name: str
    ) -> tuple[Statement, ...] | None:
        if isinstance(value, str):
            return managed(value)
        labels = [
            one.path[1]
            for one in block.attributes[name].references
            if one.root == "aws_iam_policy" and one.path[1:]
        ]
        if value is not whole or len(labels) != 1 or not isinstance(value, Expression):
            arn = text_of(self.terraform, module, value)
            return None if arn is None else managed(arn)
        blocks = module.of("resource", "aws_iam_policy", labels[0])
        if len(blocks) != 1 or "policy" not in blocks[0].attributes:
            return None
        return self._document(module, blocks[0], blocks[0].get("policy"))

    def _document(self, module: Module, block: Block, value: Value) -> tuple[Statement, ...] | None:
        """Return the statements of a policy; of two that a condition chooses from, those of both."""
        if isinstance(value, str):
            return _of_text(value)
        if not isinstance(value, Expression):
            return None
        written = [one for one in calls(value) if one.function == "jsonencode"]
        begin = f"{module.directory or '.'}: "
        documents = [
            f"{begin}data.aws_iam_policy_document.{one.path[2]}"
            for one in block.attributes["policy"].references
            if one.path[:2] == ("data", "aws_iam_policy_document") and len(one.path) > 2
        ]
        files = [
            path
            for one in calls(value)
            if one.function in ("file", "templatefile") and one.arguments
            and (path := module_path(one.arguments[0], module)) is not None
        ]  # fmt: skip
        wanted = 2 if " ? " in value.text else 1
        if len(written) + len(documents) + len(files) < wanted:
            return _of_template(value) if wanted == 1 else None
        lines = {one.line for one in written}
        found = [
            one
            for one in self.policies
            if one.name in {*documents, *files} or (one.source is block.source and one.line in lines)
        ]
        expected = len(lines) + len(set(documents)) + len(set(files))
        if len(found) < expected or not all(self._is_whole(module, one) for one in found):
            return None
        return tuple(statement for one in found for statement in one.statements)

    def _is_whole(self, module: Module, policy: Policy) -> bool:
        label = policy.name.rpartition("aws_iam_policy_document.")[2]
        for block in module.of("data", "aws_iam_policy_document", label):
            if {"source_policy_documents", "override_policy_documents", "source_json", "override_json"} & set(
                block.attributes
            ):
                return False
        return policy.readable


def _name_of(terraform: Terraform, module: Module, block: Block) -> str | None:
    name = block.attributes.get("name")
    return None if name is None else text_of(terraform, module, name.value)


def _stem(name: str) -> str:
    return _KIND.sub("", name.lower().replace("_", "-"))


def _of_template(value: Expression) -> tuple[Statement, ...] | None:
    return _of_text("".join("*" if part is None else part for part in value.parts)) if value.parts else None


def _of_text(text: str) -> tuple[Statement, ...] | None:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    if not isinstance(document, Mapping):
        return None
    found = statements_of(document)
    return found if found and all(one.whole for one in found) else None


def united(role: str, rights: Iterable[Rights]) -> Rights | None:
    """Put together what several sources say about one role; None when nobody says anything."""
    given = list(rights)
    if not given:
        return None
    return Rights(
        role=role,
        statements=tuple(statement for one in given for statement in one.statements),
        at=tuple(place for one in given for place in one.at),
        said=tuple(dict.fromkeys(said for one in given for said in one.said)),
        certain=all(one.certain for one in given),
    )

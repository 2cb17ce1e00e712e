"""Reads the roles that CloudFormation templates make for jobs; what only a deployment computes is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tasks.domain.credential import for_tests
from tasks.domain.iam_policy import Policy, Statement, TemplateRole, policy_of
from tasks.domain.managed_policy import managed
from tasks.domain.source import Source
from tasks.domain.terraform import Expression, Value

if TYPE_CHECKING:
    from yaml.nodes import Node

LARGEST = 1024 * 1024  # characters; CloudFormation takes one megabyte
DEEPEST = 60
_WEB = "AssumeRoleWithWebIdentity"
_ENDS = (".yaml", ".yml", ".json", ".template")
_OVERRIDES = ("parameter-overrides", "parameter_overrides", "ParameterKey", "ParameterValue")
"""What hands a template other values than its defaults, in commands, actions and files of settings."""
_FILLED = re.compile(r"\$\{(?P<name>!?[\w:.]+)\}")
_LONG = {"Ref": "!Ref", "Fn::Sub": "!Sub", "Fn::Join": "!Join", "Fn::GetAtt": "!GetAtt"}
_ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def template_roles(sources: Iterable[Source]) -> tuple[TemplateRole, ...]:
    """Return the roles of every template that lets somebody in with a token of the web."""
    known = list(sources)
    found = [
        one for one in known if one.path.endswith(_ENDS) and _WEB in one.text and "AWS::IAM::Role" in one.text
    ]
    if not found:
        return ()
    overridden = any(word in one.text for one in known for word in _OVERRIDES)
    return tuple(
        role
        for one in found
        if one.readable and len(one.text) <= LARGEST and not for_tests(one.path)
        for role in _Template(source=one, defaults_hold=not overridden).roles()
    )


@dataclass(kw_only=True)
class _Template:
    source: Source
    defaults_hold: bool
    known: dict[str, str] = field(default_factory=dict)  # what a name stands for: of ``Ref``, of ``X.Arn``

    def roles(self) -> Iterator[TemplateRole]:
        import yaml  # noqa: PLC0415 - a repository without templates must not pay for it

        try:
            root = next(iter(yaml.compose_all(self.source.text, Loader=yaml.CSafeLoader)), None)
        except (yaml.YAMLError, RecursionError):
            return
        parts = _entries(root)
        if self.defaults_hold:
            for name, parameter in _entries(parts.get("Parameters")).items():
                default = _entries(parameter).get("Default")
                if default is not None and _tag(default) is None and _text(default):
                    self.known[name] = default.value
        resources = {name: _entries(node) for name, node in _entries(parts.get("Resources")).items()}
        self._name_buckets(resources)
        for name, resource in resources.items():
            if _text(resource.get("Type")) == "AWS::IAM::Role" and resource.get("Properties") is not None:
                yield self._role(name, resource["Properties"], resources)

    def _name_buckets(self, resources: Mapping[str, Mapping[str, Node]]) -> None:
        for name, resource in resources.items():
            if _text(resource.get("Type")) == "AWS::S3::Bucket":
                given = _entries(resource.get("Properties")).get("BucketName")
                bucket = None if given is None else self._value(given)
                if isinstance(bucket, str):
                    self.known |= {name: bucket, f"{name}.Arn": f"arn:aws:s3:::{bucket}"}

    def _role(self, name: str, node: Node, resources: Mapping[str, Mapping[str, Node]]) -> TemplateRole:
        properties = _entries(node)
        named = properties.get("RoleName")
        given = None if named is None else self._value(named)
        statements: list[Statement] = []
        documents = [
            self._document(name, _entries(one).get("PolicyDocument"))
            for one in _items(properties.get("Policies"))
        ]
        whole = _tag(properties.get("Policies")) is None
        for other, resource in resources.items():
            if _text(resource.get("Type")) in _ATTACHED:
                inner = _entries(resource.get("Properties"))
                theirs = [*_items(inner.get("Roles")), *[inner[key] for key in ("RoleName",) if key in inner]]
                if any(self._is(name, one) for one in theirs):
                    documents.append(self._document(other, inner.get("PolicyDocument")))
        arns = properties.get("ManagedPolicyArns")
        whole = whole and _tag(arns) is None
        for one in _items(arns):
            value = self._value(one)
            made = _reference(one)
            if made is not None and _text(resources.get(made, {}).get("Type")) == "AWS::IAM::ManagedPolicy":
                inner = _entries(resources[made].get("Properties"))
                documents.append(self._document(made, inner.get("PolicyDocument")))
                continue
            read = managed(value) if isinstance(value, str) else None
            whole = whole and read is not None
            statements += read or ()
        for document in documents:
            whole = whole and document is not None and document.readable
            statements += () if document is None else document.statements
        return TemplateRole(
            name=given if isinstance(given, str) else None,
            logical=name,
            source=self.source,
            line=node.start_mark.line if named is None else named.start_mark.line + 1,
            trust=self._document(name, properties.get("AssumeRolePolicyDocument")),
            statements=tuple(statements) if whole else None,
        )

    def _is(self, role: str, node: Node) -> bool:
        return _reference(node) == role

    def _document(self, name: str, node: Node | None) -> Policy | None:
        value = None if node is None else self._value(node)
        if node is None or not isinstance(value, Mapping):
            return None
        label = f"{self.source.path}: {name}"
        return policy_of(label, self.source, node.start_mark.line + 1, value)

    def _value(self, node: Node, depth: int = 0) -> Value:
        """Return what a node says; what only CloudFormation can compute is an expression."""
        line = node.start_mark.line + 1
        tag = _tag(node)
        inner: Node | None = node
        if tag is None and isinstance(node.value, list) and len(node.value) == 1 and _kind(node) == "mapping":
            key, inner = node.value[0]
            tag = _LONG.get(key.value, "!" if str(key.value).startswith("Fn::") else None)
        if depth > DEEPEST:
            return Expression(text="...", line=line)
        if tag is not None and inner is not None:
            return self._computed(tag, inner, line)
        if _kind(node) == "mapping":
            return {str(key.value): self._value(value, depth + 1) for key, value in node.value}
        if _kind(node) == "sequence":
            return tuple(self._value(one, depth + 1) for one in node.value)
        return str(node.value)

    def _computed(self, tag: str, node: Node, line: int) -> Value:
        parts: list[str | None] = []
        if tag == "!Ref" and _kind(node) == "scalar":
            parts = [self.known.get(node.value)]
        elif tag == "!GetAtt":
            names = node.value if _kind(node) == "scalar" else ".".join(str(one.value) for one in node.value)
            parts = [self.known.get(str(names))]
        elif tag == "!Sub" and _kind(node) == "scalar":
            parts = self._filled(node.value)
        elif tag == "!Join" and _kind(node) == "sequence" and len(node.value) == 2:
            sign, texts = node.value
            made = [self._value(one) for one in _items(texts)]
            for at, one in enumerate(made):
                parts += [
                    *([str(sign.value)] if at else []),
                    *(one.parts if isinstance(one, Expression) else [one if isinstance(one, str) else None]),
                ]
        known = [one for one in parts if one is not None]
        if parts and len(known) == len(parts):
            return "".join(known)
        return Expression(text=f"{tag} ...", line=line, parts=tuple(parts) if known else ())

    def _filled(self, text: str) -> list[str | None]:
        parts: list[str | None] = []
        last = 0
        for found in _FILLED.finditer(text):
            parts.append(text[last : found.start()])
            name = found["name"]
            parts.append("${" + name[1:] + "}" if name.startswith("!") else self.known.get(name))
            last = found.end()
        return [one for one in (*parts, text[last:]) if one != ""]


def _kind(node: Node) -> str:
    return str(node.id)  # type: ignore[attr-defined]


def _tag(node: Node | None) -> str | None:
    """Return the short form of an intrinsic function: ``!Ref``; None for what is written out."""
    tag = None if node is None else str(node.tag)
    return tag if tag is not None and tag.startswith("!") else None


def _entries(node: Node | None) -> dict[str, Node]:
    if node is None or _kind(node) != "mapping" or _tag(node) is not None:
        return {}
    return {str(key.value): value for key, value in node.value}


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if node is not None and _kind(node) == "sequence" and _tag(node) is None else []


def _text(node: Node | None) -> str | None:
    return str(node.value) if node is not None and _kind(node) == "scalar" else None


def _reference(node: Node) -> str | None:
    """Return the name that ``!Ref X`` or ``{"Ref": "X"}`` refers to."""
    if _tag(node) == "!Ref":
        return str(node.value)
    return _text(_entries(node).get("Ref"))

"""IAM policies that a repository holds: JSON files, and what Terraform writes with ``jsonencode`` or as text.

What is computed is left out of a statement, and the statement says that it is not whole.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tasks.domain.aws_resource import bucket_arn, meet
from tasks.domain.evidence import Evidence
from tasks.domain.policy_text import document_of
from tasks.domain.source import Source, Sources
from tasks.domain.terraform import Block, Expression, Module, Terraform
from tasks.domain.terraform_values import calls, nested

_VARIABLE = re.compile(r"\$?\$\{[^}]*\}")
"""What IAM fills in when it is asked: ``${aws:username}``."""
_TEMPLATE = re.compile(r"\{\{|<%|%\{|^[^\"\n]*\$\{|[:\[,]\s*\$\{", re.MULTILINE)
"""What is filled in before anybody reads it as JSON; ``"${aws:username}"`` in quotes is IAM's own."""
LARGEST = 64 * 1024  # characters; a managed policy may have 6144


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement; ``conditions`` is operator -> key -> values."""

    effect: str | None
    actions: tuple[str, ...] = ()
    others_than: tuple[str, ...] = ()  # the ``NotAction``: it is about every action but these
    resources: tuple[str, ...] = ()
    resources_read: bool = True  # the resources are all that it is about, and none of them is computed
    whole: bool = True  # neither its effect nor an action is computed
    attached: bool = False  # it names who may: its policy belongs to one thing, and `*` is that thing
    federated: tuple[str, ...] = ()
    services_only: bool = False  # whom it names are services of AWS, and nobody else
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    conditions_read: bool = True  # no value of a condition is computed, not even in part

    @property
    def allows(self) -> bool:
        """Tell whether it grants something."""
        return self.effect == "Allow"

    def about(self, action: str) -> bool:
        """Tell whether an action is one that it names; IAM minds no letter case there."""
        if self.others_than:
            return not any(_matches(pattern, action) for pattern in self.others_than)
        return any(_matches(pattern, action) for pattern in self.actions)

    def reaches(self, resource: str) -> bool:
        """Tell whether a resource, given as a pattern of ARNs, may be one that it is about."""
        if not self.resources_read or not self.resources:
            return True
        return any(meet(_VARIABLE.sub("*", one), resource) for one in self.resources)

    def condition(self, key: str) -> tuple[str, ...] | None:
        """Return the values that a key is compared with by equality or pattern; None without one."""
        found = [
            values
            for operator, keys in self.conditions.items()
            for name, values in keys.items()
            if name.lower() == key.lower() and "not" not in operator.lower()
        ]
        return None if not found else tuple(value for values in found for value in values)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One document; ``name`` is a file's path or terraform's address, ``line`` where it begins.

    ``written`` is what terraform makes it of; a file is its own text.
    """

    name: str
    source: Source
    line: int
    statements: tuple[Statement, ...]
    whole: bool = True  # it has no statement that is computed
    written: Mapping[Any, Any] | Block | None = field(default=None, repr=False, compare=False)

    def at(self, text: str) -> Evidence:
        """Return the first place of a text in the document, or its beginning."""
        begin = self.line - 1
        found = self.source.line_of(f'"{text}"', begin)
        if found is None and not self.source.path.endswith((".json", ".tf")):
            found = self.source.line_of(text, begin)  # YAML has texts without quotes
        return self.source.at(found or self.line)

    @property
    def readable(self) -> bool:
        """Tell whether all that it allows and denies is certain."""
        return self.whole and all(one.whole for one in self.statements)

    @property
    def conditions_read(self) -> bool:
        """Tell whether every value of every condition is certain."""
        return all(one.conditions_read for one in self.statements)


@dataclass(frozen=True, kw_only=True)
class TemplateRole:
    """A role of a CloudFormation template; ``name`` is None where CloudFormation makes one up.

    ``statements`` are those of all its policies, None when one of them cannot be read; ``trust`` likewise.
    """

    name: str | None
    logical: str
    source: Source = field(repr=False)
    line: int
    trust: Policy | None
    statements: tuple[Statement, ...] | None

    @property
    def at(self) -> Evidence:
        """Where it begins."""
        return self.source.at(self.line)


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All policies of a tree, and the files that should be one and are no JSON: by path, with the reason.

    ``roles`` are those of CloudFormation templates that let tokens in, with their own policies.
    """

    policies: tuple[Policy, ...] = ()
    unreadable: tuple[tuple[Source, int, str], ...] = ()
    roles: tuple[TemplateRole, ...] = ()

    def __iter__(self) -> Iterator[Policy]:
        return iter(self.policies)

    @property
    def services(self) -> frozenset[str]:
        """The services whose actions are named."""
        named = (action for policy in self for one in policy.statements for action in one.actions)
        return frozenset(action.partition(":")[0].lower() for action in named if ":" in action)


def read_policies(sources: Sources, terraform: Terraform) -> Policies:
    """Read every policy of the repository."""
    found: list[Policy] = []
    bad: list[tuple[Source, int, str]] = []
    for source in sources:
        if not source.path.endswith(".json") or '"Statement"' not in source.text:
            continue
        if len(source.text) > LARGEST or _TEMPLATE.search(source.text):
            continue
        try:
            document = json.loads(source.text)
        except json.JSONDecodeError as error:
            bad.append((source, error.lineno, error.msg))
            continue
        except RecursionError:
            bad.append((source, 1, "nested deeper than can be read"))
            continue
        if isinstance(document, Mapping):
            found += (replace(one, written=None) for one in _policy(source.path, source, 1, document))
    for module in terraform:
        arns = _arns(module)
        for block in module.blocks:
            found += _blocks(block, f"{module.directory or '.'}: {block.address}", arns)
    return Policies(policies=tuple(found), unreadable=tuple(bad))


def _arns(module: Module) -> Mapping[str, str]:
    """Return the ARNs that a module's own buckets and tables will have, by how expressions call them."""
    found = {}
    for kind, named, arn in (
        ("aws_s3_bucket", "bucket", bucket_arn("{}")),
        ("aws_dynamodb_table", "name", "arn:*:dynamodb:*:*:table/{}"),
    ):
        for block in module.of("resource", kind):
            name = block.get(named)
            if (
                isinstance(name, str)
                and "count" not in block.attributes
                and "for_each" not in block.attributes
            ):
                found[f"{kind}.{block.name}.arn"] = arn.format(name)
    return found


def _blocks(block: Block, name: str, arns: Mapping[str, str]) -> Iterator[Policy]:
    if block.type == "data" and block.labels[:1] == ("aws_iam_policy_document",):
        written = block.inner("statement")
        statements = tuple(_from_block(one, arns) for one in written)
        whole = not any(one.type == "dynamic" for one in written)
        yield Policy(
            name=name,
            source=block.source,
            line=block.line,
            statements=statements,
            whole=whole,
            written=block,
        )
        return
    for inner in nested(block) if block.type == "resource" else ():
        for attribute in inner.attributes.values():
            text = document_of(attribute.value)
            if text is not None:
                yield from _policy(name, block.source, attribute.line, text, arns)
            for call in calls(attribute.value):
                document = call.arguments[0] if call.function == "jsonencode" and call.arguments else None
                if isinstance(document, Mapping):
                    yield from _policy(name, block.source, call.line, document, arns)


def _policy(
    name: str,
    source: Source,
    line: int,
    document: Mapping[Any, Any],
    arns: Mapping[str, str] | None = None,
) -> Iterator[Policy]:
    listed = _statements(document)
    statements = statements_of(document, arns)
    if statements:
        whole = len(statements) == len(listed)
        yield Policy(
            name=name, source=source, line=line, statements=statements, whole=whole, written=document
        )


def policy_of(name: str, source: Source, line: int, document: Mapping[Any, Any]) -> Policy | None:
    """Read a document that stands in some other file; None for one without statements."""
    return next(_policy(name, source, line, document), None)


def statements_of(
    document: Mapping[Any, Any], arns: Mapping[str, str] | None = None
) -> tuple[Statement, ...]:
    """Read the statements of a policy document; what is none is left out.

    ``arns`` are those that expressions of Terraform stand for.
    """
    return tuple(
        _statement(one, arns or {})
        for one in _statements(document)
        if isinstance(one, Mapping) and "Effect" in one
    )


def _statements(document: Mapping[Any, Any]) -> tuple[Any, ...]:
    written = document.get("Statement")
    return tuple(written) if isinstance(written, list | tuple) else (written,)


def _statement(given: Mapping[Any, Any], arns: Mapping[str, str]) -> Statement:
    principal = given.get("Principal")
    conditions = given.get("Condition")
    parts = [given.get(key) for key in ("Action", "NotAction", "Effect")]
    return Statement(
        effect=given["Effect"] if isinstance(given["Effect"], str) else None,
        actions=_texts(given.get("Action")),
        others_than=_texts(given.get("NotAction")),
        resources=_texts(_with_arns(given.get("Resource"), arns)),
        resources_read=not _is_computed(_with_arns(given.get("Resource"), arns))
        and "NotResource" not in given,
        whole=not any(_is_computed(part) for part in parts),
        attached=principal is not None,
        federated=_texts(principal.get("Federated")) if isinstance(principal, Mapping) else (),
        services_only=isinstance(principal, Mapping) and set(principal) == {"Service"},
        conditions={
            str(operator): {str(key): _texts(values) for key, values in keys.items()}
            for operator, keys in (conditions.items() if isinstance(conditions, Mapping) else ())
            if isinstance(keys, Mapping)
        },
        conditions_read=not _has_expression(conditions),
    )


def _with_arns(value: Any, arns: Mapping[str, str]) -> Any:
    """Put in the ARNs that are certain: ``aws_s3_bucket.a.arn``, and ``"${aws_s3_bucket.a.arn}/*"``."""
    if isinstance(value, list | tuple):
        return tuple(_with_arns(one, arns) for one in value)
    if not isinstance(value, Expression):
        return value
    text = value.text.strip()
    if text in arns:
        return arns[text]
    filled = _REFERENCE.fullmatch(text)
    return f"{arns[filled[1]]}{filled[2]}" if filled is not None and filled[1] in arns else value


_REFERENCE = re.compile(r'"\$\{\s*([\w.-]+)\s*\}([^"$%]*)"')


def _from_block(block: Block, arns: Mapping[str, str]) -> Statement:
    resources = _with_arns(block.get("resources"), arns)
    effect = block.get("effect")
    conditions: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in block.inner("condition"):
        test, variable = one.get("test"), one.get("variable")
        conditions.setdefault(str(test), {})[str(variable)] = _texts(one.get("values"))
    federated = [p.get("identifiers") for p in block.inner("principals") if p.get("type") == "Federated"]
    return Statement(
        effect="Allow" if effect is None else effect if isinstance(effect, str) else None,
        actions=_texts(block.get("actions")),
        others_than=_texts(block.get("not_actions")),
        resources=_texts(resources),
        resources_read=not _is_computed(resources) and "not_resources" not in block.attributes,
        whole=not any(_is_computed(block.get(name)) for name in ("actions", "not_actions", "effect"))
        and block.type != "dynamic",
        attached=any(True for _ in block.inner("principals")),
        federated=tuple(text for one in federated for text in _texts(one)),
        services_only={one.get("type") for one in block.inner("principals")} == {"Service"},
        conditions=conditions,
        conditions_read=not any(
            one.type == "dynamic" or any(_has_expression(given.value) for given in one.attributes.values())
            for one in block.inner("condition")
        ),
    )


def _matches(pattern: str, action: str) -> bool:
    """Compare as IAM does: only ``*`` and ``?`` stand for something."""
    return fnmatch.fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))


def _texts(value: object) -> tuple[str, ...]:
    """Return the texts of one or a list; of a template what is certain of it, with ``*`` between."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Expression):
        return ("*".join("" if p is None else p for p in value.parts),) if any(value.parts) else ()
    if isinstance(value, list | tuple):
        return tuple(text for one in value for text in _texts(one))
    return ()


def _has_expression(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_expression(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(_has_expression(one) for one in value)
    return isinstance(value, Expression)


def _is_computed(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_computed(one) for one in value)
    return isinstance(value, Expression) and not any(value.parts)

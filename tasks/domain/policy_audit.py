"""Policy documents as a linter reads them, and what it says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.domain.evidence import Evidence
from tasks.domain.iam_policy import Policies, Policy, Statement
from tasks.domain.terraform import Block, Expression, Value

_PLACEHOLDER = re.compile(
    r"<[^>]+>|\$\{(?![a-z0-9-]+:)[^}]*\}|\{\{|\b(?:REPLACE|YOUR|ACCOUNT|BUCKET|REGION)[_-]"
)
"""What somebody has to fill in first; ``${aws:username}`` is a variable of IAM's own."""
_NO_SID = ("sid", "")  # the AWS provider leaves it out of the document
_ANY = "*"  # what stands for a value that only terraform can compute


@dataclass(frozen=True, kw_only=True)
class PolicyFinding:
    """What the linter says; ``severity`` is its own word in lower case, ``statement`` None for the whole."""

    policy: str
    rule: str
    title: str
    detail: tuple[str, ...]
    severity: str
    statement: int | None
    at: Evidence


@dataclass(frozen=True, kw_only=True)
class PolicyAudit:
    """Everything that one look of the linter found; ``unread`` are the documents that it could not judge."""

    tool: str
    findings: tuple[PolicyFinding, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PolicyText:
    """A document as JSON; ``open_resources`` are the statements whose resources only a run tells."""

    policy: Policy
    text: str
    open_resources: frozenset[int]

    def at(self, line: int | None, text: str | None, statement: int | None) -> Evidence:
        """Return the place in the repository of what the linter names by line, text or statement."""
        policy = self.policy
        if policy.written is None:
            return policy.source.at(line or policy.line)
        if text:
            return policy.at(text)
        if statement is not None and isinstance(policy.written, Block):
            return policy.source.at(policy.written.inner("statement")[statement].line)
        named = policy.statements[statement].actions if statement is not None else ()
        return policy.at(named[0]) if named else policy.source.at(policy.line)


def policy_texts(policies: Policies) -> Iterator[PolicyText]:
    """Go through the documents that can be judged: no trust policies, and none with computed statements."""
    for policy in policies:
        if not policy.readable or any(_is_trust(one) for one in policy.statements):
            continue
        opened = set()
        if policy.written is None:
            text = policy.source.text
            for index, one in enumerate(policy.statements):
                if any(is_left_open(resource) for resource in one.resources):
                    opened.add(index)
        else:
            made = _of_block(policy.written) if isinstance(policy.written, Block) else policy.written
            document, opened = _document(made)
            text = json.dumps(document, indent=1)
        yield PolicyText(policy=policy, text=text, open_resources=frozenset(opened))


def is_left_open(written: str) -> bool:
    """Tell whether somebody has to fill in a part of it first: ``<ROLE_ARN>``, ``${NAME}``."""
    return _PLACEHOLDER.search(written) is not None


def _is_trust(statement: Statement) -> bool:
    """Tell whether it says who may be a role: it has no resource, which the linter takes for a mistake."""
    return any(one.lower().startswith("sts:assume") for one in statement.actions) and statement.attached


def _document(written: Mapping[Any, Any]) -> tuple[dict[str, Any], set[int]]:
    given = written.get("Statement")
    statements = list(given) if isinstance(given, list | tuple) else [given]
    document: dict[str, Any] = {str(key): _plain(value) for key, value in written.items()}
    if isinstance(written.get("Version"), Expression):
        document["Version"] = "2012-10-17"
    made, opened = [], set()
    for index, one in enumerate(statements):
        statement = dict(one) if isinstance(one, Mapping) else {}
        for key in ("Resource", "NotResource"):
            if _is_open(statement.get(key)):
                opened.add(index)
                statement[key] = _ANY
        for key in ("Condition", "Sid"):
            if _is_open(statement.get(key)):
                del statement[key]
        if isinstance(statement.get("Principal"), Expression) or _is_open(statement.get("Principal")):
            statement["Principal"] = _ANY
        made.append({str(key): _plain(value) for key, value in statement.items()})
    document["Statement"] = made
    return document, opened


def _of_block(block: Block) -> Mapping[str, Any]:
    """Write a data block as the document that terraform makes of it."""
    statements = []
    for one in block.inner("statement"):
        names = {
            "sid": "Sid", "effect": "Effect", "actions": "Action", "not_actions": "NotAction",
            "resources": "Resource", "not_resources": "NotResource",
        }  # fmt: skip
        made: dict[str, Any] = {
            names[name]: attribute.value
            for name, attribute in one.attributes.items()
            if name in names and (name, attribute.value) != _NO_SID
        }
        made.setdefault("Effect", "Allow")
        if one.inner("principals") or one.inner("not_principals"):
            made["Principal" if one.inner("principals") else "NotPrincipal"] = _ANY
        conditions: dict[str, dict[str, Value]] = {}
        for condition in one.inner("condition"):
            test, variable = condition.get("test"), condition.get("variable")
            values = condition.get("values")
            if isinstance(test, str) and isinstance(variable, str) and not _is_open(values):
                single = values[0] if isinstance(values, tuple) and len(values) == 1 else values
                conditions.setdefault(test, {})[variable] = single
        if conditions:
            made["Condition"] = conditions
        statements.append(made)
    return {"Version": "2012-10-17", "Statement": statements}


def _is_open(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_is_open(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_is_open(item) for item in value)
    return isinstance(value, Expression)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Expression):
        return "".join(_ANY if part is None else part for part in value.parts) or _ANY
    return value

"""Has the linter look at the policies of a tree, and returns what it said as a fact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tasks.domain.iam_policy import Policies
from tasks.domain.policy_audit import PolicyAudit, PolicyFinding, PolicyText, is_left_open, policy_texts
from tasks.systems.parliament import Parliament

_OF_RESOURCES = ("RESOURCE_", "INVALID_ARN")
"""Rules about resources: they say nothing of a statement whose resources only a run tells."""
_STAR = ("RESOURCE_STAR", "RESOURCE_EFFECTIVELY_STAR")
"""Narrower ones are not called for where a condition narrows, or where `*` is the thing itself."""
_LISTS = re.compile(r"[\w-]+:(?:Describe|List)\w*s")
"""Actions that list: a call without names needs `*`, as cloudwatch:DescribeAlarms does."""
_NOT_ASKED = frozenset(
    {
        # Its list of condition keys is no complete one: ec2-instance-connect knows ec2:ResourceTag.
        "UNKNOWN_CONDITION_FOR_ACTION",
        "MISMATCHED_TYPE",
        "MISMATCHED_TYPE_BUT_USABLE",
        "EXCEPTION",
    }
)


def policy_audit(parliament: Parliament, policies: Policies, directory: Path) -> PolicyAudit:
    """Hand over the documents that can be judged and keep what is certain; raises what the program raises."""
    tool = parliament.version()
    texts = {str(number): one for number, one in enumerate(policy_texts(policies))}
    if not texts:
        return PolicyAudit(tool=tool)
    said = parliament.look({number: one.text for number, one in texts.items()}, directory)
    found = [
        PolicyFinding(
            policy=one.policy.name,
            rule=told["rule"],
            title=told["title"],
            detail=_detail(told),
            severity=told["severity"],
            statement=told["statement"],
            at=one.at(told["line"], told["text"], told["statement"]),
        )
        for number, one in texts.items()
        for told in said[number] or ()
        if _is_certain(one, told)
    ]
    unread = tuple(one.policy.name for number, one in texts.items() if said[number] is None)
    return PolicyAudit(tool=tool, findings=tuple(found), unread=unread)


def _detail(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a finding is about, without the actions that need every resource to list them."""
    named = tuple(told["detail"])
    return tuple(one for one in named if not _LISTS.fullmatch(one)) if told["rule"] in _STAR else named


def _is_certain(text: PolicyText, told: Mapping[str, Any]) -> bool:
    rule, statement = told["rule"], told["statement"]
    if rule in _NOT_ASKED or (told["detail"] and all(map(is_left_open, told["detail"]))):
        return False
    opened = text.open_resources if statement is None else text.open_resources & {statement}
    if opened and rule.startswith(_OF_RESOURCES):
        return False
    if rule == "INVALID_ARN" and "::aws:" in (told["text"] or ""):
        return False  # what AWS itself keeps belongs to the account ``aws``
    stated = text.policy.statements[statement] if statement is not None else None
    if stated is None:
        return True
    if rule in _STAR and (stated.attached or stated.conditions or (told["detail"] and not _detail(told))):
        return False
    # A policy of a key, a repository or a bucket needs no resource, and may call its statements as it likes.
    needless = rule == "MALFORMED" and any("Resource" in one for one in told["detail"])
    return not (stated.attached and (rule == "INVALID_SID" or needless))

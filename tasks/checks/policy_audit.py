"""Whether a linter of IAM policies has something to say that the other checks do not tell already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.finding import Remedy, Weight
from tasks.domain.iam_policy import Policies, Statement
from tasks.domain.phase import Phase
from tasks.domain.policy_audit import PolicyAudit, PolicyFinding

_TOLD_ALREADY = frozenset({"MALFORMED_JSON", "UNKNOWN_ACTION", "UNKNOWN_PREFIX"})
"""``iam-policy-parses`` and ``iam-action-exists`` tell of these."""
_REFUSED = frozenset({"DUPLICATE_SID", "INVALID_SID", "INVALID_VERSION", "MALFORMED", "UNKNOWN_OPERATOR"})
"""What IAM does not take; whether anybody hands it the document is not certain."""
_REFUSES = "Correct it: IAM refuses the document as it is"
_INSTEAD = {"RESOURCE_STAR": "Name the resources that are meant: these actions can be allowed on some only"}


@check("policy-audit-passes", phase=Phase.PROVISIONING, weight=Weight.WARNING, subject="iam-policies")
def policy_audit_passes(audit: PolicyAudit, policies: Policies) -> Iterator[Answer]:
    """No IAM policy has a place that parliament calls wrong; what only a run tells is not judged."""
    by_rule: dict[tuple[str, str], list[PolicyFinding]] = defaultdict(list)
    for one in audit.findings:
        if one.rule not in _TOLD_ALREADY and not _is_told(one, policies):
            by_rule[one.policy, one.rule].append(one)
    for (name, rule), found in sorted(by_rule.items()):
        details = [detail for one in found for detail in one.detail]
        serious = rule in _REFUSED or found[0].severity in ("medium", "high", "critical")
        yield broken(
            f"{name}: {rule}",
            f"{audit.tool}: {found[0].title.rstrip('. ')} in {name}"
            + (f": {listed(details, 3)}" if details else ""),
            *list(dict.fromkeys(one.at for one in found))[:MOST_PLACES],
            remedy=Remedy(
                summary=_REFUSES
                if rule in _REFUSED
                else _INSTEAD.get(rule, f"Follow what parliament says of {rule}"),
                url="https://github.com/duo-labs/parliament",
                minutes=min(30, 3 + 2 * len(found)),
            ),
            weight=Weight.WARNING if serious else Weight.NOTE,
        )
    for name in audit.unread:
        told = f"{audit.tool} stops at {name} with an error of its own"
        yield unknown(name, told, weight=Weight.NOTE, remedy=Remedy(summary="Read it by hand", minutes=5))
    if not by_rule:
        yield holds("policies", f"{audit.tool} finds nothing")


def _is_told(one: PolicyFinding, policies: Policies) -> bool:
    """Tell whether ``iam-not-everything`` or ``iam-pass-role-scoped`` says the same of the statement."""
    if not one.rule.startswith("RESOURCE_") or one.statement is None:
        return False
    if one.rule == "RESOURCE_MISMATCH":
        return False
    return any(
        _is_wide(policy.statements[one.statement])
        for policy in policies
        if policy.name == one.policy and one.statement < len(policy.statements)
    )


def _is_wide(statement: Statement) -> bool:
    return any(action.endswith("*") or action.lower() == "iam:passrole" for action in statement.actions)

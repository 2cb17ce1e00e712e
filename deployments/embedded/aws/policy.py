"""IAM policy documents, evaluated as AWS documents it: a deny wins, then an allow, else an implicit deny.

Source: the "Policy evaluation logic" and "IAM JSON policy elements" pages of the IAM user guide. A condition
operator that is not known here never grants anything and always denies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

Decision = Literal["allowed", "explicitDeny", "implicitDeny"]
Context = Mapping[str, str]


def evaluate(
    documents: Iterable[Mapping[str, Any]], *, action: str, resource: str, context: Context
) -> Decision:
    """Decide one action on one resource under identity policies."""
    decision: Decision = "implicitDeny"
    for document in documents:
        for statement in as_list(document.get("Statement", [])):
            effect = statement.get("Effect")
            if not (_action_matches(statement, action) and _resource_matches(statement, resource)):
                continue
            if not conditions_hold(statement.get("Condition", {}), context, unknown=effect == "Deny"):
                continue
            if effect == "Deny":
                return "explicitDeny"
            decision = "allowed"
    return decision


def conditions_hold(conditions: Mapping[str, Any], context: Context, *, unknown: bool = False) -> bool:
    """Every operator of a condition block holds; `unknown` is the verdict on an operator not known here."""
    for operator, wanted in conditions.items():
        test = _OPERATORS.get(operator.removeprefix("ForAnyValue:").removeprefix("ForAllValues:"))
        if_exists = operator.endswith("IfExists")
        if test is None and if_exists:
            test = _OPERATORS.get(operator.removesuffix("IfExists"))
        if test is None:
            return unknown
        negative = "Not" in operator
        for key, values in wanted.items():
            have = _lookup(context, key)
            if have is None:
                if operator.startswith("Null"):
                    if not any(str(v).lower() == "true" for v in as_list(values)):
                        return False
                    continue
                if if_exists or negative:
                    continue
                return False
            tests = [test(have, str(v)) for v in as_list(values)]
            if not (all(tests) if negative else any(tests)):
                return False
    return True


def wildcard(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile an IAM pattern, in which only * and ? are special."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def as_list(value: Any) -> list[Any]:
    """Return a policy element, which may stand alone, as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _lookup(context: Context, key: str) -> str | None:
    folded = key.lower()
    return next((value for name, value in context.items() if name.lower() == folded), None)


def _action_matches(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(
            wildcard(str(p), ignore_case=True).fullmatch(action) for p in as_list(statement["NotAction"])
        )
    return any(
        wildcard(str(p), ignore_case=True).fullmatch(action) for p in as_list(statement.get("Action", []))
    )


def _resource_matches(statement: Mapping[str, Any], resource: str) -> bool:
    if "NotResource" in statement:
        return not any(wildcard(str(p)).fullmatch(resource) for p in as_list(statement["NotResource"]))
    return any(wildcard(str(p)).fullmatch(resource) for p in as_list(statement.get("Resource", [])))


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda have, want: have == want,
    "StringNotEquals": lambda have, want: have != want,
    "StringEqualsIgnoreCase": lambda have, want: have.lower() == want.lower(),
    "StringLike": lambda have, want: wildcard(want).fullmatch(have) is not None,
    "StringNotLike": lambda have, want: wildcard(want).fullmatch(have) is None,
    "ArnEquals": lambda have, want: wildcard(want).fullmatch(have) is not None,
    "ArnLike": lambda have, want: wildcard(want).fullmatch(have) is not None,
    "Bool": lambda have, want: have.lower() == want.lower(),
    "Null": lambda _have, want: want.lower() == "false",
}

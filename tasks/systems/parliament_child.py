"""Has parliament read policies, in a process of its own: ``parliament_child.py FILE``.

FILE is a JSON object of documents by name; what is written to standard output is an object of the findings
by name, null for a document that parliament cannot read to its end.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import parliament
    from parliament.misc import make_list
    from parliament.statement import get_privilege_info


def main(path: str) -> None:
    """Read every document of a file and write the findings."""
    said: dict[str, list[dict[str, Any]] | None] = {}
    for name, text in json.loads(Path(path).read_text()).items():
        try:
            with contextlib.redirect_stdout(sys.stderr):
                said[name] = list(findings(text))
        except Exception as error:  # noqa: BLE001 - parliament stops at what it does not know; the others go on
            sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n")
            said[name] = None
    sys.stdout.write(json.dumps(said))


def findings(text: str) -> Iterator[dict[str, Any]]:
    """Go through what parliament says of one document."""
    policy = parliament.analyze_policy_string(text, ignore_private_auditors=True)
    told: list[tuple[int | None, Any]] = [(None, one) for one in policy._findings]  # noqa: SLF001 - the whole's have no other name
    told += [(index, one) for index, stated in enumerate(policy.statements) for one in stated.findings]
    for statement, one in told:
        enhanced = parliament.enhance_finding(one)
        location = enhanced.location if isinstance(enhanced.location, dict) else {}
        detail = enhanced.detail
        if enhanced.issue == "RESOURCE_MISMATCH" and statement is not None:
            stated = policy.statements[statement].stmt
            named = {action.value for action in make_list(stated["Action"])} if "Action" in stated else set()
            listed = {one.value for one in make_list(stated["Resource"])} if "Resource" in stated else set()
            detail = nowhere(detail, named, listed)
            if not detail:
                continue
        yield {
            "rule": enhanced.issue,
            "title": " ".join(enhanced.title.split()),
            "detail": shown(detail),
            "severity": enhanced.severity.lower(),
            "statement": statement,
            "line": location.get("line", location.get("lineno")),
            "text": location.get("string") if isinstance(location.get("string"), str) else None,
        }


def nowhere(mismatches: Iterable[Mapping[str, str]], named: set[str], listed: Iterable[str]) -> list[str]:
    """Return the actions that have none of the resources they could be about, with those.

    parliament names every kind of resource that is missing, also of an action that is about another kind,
    and of one that only a pattern of the statement names; and it takes no name with a colon for a resource.
    """
    by_action: dict[str, set[str]] = {}
    for one in mismatches:
        if one["action"] in named:
            by_action.setdefault(one["action"], set()).add(one["required_format"])
    lacking = {}
    for action, formats in by_action.items():
        service, _, name = action.partition(":")
        known = get_privilege_info(service, name)["resource_types"]
        kinds = {kind["resource_type"].replace("*", "") for kind in known} - {""}
        if len(kinds) == len(formats) and not any(_fits(one, each) for one in listed for each in formats):
            lacking[action] = sorted(formats)
    return [f"{action} is about {' or '.join(formats)}" for action, formats in sorted(lacking.items())]


def _fits(resource: str, required: str) -> bool:
    """Tell whether a resource is of a kind that AWS writes as ``TYPE/NAME``, whatever stands in its name.

    The ids of some have a colon: ``foundation-model/NAME-v1:0``.
    """
    kind, slash, _ = required.split(":", 5)[-1].partition("/")
    own = resource.split(":", 5)
    if not slash or "*" in kind or len(own) < 6 or not own[5].startswith(f"{kind}/"):
        return False
    plain = resource.replace(own[5], own[5].replace(":", "-"))
    return bool(parliament.is_arn_match(kind, required, plain))


def shown(detail: object) -> list[str]:
    """Write a detail as texts: the actions it is about, or a sentence."""
    return [str(one) for one in detail] if isinstance(detail, list) else [str(detail)] if detail else []


if __name__ == "__main__":
    main(sys.argv[1])

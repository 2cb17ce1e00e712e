"""Rights that a role lacks, and the one policy that gives it all: a second of its name would undo that."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.answers import counted, listed
from tasks.domain.check import Answer, broken
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase

_NAME = "workflows"
_FEW = 3  # actions: more are counted, the command has them all
_TO_FILL_IN = "ARN-TO-FILL-IN"
"""What stands for a resource that nobody can know: AWS takes no policy with it, so it cannot be forgotten."""
_LOOKS = ("Get", "List", "Generate", "Simulate")
_GIVES_RIGHTS = ("iam:PutRolePolicy", "iam:AttachRolePolicy")
_MAKES = "python -m flows.activate --until provisioning"


@dataclass(frozen=True, kw_only=True)
class MissingRight:
    """What a role may not do: ``wanted`` are actions, each with the pattern of ARNs it is asked for.

    ``written_in`` are the policies of the repository that could allow it; none for a role that provisioning
    makes, which is given more by a policy beside that of provisioning.
    """

    subject: str
    told: str
    places: tuple[Evidence, ...]
    role: str
    wanted: tuple[tuple[str, str], ...]
    written_in: tuple[str, ...]
    phase: Phase | None
    weight: Weight | None


@dataclass(frozen=True, kw_only=True)
class ProvisionedRole:
    """The role that provisioning makes: whether AWS is known not to have it yet, and its policies' names."""

    to_be_made: bool = False
    policies: Collection[str] = ()


def with_remedies(found: Iterable[Answer | MissingRight], provisioned: ProvisionedRole) -> Iterator[Answer]:
    """Tell of what is missing, each with the policy that holds all that its role lacks."""
    told = list(found)
    wanted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in told:
        if isinstance(one, MissingRight):
            wanted[one.role] += one.wanted
    for one in told:
        if isinstance(one, Answer):
            yield one
            continue
        remedy = _in_files(one) if one.written_in else _by_command(one.role, wanted[one.role], provisioned)
        yield broken(one.subject, one.told, *one.places, remedy=remedy, phase=one.phase, weight=one.weight)


def _in_files(missing: MissingRight) -> Remedy:
    actions = [action for action, _ in missing.wanted]
    return Remedy(
        summary=f"Allow {listed(actions)} for {missing.role}, on the resources that are meant, "
        f"in {listed(missing.written_in)}",
        minutes=10,
    )


def _by_command(role: str, wanted: list[tuple[str, str]], provisioned: ProvisionedRole) -> Remedy:
    by_resource = _by_resource([(action, _meant(action, resource)) for action, resource in wanted])
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": resource}
        for resource, actions in by_resource.items()
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    number = len({action for action, _ in wanted})
    actions = listed([action for action, _ in wanted]) if number <= _FEW else counted(number, "action")
    summary = f"Allow {actions}, all that {role} lacks, in one policy, on the resources that are meant"
    if _TO_FILL_IN in by_resource:
        summary += (
            f"; write the ARN of what {listed(by_resource[_TO_FILL_IN])} may be used on for {_TO_FILL_IN}"
        )
    if itself := [one for one in _GIVES_RIGHTS if (one, f"arn:aws:iam::*:role/{role}") in wanted]:
        summary += f"; mind that with {listed(itself)} on itself it may give itself every right"
    grant = f"aws iam put-role-policy --role-name {role} --policy-name {_free(provisioned.policies)}"
    commands = (f"{grant} --policy-document {shlex.quote(document)}",)
    first: tuple[str, ...] = ()
    if provisioned.to_be_made:
        summary = f"Let provisioning make {role}, then allow{summary.removeprefix('Allow')}"
        first = (_MAKES,)
    return Remedy(summary=summary, commands=(*first, *commands), owner="aws-admin", minutes=10)


def _meant(action: str, resource: str) -> str:
    """Return what an action is allowed on; rights over rights on everything are those of an administrator."""
    service, _, verb = action.partition(":")
    return _TO_FILL_IN if resource == "*" and service == "iam" and not verb.startswith(_LOOKS) else resource


def _by_resource(wanted: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the actions for each resource; what is allowed on all is not said of one as well."""
    everywhere = {action for action, resource in wanted if resource == "*"}
    actions: dict[str, list[str]] = defaultdict(list)
    for action, resource in dict.fromkeys(wanted):
        if resource == "*" or action not in everywhere:
            actions[resource].append(action)
    return actions


def _free(taken: Collection[str]) -> str:
    """Return a name that no policy of the role has: to put one of that name would take its place."""
    numbered = (f"{_NAME}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (_NAME, *numbered) if name not in taken)

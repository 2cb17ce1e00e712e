"""Whether the repository's IAM policies can be read, name actions there are, and grant no more than meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.aws_action import OTHERS, PREFIXES
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.cloud_names import ISSUER
from tasks.domain.edit_command import Edit, corrected
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.iam_action import KnownActions
from tasks.domain.iam_policy import Policies, Policy, Statement
from tasks.domain.phase import Phase
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.trusted import lets_github_in


@check(
    "iam-policy-parses",
    phase=Phase.PROVISIONING,
    remedy=Remedy(summary="Correct the JSON; `python3 -m json.tool` names the place", minutes=5),
)
def iam_policy_parses(policies: Policies) -> Iterator[Answer]:
    """Every file that holds an IAM policy is JSON."""
    for source, line, reason in policies.unreadable:
        told = f"{source.path} looks like an IAM policy and is no JSON: {reason}"
        yield broken(source.path, told, source.at(line))
    for policy in policies:
        if policy.name == policy.source.path:
            yield holds(policy.name, "is JSON")


@check(
    "iam-action-exists",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Name the action as the Service Authorization Reference does",
        url="https://docs.aws.amazon.com/service-authorization/latest/reference/",
        owner="aws-admin",
        minutes=5,
    ),
)
def iam_action_exists(policies: Policies, known: KnownActions) -> Iterator[Answer]:
    """Every action that a policy names is one that IAM knows; others grant and deny nothing, in silence."""
    yield from merged(_actions(policies, known))


_UNLISTED = frozenset({"sns:receive", "logs:putlogeventsbatch"})
"""What AWS's own documents write into policies although no list has it, in small letters."""


def _actions(policies: Policies, known: KnownActions) -> Iterator[Answer]:
    """Tell of each policy once what it names that IAM does not know."""
    for policy in policies:
        told: list[str] = []
        places: list[Evidence] = []
        weights: list[Weight] = []
        each: list[tuple[Edit, ...]] = []
        for statement in policy.statements:
            for action in statement.actions:
                if ":" not in action or "$" in action:
                    continue
                there = True if action.lower() in _UNLISTED else known.has(action)
                if there is False and (_allowing(action) or not known.is_operation(action)):
                    said, weight = _unknown_action(policy, statement, action, known)
                    near = re.search(r"\(the nearest name is ([\w:]+)\)$", said)
                    each.append(() if near is None else corrected(action, near[1], policy.at(action)))
                    told.append(said)
                    places.append(policy.at(action))
                    weights.append(weight)
                elif there:
                    yield holds(policy.name, "its actions are known")
        if told:
            weight = Weight.WARNING if Weight.WARNING in weights else Weight.NOTE
            unknown = list(dict.fromkeys(told))
            sure = not all(one.endswith(_PERHAPS) for one in unknown)
            begin = "IAM knows" if sure else "the list of IAM's actions that is installed here has"
            begin += " no action " if len(unknown) == 1 else " none of: "
            edits = tuple(dict.fromkeys(edit for one in each for edit in one)) if all(each) else ()
            said = begin + "; ".join(unknown)
            yield broken(policy.name, said, *dict.fromkeys(places), weight=weight, edits=edits)


_PERHAPS = " (nor do the models have such an operation)"


def _unknown_action(
    policy: Policy, statement: Statement, action: str, known: KnownActions
) -> tuple[str, Weight]:
    """Return the action that is none with what is known of it, and whether anything is lost by it."""
    allowing = _allowing(action)
    if allowing:
        told = f"{action} (what allows the call is {listed(allowing)}"
        granted = [one for one in allowing if statement.allows and _grants(policy, one)]
        if len(granted) == len(allowing):
            return f"{told}, which the policy allows)", Weight.NOTE
        return f"{told})", Weight.WARNING
    near = known.alike(action)
    if near is not None:
        told = f"{action} (the nearest name is {near})"
        return told, Weight.NOTE if statement.allows and _grants(policy, near) else Weight.WARNING
    # The list is older than the newest actions: only a name beside one of it is misspelled.
    return f"{action}{_PERHAPS}", Weight.NOTE


def _grants(policy: Policy, action: str) -> bool:
    return any(one.allows and one.about(action) for one in policy.statements)


def _allowing(action: str) -> tuple[str, ...]:
    """Return the actions that allow an operation, where somebody named the operation for an action."""
    service, _, name = action.partition(":")
    if action.lower() in _OF_OTHERS:
        return (_OF_OTHERS[action.lower()],)
    operation = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    services = (service.lower(), *(one for one, prefix in PREFIXES.items() if prefix == service.lower()))
    commands = (f"{one} {operation}" for one in services)
    return next((OTHERS[one] for one in commands if one in OTHERS), ())


_OF_OTHERS = {
    "ebs:createsnapshot": "ec2:CreateSnapshot",
    "ebs:deletesnapshot": "ec2:DeleteSnapshot",
    "ebs:describesnapshots": "ec2:DescribeSnapshots",
    "ebs:describevolumes": "ec2:DescribeVolumes",
}
"""What people look for in the service that a thing is called by, in small letters -> where it is."""


_MEANT = re.compile(r"(?<![a-z])(?:admin(?:s|istrators?)?|boundary|examples?)(?![a-z])", re.IGNORECASE)
"""How policies are called that are to allow everything, only limit others, or show how one is written."""
_APPLIES = re.compile(
    r"(?<![a-z])(?:tf|terraform|tofu|infra(?:structure)?|bootstrap)(?![a-z])", re.IGNORECASE
)
"""How roles are called that make whatever the repository declares."""
_ADMINISTRATOR = "AdministratorAccess"
_NO_RESOURCES = frozenset({"ce:*", "cur:*", "health:*", "pricing:*", "support:*", "trustedadvisor:*"})
"""Services whose actions know no resource but `*`."""


@check(
    "iam-not-everything",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name the actions that are used, on the resources they are used on", minutes=30),
)
def iam_not_everything(policies: Policies, terraform: Terraform) -> Iterator[Answer]:
    """No policy allows every action, or every action of a service on every resource."""
    yield from merged(_everything(policies))
    yield from merged(_administrators(policies, terraform))


def _administrators(policies: Policies, terraform: Terraform) -> Iterator[Answer]:
    """Tell of roles for GitHub's jobs that are given AWS's own policy for administrators."""
    for module in terraform:
        for role in module.of("resource", "aws_iam_role"):
            places = list(_as_administrator(module, role))
            if not places or not lets_github_in(module, role, policies):
                continue
            name = str(role.get("name") or "")
            meant = (
                _MEANT.search(role.address) or _MEANT.search(name) or _APPLIES.search(f"{role.name} {name}")
            )
            told = f"{role.address} has {_ADMINISTRATOR}: every job that it lets in may do everything"
            subject = f"{module.directory or '.'}: {role.address}"
            yield broken(subject, told, *places, role.at(), weight=Weight.NOTE if meant else None)


def _as_administrator(module: Module, role: Block) -> Iterator[Evidence]:
    """Go through the places that give a role the rights of an administrator."""
    given = role.get("managed_policy_arns")
    if isinstance(given, tuple) and any(_is_administrator(one) for one in given):
        yield role.at("managed_policy_arns")
    for block in module.of("resource", "aws_iam_role_policy_attachment"):
        attribute = block.attributes.get("role")
        labels = [one.path[1] for one in attribute.references if one.path[1:]] if attribute else []
        sure = "count" not in block.attributes and "for_each" not in block.attributes
        if sure and labels == [role.name] and _is_administrator(block.get("policy_arn")):
            yield block.at("policy_arn")


def _is_administrator(arn: object) -> bool:
    return isinstance(arn, str) and arn.endswith(f":iam::aws:policy/{_ADMINISTRATOR}")


def _everything(policies: Policies) -> Iterator[Answer]:
    for policy, statement in _statements(policies):
        wide = [one for one in statement.actions if one == "*" or one.endswith(":*")]
        if statement.allows and wide and "*" in statement.resources and not statement.attached:
            narrowed = " under a condition" if statement.conditions else ""
            told = f"{policy.name} allows {', '.join(wide)} on every resource{narrowed}"
            meant = _MEANT.search(policy.name) or all(one in _NO_RESOURCES for one in wide)
            weight = Weight.NOTE if narrowed or meant else None
            yield broken(policy.name, told, policy.at(wide[0]), weight=weight)
        elif statement.allows and "*" in statement.actions and not statement.attached:
            told = f"{policy.name} allows every action of every service on {listed(statement.resources, 3)}"
            yield broken(policy.name, told, policy.at("*"), weight=Weight.NOTE)
        else:
            yield holds(policy.name, "is narrower than that")


@check(
    "iam-pass-role-scoped",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Name the roles that may be passed on, and iam:PassedToService", minutes=15),
)
def iam_pass_role_scoped(policies: Policies) -> Iterator[Answer]:
    """No policy lets every role be passed on: whoever may pass any role has the rights of all of them."""
    yield from merged(_passing(policies))


def _passing(policies: Policies) -> Iterator[Answer]:
    for policy, statement in _statements(policies):
        passing = [one for one in statement.actions if one.lower() == "iam:passrole"]
        if not passing or not statement.allows:
            continue
        everywhere = "*" in statement.resources or any(one.endswith(":role/*") for one in statement.resources)
        if everywhere and not statement.conditions:
            told = f"{policy.name} lets every role be passed on"
            yield broken(policy.name, told, policy.at(passing[0]))
        else:
            yield holds(policy.name, "names the roles")


@check(
    "iam-trust-names-repository",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary=f"Add a condition on {ISSUER}:sub that names the repository and its environment or branch",
        owner="aws-admin",
        minutes=10,
    ),
)
def iam_trust_names_repository(policies: Policies) -> Iterator[Answer]:
    """Every role that trusts GitHub's tokens says of which repository: any other could assume it as well."""
    yield from merged(_trusts(policies))


def _trusts(policies: Policies) -> Iterator[Answer]:
    for policy, statement in _statements(policies):
        if not statement.allows or not any(ISSUER in one for one in statement.federated):
            continue
        subjects = statement.condition(f"{ISSUER}:sub")
        anybody = [one for one in subjects or () if _names_nobody(one)]
        if subjects is None:
            told = f"{policy.name} trusts every repository on GitHub: no condition on the token's subject"
            yield broken(policy.name, told, policy.at(next(one for one in statement.federated)))
        elif anybody:
            told = f"{policy.name} trusts {anybody[0]}: that is more than one owner's repositories"
            yield broken(policy.name, told, policy.at(anybody[0]))
        else:
            yield holds(policy.name, "names the repository")


def _names_nobody(subject: str) -> bool:
    owner = subject.removeprefix("repo:").partition("/")[0]
    return subject == "*" or (subject.startswith("repo:") and owner in ("*", ""))


def _statements(policies: Policies) -> Iterator[tuple[Policy, Statement]]:
    for policy in policies:
        for statement in policy.statements:
            yield policy, statement

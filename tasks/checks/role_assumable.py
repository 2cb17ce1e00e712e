"""Whether the roles that jobs assume by name are there and let GitHub's jobs in, and profiles are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.cloud import CloudIdentity, CloudRoles, Role
from tasks.domain.cloud_names import ISSUER
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.iam_policy import Policies
from tasks.domain.phase import Phase
from tasks.domain.role_use import (
    PROFILE,
    ROLE,
    Named,
    made_names,
    profiles_in_scripts,
    profiles_in_terraform,
    roles_in_workflows,
)
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.sign_in import KEYS, SIGN_IN
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.workflow import Workflows

_OTHER_WAYS = ("aws-access-key-id", "aws-secret-access-key", "web-identity-token-file", "role-chaining")


@check(
    "role-assumable",
    phase=Phase.DEPLOYMENT,
    remedy=Remedy(
        summary="Make the role with a trust policy for GitHub's tokens, or assume the one that is there",
        commands=("aws iam list-roles --query 'Roles[].RoleName'",),
        owner="aws-admin",
        minutes=20,
    ),
)
def role_assumable(
    workflows: Workflows,
    terraform: Terraform,
    sources: Sources,
    settings: Settings,
    roles: CloudRoles,
) -> Iterator[Answer]:
    """Every role that a job assumes by its name is in the account and trusts GitHub's identity provider."""
    made = {one.name for one in made_names(terraform, sources) if one.kind == ROLE}
    yield from merged(_assumed(workflows, made, settings, roles))


def _assumed(workflows: Workflows, made: set[str], settings: Settings, roles: CloudRoles) -> Iterator[Answer]:
    for used in roles_in_workflows(workflows):
        if used.name not in roles.roles or used.name == settings.aws.deploy_role:
            continue  # in another account, or what provisioning makes and looks after
        subject = f"role {used.name}"
        there = roles.roles[used.name]
        if isinstance(there, Unseen):
            told = f"could not look at the role {used.name}: {there.reason}"
            yield unknown(subject, told, used.at, weight=Weight.WARNING)
        elif there is None and used.name in made:
            yield holds(subject, "is made by Terraform")
        elif there is None:
            sure = used.account is not None
            which = f"the account {used.account} has no role {used.name}"
            told = which if sure else f"this account has no role {used.name}; the job's account is computed"
            seen = Evidence(source="aws", excerpt=f"get-role {used.name}: none")
            yield broken(
                subject,
                f"{used.by} {used.name}, and {told}",
                used.at,
                seen,
                weight=Weight.BLOCKER if sure else Weight.WARNING,
            )
        elif _with_token(workflows, used) and not _lets_github_in(there.trust):
            seen = Evidence(source="aws", excerpt=f"{there.arn} trusts {_whom(there)}")
            told = f"{used.by} {used.name} with GitHub's token, and that trusts only {_whom(there)}"
            yield broken(subject, told, used.at, seen)
        else:
            yield holds(subject, "is there")


@check(
    "role-trusts-github",
    phase=Phase.DEPLOYMENT,
    subject="role-assumable",
    remedy=Remedy(
        summary=f"Let the role's trust policy allow sts:AssumeRoleWithWebIdentity to {ISSUER}",
        url="https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
        minutes=20,
    ),
)
def role_trusts_github(
    workflows: Workflows, terraform: Terraform, sources: Sources, policies: Policies
) -> Iterator[Answer]:
    """Every role that Terraform makes and a job assumes with GitHub's token trusts GitHub's provider."""
    yield from merged(_trusted(workflows, terraform, sources, policies))


def _trusted(
    workflows: Workflows, terraform: Terraform, sources: Sources, policies: Policies
) -> Iterator[Answer]:
    made = {one.name: one for one in made_names(terraform, sources) if one.kind == ROLE}
    for used in roles_in_workflows(workflows):
        role = made.get(used.name)
        if role is None or not _with_token(workflows, used):
            continue
        written = [
            statement
            for policy in policies
            if policy.name.endswith(f": {role.by.removesuffix(' makes')}")
            and policy.source.path == role.at.file
            and policy.readable
            for statement in policy.statements
            if any(action.lower().startswith("sts:assume") for action in statement.actions)
        ]
        subject = f"role {used.name}"
        services = [one for one in written if one.attached]
        if not services or len(services) != len(written):
            continue  # its trust is computed
        if all(one.services_only for one in services):
            told = f"{used.by} {used.name} with GitHub's token, and its trust policy"
            yield broken(subject, f"{told} lets only services of AWS in", used.at, role.at)
        else:
            yield holds(subject, "may trust it")


@check(
    "instance-profile-exists",
    phase=Phase.DEPLOYMENT,
    weight=Weight.WARNING,
    subject="role-assumable",
    remedy=Remedy(
        summary="Make the instance profile with its role, or name the one that is there",
        commands=("aws iam list-instance-profiles --query 'InstanceProfiles[].InstanceProfileName'",),
        owner="aws-admin",
        minutes=15,
    ),
)
def instance_profile_exists(
    terraform: Terraform, scripts: Scripts, sources: Sources, roles: CloudRoles, identity: CloudIdentity
) -> Iterator[Answer]:
    """Every instance profile that instances are started with is in the account, or made by Terraform."""
    made = {one.name for one in made_names(terraform, sources) if one.kind == PROFILE}
    used = (*profiles_in_terraform(terraform, sources), *profiles_in_scripts(scripts))
    yield from merged(_profiles(used, made, roles, identity))


def _profiles(
    used: tuple[Named, ...], made: set[str], roles: CloudRoles, identity: CloudIdentity
) -> Iterator[Answer]:
    for one in used:
        if one.name not in roles.profiles:
            continue
        subject = f"instance profile {one.name}"
        there = roles.profiles[one.name]
        if isinstance(there, Unseen):
            told = f"could not look at the instance profile {one.name}: {there.reason}"
            yield unknown(subject, told, one.at)
        elif there is None and one.name not in made:
            seen = Evidence(source="aws", excerpt=f"get-instance-profile {one.name}: none")
            told = f"{one.by} the instance profile {one.name}, and the account {identity.account} has none"
            yield broken(subject, told, one.at, seen)
        elif there == ():
            seen = Evidence(source="aws", excerpt=f"get-instance-profile {one.name}: no role")
            yield broken(subject, f"the instance profile {one.name} has no role in it", one.at, seen)
        else:
            yield holds(subject, "is there, or is made by Terraform")


def _with_token(workflows: Workflows, used: Named) -> bool:
    """Tell whether every step that assumes the role there has nothing but GitHub's token to do it with."""
    for workflow in workflows:
        for job, step in workflow.steps():
            if workflow.path != used.at.file or step.action is None or step.action.name != SIGN_IN:
                continue
            if step.inputs.line_of("role-to-assume") != used.at.line:
                continue
            keys = any(key in env for key in KEYS for env in (workflow.env, job.env, step.env))
            hosted = not any("self-hosted" in label for label in job.runs_on)
            return hosted and not keys and not any(way in step.inputs for way in _OTHER_WAYS)
    return False


def _lets_github_in(trust: Mapping[str, Any]) -> bool:
    return any(ISSUER in one or one == "*" for one in _principals(trust))


def _whom(role: Role) -> str:
    return ", ".join(dict.fromkeys(_principals(role.trust))) or "nobody"


def _principals(trust: Mapping[str, Any]) -> Iterator[str]:
    statements = trust.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal", {})
        for written in principal.values() if isinstance(principal, Mapping) else [principal]:
            yield from map(str, written if isinstance(written, list) else [written])

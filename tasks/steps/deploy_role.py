"""The IAM role that workflow jobs assume: whom it trusts, and the least it may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.domain.change import Change
from tasks.domain.cloud import Role
from tasks.domain.cloud_names import AUDIENCE, ISSUER
from tasks.domain.deploy_policy import POLICY, least_policy
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.steps.cloud_access import guarded
from tasks.steps.oidc_provider import NAME as OIDC_PROVIDER
from tasks.steps.step import Step

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

NAME = "deploy-role"
SID = "GitHubActions"


@dataclass(frozen=True, kw_only=True)
class RoleSeen:
    """The role as it is, and what it should trust and may do, which depends on the account looked at."""

    role: Role | None
    statement: Mapping[str, Any]
    policy: Mapping[str, Any]


def decide(name: str | None, seen: RoleSeen | None) -> Decision:
    """Decide what is left until the role trusts exactly these jobs and may do exactly this."""
    if name is None or seen is None:
        return Decision(skipped=True, why="no deploy role is configured (aws.deploy_role)")
    target = f"iam://role/{name}"
    changes = []
    if seen.role is None:
        changes.append(Change(verb="create", target=target, why="workflow jobs deploy with it"))
    elif seen.statement not in statements(seen.role.trust):
        changes.append(
            Change(verb="trust", target=target, why="only this repository's environments may assume it")
        )
    if seen.role is None or seen.role.policies.get(POLICY) != seen.policy:
        changes.append(
            Change(verb="allow", target=f"{target}/{POLICY}", why="the least that the workflows use")
        )
    return Decision(changes=tuple(changes), why=described(seen))


def described(seen: RoleSeen | None) -> str:
    """Say how the role stands."""
    if seen is None or seen.role is None:
        return "no such role"
    trusts = "trusts" if seen.statement in statements(seen.role.trust) else "does not trust"
    may = "may do what they use" if seen.role.policies.get(POLICY) == seen.policy else "has other rights"
    return f"{seen.role.arn} {trusts} the repository's jobs and {may}"


def trust_statement(account: str, prefix: str, environments: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the statement that lets jobs of these environments in.

    `prefix` is GitHub's own `sub_claim_prefix`, such as repo:OWNER/NAME; letter case matters to AWS.
    Without environments, jobs on the repository's branches are trusted.
    """
    subjects = [f"{prefix}:environment:{name}" for name in environments] or [f"{prefix}:ref:refs/heads/*"]
    operator = "StringEquals" if environments else "StringLike"
    conditions: dict[str, dict[str, Any]] = {"StringEquals": {f"{ISSUER}:aud": AUDIENCE}}
    conditions.setdefault(operator, {})[f"{ISSUER}:sub"] = subjects
    return {
        "Sid": SID,
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }


def statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a policy's statements, which AWS lets stand alone."""
    found = policy.get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def step(settings: Settings, aws: Aws, subject_prefix: Callable[[], str]) -> Step[RoleSeen | None]:
    """Bind the step to an account and to GitHub's word for how this repository's tokens begin."""
    name = settings.aws.deploy_role
    environments = tuple(environment.name for environment in settings.environments)

    def look() -> RoleSeen | None:
        if name is None:
            return None
        account = aws.identity.account
        return RoleSeen(
            role=aws.roles.describe(name),
            statement=trust_statement(account, subject_prefix(), environments),
            policy=least_policy(account, settings.aws, environments),
        )

    def act(change: Change, seen: RoleSeen | None) -> None:
        assert name is not None
        assert seen is not None  # decide() skips the step without both
        if change.verb == "create":
            trust = {"Version": "2012-10-17", "Statement": [seen.statement]}
            aws.roles.create(
                name, trust=trust, description=f"Deploys {settings.full_name} from GitHub Actions"
            )
        elif change.verb == "trust":
            others = [s for s in statements(seen.role.trust if seen.role else {}) if s.get("Sid") != SID]
            aws.roles.trust(name, {"Version": "2012-10-17", "Statement": [*others, seen.statement]})
        else:
            aws.roles.put_policy(name, POLICY, seen.policy)

    return guarded(
        Step(
            name=NAME,
            phase=Phase.PROVISIONING,
            title="Deploy role",
            look=look,
            decide=lambda seen: decide(name, seen),
            act=act,
            describe=described,
            configured=name is not None,
            after=(OIDC_PROVIDER,),
        )
    )

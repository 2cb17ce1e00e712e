"""Looks at AWS and returns facts; what could not be looked at is unseen, with AWS's own reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from tasks.domain.cloud import (
    CloudBuckets,
    CloudBudget,
    CloudCost,
    CloudIdentity,
    CloudNodes,
    CloudQuotas,
    CloudRights,
    CloudRoles,
    CloudSecrets,
    CloudTables,
)
from tasks.domain.cloud_names import ISSUER, wanted_budget
from tasks.domain.fact import Snapshot, Unseen
from tasks.domain.role_use import (
    PROFILE,
    ROLE,
    Named,
    profiles_in_scripts,
    profiles_in_terraform,
    roles_in_workflows,
)
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.source import Sources
from tasks.domain.terraform import Terraform
from tasks.domain.workflow import Workflows
from tasks.systems.aws.errors import AwsFailure

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

Seen = TypeVar("Seen")
COST_DAYS = 14
QUOTAS = ("L-1216C47A", "L-34B43A08")  # on-demand and spot, standard instance families
# What provisioning asks AWS to do, by the setting that makes it necessary.
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "bucket": (
        "s3:CreateBucket",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    "table": ("dynamodb:CreateTable", "dynamodb:DescribeTable"),
    "role": (
        "iam:CreateOpenIDConnectProvider",
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
    ),
    "secret": ("secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"),
    "budget": ("budgets:ModifyBudget", "sns:CreateTopic", "sns:SetTopicAttributes"),
}


def add_cloud(snapshot: Snapshot, settings: Settings, aws: Aws, *, today: date) -> Snapshot:
    """Return the snapshot with every kind of cloud fact, seen or unseen.

    When AWS does not know who asks, nothing else is tried: each kind carries that one reason.
    """
    identity = _seen(lambda: aws.identity)
    looks: dict[type, Callable[[], object]] = {
        CloudBuckets: lambda: _buckets(settings, aws),
        CloudTables: lambda: _tables(settings, aws),
        CloudSecrets: lambda: _secrets(settings, aws),
        CloudRoles: lambda: _roles(settings, aws, snapshot),
        CloudBudget: lambda: _budget(settings, aws),
        CloudNodes: lambda: _nodes(settings, aws),
        CloudQuotas: lambda: CloudQuotas(vcpus=_each(QUOTAS, aws.fleet.quota)),
        CloudCost: lambda: _cost(aws, today),
        CloudRights: lambda: _rights(settings, aws),
    }
    if isinstance(identity, Unseen):
        return snapshot.with_facts(unseen=dict.fromkeys([CloudIdentity, *looks], identity))
    found = {kind: _seen(look) for kind, look in looks.items()}
    return snapshot.with_facts(
        identity,
        *(fact for fact in found.values() if not isinstance(fact, Unseen)),
        unseen={kind: fact for kind, fact in found.items() if isinstance(fact, Unseen)},
    )


def _seen(look: Callable[[], Seen]) -> Seen | Unseen:
    try:
        return look()
    except AwsFailure as failure:
        return Unseen(reason=str(failure))


def _each(names: Iterable[str | None], look: Callable[[str], Seen]) -> dict[str, Seen | Unseen]:
    """Look at each name on its own, so that one refusal does not hide the others."""

    def one(name: str) -> Seen | Unseen:
        return _seen(lambda: look(name))

    return {name: one(name) for name in names if name}


def _buckets(settings: Settings, aws: Aws) -> CloudBuckets:
    names = (settings.aws.state_bucket, settings.aws.artifact_bucket)
    return CloudBuckets(buckets=_each(names, aws.buckets.describe))


def _tables(settings: Settings, aws: Aws) -> CloudTables:
    return CloudTables(tables=_each((settings.aws.lock_table,), aws.tables.describe))


def _secrets(settings: Settings, aws: Aws) -> CloudSecrets:
    return CloudSecrets(secrets=_each(settings.aws.secrets, aws.secrets.describe))


def _roles(settings: Settings, aws: Aws, snapshot: Snapshot) -> CloudRoles:
    account = aws.identity.account
    used = tuple(_used(snapshot))
    roles = (one.name for one in used if one.kind == ROLE and one.account in (account, None))
    profiles = (one.name for one in used if one.kind == PROFILE)
    return CloudRoles(
        roles=_each(dict.fromkeys((settings.aws.deploy_role, *roles)), aws.roles.describe),
        provider=_seen(lambda: aws.roles.provider(account, ISSUER)),
        profiles=_each(dict.fromkeys(profiles), aws.roles.profile),
    )


def _used(snapshot: Snapshot) -> Iterator[Named]:
    """Go through the roles and profiles that the repository names, as far as its files could be read."""
    workflows, scripts = snapshot.get(Workflows), snapshot.get(Scripts)
    terraform, sources = snapshot.get(Terraform), snapshot.get(Sources)
    if isinstance(workflows, Workflows):
        yield from roles_in_workflows(workflows)
    if isinstance(scripts, Scripts):
        yield from profiles_in_scripts(scripts)
    if isinstance(terraform, Terraform) and isinstance(sources, Sources):
        yield from profiles_in_terraform(terraform, sources)


def _budget(settings: Settings, aws: Aws) -> CloudBudget:
    account, asked = aws.identity.account, wanted_budget(settings.budget, settings.name)
    if asked is None:
        return CloudBudget(budget=None, topic=None)
    return CloudBudget(
        budget=_seen(lambda: aws.budgets.describe(account, asked.name)),
        topic=_seen(lambda: aws.budgets.topic(account, asked.topic)),
    )


def _nodes(settings: Settings, aws: Aws) -> CloudNodes:
    return CloudNodes(nodes=_each((e.name for e in settings.environments), aws.fleet.nodes))


def _cost(aws: Aws, today: date) -> CloudCost:
    tomorrow = today + timedelta(days=1)  # the end of the interval is not included
    return CloudCost(days=aws.costs.daily(today - timedelta(days=COST_DAYS), tomorrow))


def _rights(settings: Settings, aws: Aws) -> CloudRights:
    asks = {
        "bucket": settings.aws.state_bucket or settings.aws.artifact_bucket,
        "table": settings.aws.lock_table,
        "role": settings.aws.deploy_role,
        "secret": settings.aws.secrets,
        "budget": settings.budget.daily_usd,
    }
    actions = [action for kind, wanted in asks.items() if wanted for action in RIGHTS[kind]]
    if not actions:
        return CloudRights(allowed={})
    return CloudRights(allowed=aws.roles.may(aws.identity.principal_arn, actions))

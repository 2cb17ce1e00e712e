"""What AWS says; the Cloud... classes are kinds of facts, so each can be unseen on its own.

In a mapping by name, None means looked and not there, and Unseen that this one could not be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.domain.fact import Unseen


@dataclass(frozen=True, kw_only=True)
class CloudIdentity:
    """Who the credentials speak for, and the region that is worked in."""

    account: str
    arn: str
    region: str

    @property
    def principal_arn(self) -> str:
        """The ARN that policies belong to: of the role, when the identity is a session of one."""
        head, _, tail = self.arn.partition(":assumed-role/")
        if not tail:
            return self.arn
        return f"{head.replace(':sts:', ':iam:')}:role/{tail.split('/')[0]}"


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """A lifecycle rule that is switched on: objects under a prefix end after some days."""

    id: str
    prefix: str
    days: int


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """An S3 bucket; `owned` is False when the name is taken by somebody else or access is refused.

    The properties of a bucket that is not ours are all False: nothing about them is known.
    """

    name: str
    owned: bool
    region: str | None = None
    versioned: bool = False
    encryption: str | None = None  # AES256, aws:kms, aws:kms:dsse
    private: bool = False  # all four settings of the public access block
    tls_only: bool = False
    policy: bool = False  # it has one, which a new one would take the place of
    public: bool = False  # its policy lets everybody in, and nothing blocks that
    expiries: tuple[Expiry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LockTable:
    """A DynamoDB table; `status` as DynamoDB says it: CREATING, ACTIVE ..."""

    name: str
    status: str
    hash_key: str | None


@dataclass(frozen=True, kw_only=True)
class Secret:
    """An entry of Secrets Manager; its value was looked at, if at all, only to see whether it is empty.

    `filled` is None when the right to read values is missing; `deleting` says that it is scheduled to end.
    """

    name: str
    filled: bool | None
    deleting: bool = False


@dataclass(frozen=True, kw_only=True)
class Role:
    """An IAM role with its trust policy and its inline policies by name."""

    name: str
    arn: str
    trust: Mapping[str, Any]
    policies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attached: tuple[str, ...] = ()  # ARNs of managed policies


@dataclass(frozen=True, kw_only=True)
class OidcProvider:
    """An identity provider that IAM knows; `issuer` is host and path without a scheme."""

    issuer: str
    arn: str
    audiences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BudgetAlert:
    """An alert on actual cost at a percentage of the limit, and who hears of it."""

    percent: float
    subscribers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A cost budget; `period` as Budgets says it: DAILY, MONTHLY ..."""

    name: str
    limit_usd: float
    period: str
    spent_usd: float | None
    alerts: tuple[BudgetAlert, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Topic:
    """An SNS topic, and whether AWS Budgets may publish to it."""

    name: str
    arn: str
    budgets_may_publish: bool
    confirmed_subscribers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Node:
    """A machine that Systems Manager can run commands on."""

    instance_id: str
    name: str
    online: bool


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An EC2 instance that is pending, running or stopped."""

    instance_id: str
    instance_type: str
    state: str
    spot: bool
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DailyCost:
    """What one service cost on one day, in US dollars."""

    day: str
    service: str
    usd: float
    estimated: bool


@dataclass(frozen=True, kw_only=True)
class CloudBuckets:
    """The buckets the settings name."""

    buckets: Mapping[str, Bucket | Unseen | None]


@dataclass(frozen=True, kw_only=True)
class CloudTables:
    """The lock tables the settings name."""

    tables: Mapping[str, LockTable | Unseen | None]


@dataclass(frozen=True, kw_only=True)
class CloudSecrets:
    """The Secrets Manager entries the settings name."""

    secrets: Mapping[str, Secret | Unseen | None]


@dataclass(frozen=True, kw_only=True)
class CloudRoles:
    """The deploy role, those that jobs name themselves, and GitHub's identity provider.

    ``profiles`` are the instance profiles that the repository uses by name: the roles in each.
    """

    roles: Mapping[str, Role | Unseen | None]
    provider: OidcProvider | Unseen | None
    profiles: Mapping[str, tuple[str, ...] | Unseen | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CloudBudget:
    """The budget and the topic its alerts go to."""

    budget: Budget | Unseen | None
    topic: Topic | Unseen | None


@dataclass(frozen=True, kw_only=True)
class CloudNodes:
    """The machines of each environment, by environment name."""

    nodes: Mapping[str, tuple[Node, ...] | Unseen]


@dataclass(frozen=True, kw_only=True)
class CloudQuotas:
    """EC2 quotas in vCPUs by quota code; None where the account has no such quota."""

    vcpus: Mapping[str, float | Unseen | None]


@dataclass(frozen=True, kw_only=True)
class CloudCost:
    """The newest days of cost, oldest first; what Cost Explorer says lags by a day and more."""

    days: tuple[DailyCost, ...]


@dataclass(frozen=True, kw_only=True)
class CloudRights:
    """Whether the identity may do what provisioning does: action -> allowed, by policy simulation."""

    allowed: Mapping[str, bool]

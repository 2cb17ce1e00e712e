"""One AWS account in one region: everything that activation asks of AWS begins here."""

from __future__ import annotations

from functools import cached_property

from tasks.domain.cloud import CloudIdentity
from tasks.systems.aws.buckets import Buckets
from tasks.systems.aws.budgets import Budgets
from tasks.systems.aws.clients import AwsAccess, Clients
from tasks.systems.aws.costs import Costs
from tasks.systems.aws.errors import translated
from tasks.systems.aws.fleet import Fleet
from tasks.systems.aws.roles import Roles
from tasks.systems.aws.secrets import Secrets
from tasks.systems.aws.tables import Tables


class Aws:
    """The account's parts, over one set of clients. Make a fresh one for each phase."""

    def __init__(self, access: AwsAccess) -> None:
        self.access = access
        self.region = access.region
        self._clients = Clients(access)
        self.buckets = Buckets(self._clients)
        self.tables = Tables(self._clients)
        self.roles = Roles(self._clients)
        self.secrets = Secrets(self._clients)
        self.budgets = Budgets(self._clients)
        self.fleet = Fleet(self._clients)
        self.costs = Costs(self._clients)

    def fresh(self) -> Aws:
        """Return the same account over new clients."""
        return Aws(self.access)

    @cached_property
    def identity(self) -> CloudIdentity:
        """Who the credentials speak for; asked once."""
        with translated("sts:GetCallerIdentity"):
            found = self._clients.sts.get_caller_identity()
        return CloudIdentity(account=found["Account"], arn=found["Arn"], region=self.region)

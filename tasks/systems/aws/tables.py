"""DynamoDB: the table that Terraform locks in, and a lease that machines share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from tasks.domain.cloud import LockTable
from tasks.domain.cloud_names import LOCK_KEY
from tasks.systems.aws.clients import Clients
from tasks.systems.aws.errors import code_of, translated


@dataclass(frozen=True, kw_only=True)
class TableLease:
    """Who holds a lease until when (seconds since 1970, UTC)."""

    key: str
    holder: str
    expires: float


class Tables:
    """Looks at lock tables, creates them, and keeps leases in them."""

    def __init__(self, clients: Clients, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clients = clients
        self._sleep = sleep

    def describe(self, name: str) -> LockTable | None:
        """Return the table as it is now, or None."""
        with translated("dynamodb:DescribeTable"):
            try:
                table = self._clients.dynamodb.describe_table(TableName=name)["Table"]
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    return None
                raise
        keys = [part["AttributeName"] for part in table.get("KeySchema", []) if part["KeyType"] == "HASH"]
        return LockTable(name=name, status=str(table["TableStatus"]), hash_key=next(iter(keys), None))

    def create(self, name: str) -> None:
        """Create a table paid by request, keyed as Terraform asks; one that exists is taken as it is."""
        with translated("dynamodb:CreateTable"):
            try:
                self._clients.dynamodb.create_table(
                    TableName=name,
                    AttributeDefinitions=[{"AttributeName": LOCK_KEY, "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": LOCK_KEY, "KeyType": "HASH"}],
                    BillingMode="PAY_PER_REQUEST",
                )
            except ClientError as error:
                if code_of(error) != "ResourceInUseException":
                    raise

    def acquire(self, table: str, key: str, holder: str, *, now: float, seconds: float) -> TableLease:
        """Take or renew a lease that is free, expired or ours; return the lease that holds now.

        The caller has it when the returned holder is its own.
        """
        expires = now + seconds
        with translated("dynamodb:PutItem"):
            try:
                self._clients.dynamodb.put_item(
                    TableName=table,
                    Item={LOCK_KEY: {"S": key}, "Holder": {"S": holder}, "Expires": {"N": str(expires)}},
                    ConditionExpression="attribute_not_exists(LockID) OR Expires < :now OR Holder = :me",
                    ExpressionAttributeValues={":now": {"N": str(now)}, ":me": {"S": holder}},
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise
                found = self.lease(table, key)
                if found is not None:
                    return found
                # It was given back between the two calls: try once more, now that it is free.
                self._sleep(0.05)
                return self.acquire(table, key, holder, now=now, seconds=seconds)
        return TableLease(key=key, holder=holder, expires=expires)

    def lease(self, table: str, key: str) -> TableLease | None:
        """Return who holds a lease, expired or not."""
        with translated("dynamodb:GetItem"):
            found = self._clients.dynamodb.get_item(
                TableName=table, Key={LOCK_KEY: {"S": key}}, ConsistentRead=True
            ).get("Item")
        if found is None or "Holder" not in found:
            return None
        return TableLease(key=key, holder=found["Holder"]["S"], expires=float(found["Expires"]["N"]))

    def release(self, table: str, key: str, holder: str) -> None:
        """Give a lease back; one that somebody else holds by now is left alone."""
        with translated("dynamodb:DeleteItem"):
            try:
                self._clients.dynamodb.delete_item(
                    TableName=table,
                    Key={LOCK_KEY: {"S": key}},
                    ConditionExpression="Holder = :me",
                    ExpressionAttributeValues={":me": {"S": holder}},
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise

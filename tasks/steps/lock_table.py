"""The DynamoDB table that Terraform locks its state in, for those who have not moved to lock files in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.domain.change import Change
from tasks.domain.cloud import LockTable
from tasks.domain.cloud_names import LOCK_KEY
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.steps.cloud_access import blocker, guarded
from tasks.steps.step import Step

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

NAME = "lock-table"


def decide(name: str | None, seen: LockTable | None) -> Decision:
    """Decide whether the table is to be created; one with another key cannot be mended, only replaced."""
    if name is None:
        why = "no lock table is configured; Terraform 1.10 and newer lock in the state bucket (use_lockfile)"
        return Decision(skipped=True, why=why)
    if seen is None:
        create = Change(verb="create", target=f"dynamodb://{name}", why="Terraform locks its state in it")
        return Decision(changes=(create,))
    if seen.hash_key != LOCK_KEY:
        remedy = Remedy(
            summary=f"Choose another aws.lock_table, or recreate the table with the key {LOCK_KEY}",
            commands=(f"aws dynamodb describe-table --table-name {name}",),
            owner="aws-admin",
            minutes=10,
        )
        message = f"the table {name} is keyed by {seen.hash_key}; Terraform needs {LOCK_KEY}"
        return Decision(blocked=(blocker(NAME, f"dynamodb://{name}", message, remedy),))
    return Decision(why=described(seen))


def described(seen: LockTable | None) -> str:
    """Say how the table stands."""
    return "no such table" if seen is None else f"{seen.status.lower()}, keyed by {seen.hash_key}"


def step(settings: Settings, aws: Aws) -> Step[LockTable | None]:
    """Bind the step to an account; a table takes some seconds until it is active."""
    name = settings.aws.lock_table
    return guarded(
        Step(
            name=NAME,
            phase=Phase.PROVISIONING,
            title="Terraform lock table",
            look=lambda: aws.tables.describe(name) if name else None,
            decide=lambda seen: decide(name, seen),
            act=lambda _change, _seen: aws.tables.create(str(name)),
            describe=described,
            configured=name is not None,
            settled=lambda seen: seen is None or seen.status not in ("CREATING", "UPDATING", "DELETING"),
            patience=180.0,
            poll=1.0,
            poll_limit=5.0,
        )
    )

"""The S3 bucket that holds Terraform state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.domain.cloud import Bucket
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.steps import safe_bucket
from tasks.steps.cloud_access import guarded
from tasks.steps.step import Step

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

NAME = "state-bucket"


def decide(name: str | None, seen: Bucket | None) -> Decision:
    """Decide what is left until the bucket is there, versioned, encrypted, private and TLS only."""
    if name is None:
        return Decision(skipped=True, why="no state bucket is configured (aws.state_bucket)")
    if seen is not None and not seen.owned:
        return Decision(blocked=(safe_bucket.taken(NAME, "aws.state_bucket", seen),))
    return Decision(changes=safe_bucket.to_safety(name, seen), why=safe_bucket.described(seen))


def step(settings: Settings, aws: Aws) -> Step[Bucket | None]:
    """Bind the step to an account."""
    name = settings.aws.state_bucket
    return guarded(
        Step(
            name=NAME,
            phase=Phase.PROVISIONING,
            title="Terraform state bucket",
            look=lambda: aws.buckets.describe(name) if name else None,
            decide=lambda seen: decide(name, seen),
            act=lambda change, _seen: safe_bucket.act(aws.buckets, str(name), change),
            describe=safe_bucket.described,
            configured=name is not None,
        )
    )

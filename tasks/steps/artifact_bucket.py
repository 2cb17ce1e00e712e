"""The S3 bucket that holds what CI builds: CI artifacts end after some days, releases never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.domain.change import Change
from tasks.domain.cloud import Bucket, Expiry
from tasks.domain.finding import Finding, Remedy
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings
from tasks.domain.step import Decision
from tasks.steps import safe_bucket
from tasks.steps.cloud_access import blocker, guarded
from tasks.steps.step import Step

if TYPE_CHECKING:
    from tasks.systems.aws.account import Aws

NAME = "artifact-bucket"
RULE = "activation-ci-artifacts"
CI, RELEASES = "ci/", "releases/"


def decide(name: str | None, days: int, seen: Bucket | None) -> Decision:
    """Decide what is left until the bucket is safe and its lifecycle spares releases."""
    if name is None:
        return Decision(skipped=True, why="no artifact bucket is configured (aws.artifact_bucket)")
    if seen is not None and not seen.owned:
        return Decision(blocked=(safe_bucket.taken(NAME, "aws.artifact_bucket", seen),))
    changes = safe_bucket.to_safety(name, seen)
    wanted = Expiry(id=RULE, prefix=CI, days=days)
    if seen is None or wanted not in seen.expiries:
        changes += (
            Change(verb="expire", target=f"s3://{name}/{CI}", why=f"CI artifacts end after {days} days"),
        )
    return Decision(changes=changes, blocked=_ending_releases(name, seen), why=described(seen))


def described(seen: Bucket | None) -> str:
    """Say how the bucket stands with its lifecycle."""
    ends = (
        "".join(f", {e.prefix or 'everything'} ends after {e.days} days" for e in seen.expiries)
        if seen
        else ""
    )
    return safe_bucket.described(seen) + ends


def step(settings: Settings, aws: Aws) -> Step[Bucket | None]:
    """Bind the step to an account."""
    name, days = settings.aws.artifact_bucket, settings.aws.artifact_days

    def act(change: Change, _seen: Bucket | None) -> None:
        if change.verb == "expire":
            aws.buckets.expire(str(name), Expiry(id=RULE, prefix=CI, days=days))
        else:
            safe_bucket.act(aws.buckets, str(name), change)

    return guarded(
        Step(
            name=NAME,
            phase=Phase.PROVISIONING,
            title="Artifact bucket",
            look=lambda: aws.buckets.describe(name) if name else None,
            decide=lambda seen: decide(name, days, seen),
            act=act,
            describe=described,
            configured=name is not None,
        )
    )


def _ending_releases(name: str, seen: Bucket | None) -> tuple[Finding, ...]:
    """Somebody's rule that ends releases is theirs to change, not ours."""
    if seen is None:
        return ()
    return tuple(
        blocker(
            NAME,
            f"s3://{name}/{RELEASES}",
            f"the lifecycle rule {rule.id or '(without id)'} ends releases after {rule.days} days",
            Remedy(
                summary=f"Narrow or remove the rule, so that {RELEASES} is kept",
                commands=(f"aws s3api get-bucket-lifecycle-configuration --bucket {name}",),
                owner="aws-admin",
                minutes=10,
            ),
        )
        for rule in seen.expiries
        if RELEASES.startswith(rule.prefix) or rule.prefix.startswith(RELEASES)
    )

"""What every bucket of ours has: versions, encryption, no public access, TLS only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.domain.change import Change
from tasks.domain.cloud import Bucket
from tasks.domain.finding import Finding, Remedy
from tasks.steps.cloud_access import blocker

if TYPE_CHECKING:
    from tasks.systems.aws.buckets import Buckets


def to_safety(name: str, seen: Bucket | None) -> tuple[Change, ...]:
    """Return what is left until a bucket is there and safe. A new one needs everything said once."""
    target = f"s3://{name}"
    changes = []
    if seen is None:
        changes.append(Change(verb="create", target=target, why="there is no such bucket"))
    if seen is None or not seen.versioned:
        changes.append(Change(verb="version", target=target, why="a lost state or release can be had back"))
    if seen is None or seen.encryption is None:
        changes.append(Change(verb="encrypt", target=target, why="objects are encrypted at rest"))
    if seen is None or not seen.private:
        changes.append(Change(verb="block-public-access", target=target, why="nobody else reads it"))
    if seen is None or not seen.tls_only:
        changes.append(Change(verb="require-tls", target=target, why="nothing travels in clear"))
    return tuple(changes)


def act(buckets: Buckets, name: str, change: Change) -> None:
    """Make one of those changes."""
    {
        "create": buckets.create,
        "version": buckets.enable_versioning,
        "encrypt": buckets.encrypt,
        "block-public-access": buckets.block_public_access,
        "require-tls": buckets.require_tls,
    }[change.verb](name)


def taken(step: str, setting: str, seen: Bucket) -> Finding:
    """Return what stops a step whose bucket is somebody else's, or closed to us."""
    return blocker(
        step,
        f"s3://{seen.name}",
        f"the bucket {seen.name} exists, and this account may not look at it: bucket names are global",
        Remedy(
            summary=f"Choose another name for {setting} in activation.toml, or get access to the bucket",
            commands=(f"aws s3api head-bucket --bucket {seen.name}",),
            owner="aws-admin",
            minutes=10,
        ),
    )


def described(seen: Bucket | None) -> str:
    """Say how a bucket stands, for the journal and for people."""
    if seen is None:
        return "no such bucket"
    if not seen.owned:
        return "not this account's"
    properties = (
        ("versioned", seen.versioned),
        ("encrypted", seen.encryption is not None),
        ("private", seen.private),
        ("TLS only", seen.tls_only),
    )
    return ", ".join(word if has else f"not {word}" for word, has in properties)

"""ACLs of buckets that S3 refuses: since April 2023 a bucket is made with its ACLs disabled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.evidence import Evidence
from tasks.domain.terraform import Block, Module, Terraform

_ALLOW_ACLS = frozenset({"BucketOwnerPreferred", "ObjectWriter"})
_HARMLESS = frozenset({"private", "bucket-owner-full-control"})
"""What a request that creates a bucket may ask for although ACLs are disabled: it grants others nothing."""


@dataclass(frozen=True, kw_only=True)
class RefusedAcl:
    """An ACL that ends an apply; ``error`` is what S3 answers, ``acl`` what is asked for."""

    address: str
    error: str
    acl: str | None
    places: tuple[Evidence, ...]

    @property
    def is_public(self) -> bool:
        """Tell whether it lets everybody in where it is accepted."""
        return (self.acl or "").startswith("public-")


def refused_acls(terraform: Terraform, module: Module) -> Iterator[RefusedAcl]:
    """Go through the ACLs of a module that S3 refuses where the bucket is not there yet."""
    if any(block.inner("endpoints") for one in terraform for block in one.of("provider", "aws")):
        return  # another store than S3, which may know no owners of objects
    made = {one.name: one for one in module.of("resource", "aws_s3_bucket") if not _may_be_none(one)}
    at_once = set()
    for block in made.values():
        acl = block.attributes.get("acl")
        if acl is not None and acl.literal is not None and acl.literal not in _HARMLESS:
            at_once.add(block.name)
            error = "InvalidBucketAclWithObjectOwnership"
            yield RefusedAcl(address=block.address, error=error, acl=acl.literal, places=(block.at("acl"),))
    controls = [(_bucket(one), one) for one in module.of("resource", "aws_s3_bucket_ownership_controls")]
    if any(bucket is None for bucket, _ in controls):
        return  # nobody knows whose ACLs it turns on
    for block in module.of("resource", "aws_s3_bucket_acl"):
        bucket = _bucket(block)
        if bucket is None or bucket not in made or bucket in at_once or _may_be_none(block):
            continue
        rules = [rule for owned, one in controls if owned == bucket for rule in one.inner("rule")]
        given = [rule.get("object_ownership") for rule in rules]
        if any(one in _ALLOW_ACLS or not isinstance(one, str) for one in given):
            continue
        places = (block.at(), made[bucket].at(), *(rule.at("object_ownership") for rule in rules))
        yield RefusedAcl(
            address=block.address, error="AccessControlListNotSupported", acl=_literal(block), places=places
        )


def _bucket(block: Block) -> str | None:
    """Return the label of the bucket of its module that a block is about; None when it is not certain."""
    given = block.attributes.get("bucket")
    labels = {one.path[1] for one in given.references if one.root == "aws_s3_bucket"} if given else set()
    return labels.pop() if len(labels) == 1 else None


def _may_be_none(block: Block) -> bool:
    return "count" in block.attributes or "for_each" in block.attributes


def _literal(block: Block) -> str | None:
    acl = block.attributes.get("acl")
    return None if acl is None else acl.literal

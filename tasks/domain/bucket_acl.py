"""ACLs of buckets that S3 refuses: since April 2023 a bucket is made with its ACLs disabled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.evidence import Evidence
from tasks.domain.script import inside
from tasks.domain.terraform import Attribute, Block, Module, Terraform
from tasks.domain.terraform_values import callers

_ALLOW_ACLS = frozenset({"BucketOwnerPreferred", "ObjectWriter"})
_HARMLESS = frozenset({"private", "bucket-owner-full-control"})
"""What a request that creates a bucket may ask for although ACLs are disabled: it grants others nothing."""


@dataclass(frozen=True, kw_only=True)
class RefusedAcl:
    """An ACL that ends an apply; ``error`` is what S3 answers, ``acl`` what is asked for.

    ``bucket`` is the label of the bucket in its module.
    """

    address: str
    bucket: str
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
            yield RefusedAcl(
                address=block.address,
                bucket=block.name,
                error=error,
                acl=acl.literal,
                places=(block.at("acl"),),
            )
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
            address=block.address,
            bucket=bucket,
            error="AccessControlListNotSupported",
            acl=_literal(block),
            places=places,
        )


_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
_DEEP = 6  # steps from a bucket's name to the bucket: variables, locals, outputs


def objects_with_acl(terraform: Terraform, buckets: set[tuple[str, str]]) -> Iterator[Block]:
    """Go through the objects with an ACL of their own in some buckets: S3 refuses theirs as well.

    ``buckets`` are directory and label; an object may lie in one of another module.
    """
    for module in terraform:
        for block in (one for type_ in _OBJECTS for one in module.of("resource", type_)):
            acl, bucket = _literal(block), block.attributes.get("bucket")
            if acl is None or acl in _HARMLESS or bucket is None:
                continue
            meant = set(_meant(terraform, module, bucket, _DEEP))
            if len(meant) == 1 and meant <= buckets:
                yield block


def _meant(terraform: Terraform, module: Module, given: Attribute, deep: int) -> Iterator[tuple[str, str]]:
    """Go through the buckets that a value may be about, over variables, locals and outputs of modules."""
    for reference in given.references if deep else ():
        path = reference.path
        if path[0] == "aws_s3_bucket" and len(path) > 1:
            yield module.directory, path[1]
        elif path[0] == "local" and len(path) > 1 and path[1] in module.locals:
            yield from _meant(terraform, module, module.locals[path[1]], deep - 1)
        elif path[0] == "var" and len(path) > 1:
            for caller, call in callers(terraform, module):
                if (passed := call.attributes.get(path[1])) is not None:
                    yield from _meant(terraform, caller, passed, deep - 1)
        elif path[0] == "module" and len(path) > 2:
            yield from _handed_out(terraform, module, path[1], path[2], deep - 1)


def _handed_out(
    terraform: Terraform, module: Module, label: str, output: str, deep: int
) -> Iterator[tuple[str, str]]:
    for call in module.of("module", label):
        written = call.get("source")
        place = inside(written, module.directory) if isinstance(written, str) else None
        called = terraform.modules.get(place) if place is not None else None
        declared = called.outputs.get(output) if called is not None else None
        value = declared.attributes.get("value") if declared is not None else None
        if called is not None and value is not None:
            yield from _meant(terraform, called, value, deep)


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

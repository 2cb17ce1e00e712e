"""Whether AWS makes what Terraform plans: settings that pass a plan and end the apply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lambda_runtime import AS_OF, ENDED, EndedRuntime
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Block, Module, Terraform, Value
from tasks.domain.terraform_reach import reached
from tasks.domain.terraform_values import possible, shown

_ALLOW_ACLS = frozenset({"BucketOwnerPreferred", "ObjectWriter"})
_SINCE = "buckets are made with their ACLs disabled since April 2023"
_HARMLESS = frozenset({"private", "bucket-owner-full-control"})
"""What a request that creates a bucket may ask for although ACLs are disabled: it grants others nothing."""


@check(
    "bucket-acl-accepted",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Remove the ACL, or add aws_s3_bucket_ownership_controls with object_ownership = "
        '"BucketOwnerPreferred" for the bucket and let the ACL depend on it',
        url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
        minutes=10,
    ),
)
def bucket_acl_accepted(terraform: Terraform, scripts: Scripts) -> Iterator[Answer]:
    """Every ACL is one that a bucket made today accepts: its ACLs are disabled unless they are turned on."""
    if any(block.inner("endpoints") for module in terraform for block in module.of("provider", "aws")):
        return  # another store than S3, which may know no owners of objects
    run = reached(scripts, terraform)
    for module in terraform:
        weight = None if run is not None and module.directory in run else Weight.WARNING
        for block in module.of("resource", "aws_s3_bucket"):
            yield from _at_once(module, block, weight)
        yield from _afterwards(module, weight)


def _at_once(module: Module, block: Block, weight: Weight | None) -> Iterator[Answer]:
    """Judge an ACL that is given where the bucket is made, before anything could turn ACLs on."""
    acl = block.attributes.get("acl")
    if acl is None or acl.literal is None or _may_be_none(block):
        return
    subject = f"{shown(module.directory)}: {block.address}"
    if acl.literal in _HARMLESS:
        yield holds(subject, "grants others nothing")
        return
    told = (
        f"{block.address} is to be made with the ACL {acl.literal}, and {_SINCE}: where the bucket is not "
        "there yet, apply ends with InvalidBucketAclWithObjectOwnership"
    )
    remedy = Remedy(
        summary="Move the ACL into an aws_s3_bucket_acl of its own behind aws_s3_bucket_ownership_controls, "
        "or grant by a bucket policy instead",
        url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
        minutes=10,
    )
    yield broken(subject, told, block.at("acl"), weight=weight, remedy=remedy)


def _afterwards(module: Module, weight: Weight | None) -> Iterator[Answer]:
    controls = module.of("resource", "aws_s3_bucket_ownership_controls")
    owned = {one.name: _bucket(one) for one in controls}
    made = {one.name: one for one in module.of("resource", "aws_s3_bucket")}
    for block in module.of("resource", "aws_s3_bucket_acl"):
        bucket = _bucket(block)
        if bucket not in made or _may_be_none(block) or _may_be_none(made[bucket]) or None in owned.values():
            continue
        subject = f"{shown(module.directory)}: {block.address}"
        rules = [rule for one in controls if owned[one.name] == bucket for rule in one.inner("rule")]
        given = [rule.get("object_ownership") for rule in rules]
        if any(one in _ALLOW_ACLS or not isinstance(one, str) for one in given):
            yield holds(subject, "the bucket's ACLs are turned on")
            continue
        off = "turns them off" if given else "nothing turns them on"
        told = (
            f"{block.address} gives aws_s3_bucket.{bucket} an ACL, {_SINCE}, and {off}: where the bucket is "
            "not there yet, apply ends with AccessControlListNotSupported"
        )
        places = [rule.at("object_ownership") for rule in rules]
        yield broken(subject, told, block.at(), made[bucket].at(), *places, weight=weight)


def _bucket(block: Block) -> str | None:
    """Return the label of the bucket of its module that a block is about; None when it is not certain."""
    given = block.attributes.get("bucket")
    labels = {one.path[1] for one in given.references if one.root == "aws_s3_bucket"} if given else set()
    return labels.pop() if len(labels) == 1 else None


def _may_be_none(block: Block) -> bool:
    return "count" in block.attributes or "for_each" in block.attributes


@check(
    "lambda-runtime-offered",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Name a runtime that AWS still keeps up",
        url="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
        minutes=15,
    ),
)
def lambda_runtime_offered(terraform: Terraform) -> Iterator[Answer]:
    """Every Lambda function is on a runtime that AWS still creates functions on and keeps up."""
    yield from merged(_runtimes(terraform))


def _runtimes(terraform: Terraform) -> Iterator[Answer]:
    found: dict[str, list[tuple[str, Evidence]]] = defaultdict(list)
    for module in terraform:
        for block in module.of("resource", "aws_lambda_function"):
            attribute = block.attributes.get("runtime")
            values = possible(terraform, module, block, attribute) if attribute is not None else ()
            names = {one.value for one in values}
            if len(names) != 1 or block.get("package_type") == "Image":
                continue
            name: Value = names.pop()
            if isinstance(name, str) and name in ENDED:
                found[name].append((block.address, values[0].at))
            elif isinstance(name, str):
                yield holds(f"runtime {name}", "is kept up")
    for name, functions in found.items():
        ended = ENDED[name]
        addresses = [address for address, _ in functions]
        verb = "is" if len(set(addresses)) == 1 else "are"
        told = f"{listed(addresses, 4)} {verb} on the Lambda runtime {name}, {_end(ended)}"
        weight = None if ended.refused else Weight.NOTE
        places = dict.fromkeys(place for _, place in functions)
        remedy = Remedy(
            summary=f"Set runtime to {ended.successor}, after a build and a test on it",
            url="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
            minutes=15,
        )
        yield broken(f"runtime {name}", told, *places, weight=weight, remedy=remedy)


def _end(ended: EndedRuntime) -> str:
    if ended.refused is not None:
        return (
            f"which has ended: AWS creates no function on it since {ended.refused}; "
            "those that are there can still be invoked"
        )
    return f"which gets no updates since {ended.deprecated}; AWS still created functions on it on {AS_OF}"

"""Whether AWS makes what Terraform plans: settings that pass a plan and end the apply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lambda_runtime import AS_OF, ENDED, EndedRuntime
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Block, Module, Terraform, Value
from tasks.domain.terraform_reach import reached
from tasks.domain.terraform_values import possible

_ALLOW_ACLS = frozenset({"BucketOwnerPreferred", "ObjectWriter"})
_HARMLESS = frozenset({"private", "bucket-owner-full-control"})
"""What a request that creates a bucket may ask for although ACLs are disabled: it grants others nothing."""


@check(
    "bucket-acl-accepted",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Remove the ACL (a private one says nothing new), or set it in an aws_s3_bucket_acl that "
        'depends on an aws_s3_bucket_ownership_controls with object_ownership = "BucketOwnerPreferred"',
        url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
        minutes=10,
    ),
)
def bucket_acl_accepted(terraform: Terraform, scripts: Scripts) -> Iterator[Answer]:
    """Every ACL is one that a bucket made today accepts: its ACLs are disabled unless they are turned on."""
    if any(block.inner("endpoints") for module in terraform for block in module.of("provider", "aws")):
        return  # another store than S3, which may know no owners of objects
    run = reached(scripts, terraform)
    found = [(module, one) for module in terraform for one in _refused(module)]
    if not found:
        if any(module.of("resource", "aws_s3_bucket_acl") for module in terraform):
            yield holds("ACLs of buckets", "are turned on")
        return
    addresses = [one.address for _, one in found]
    errors = sorted({one.error for _, one in found})
    verb = "gives its bucket an ACL" if len(set(addresses)) == 1 else "give their buckets ACLs"
    told = (
        f"{listed(addresses, 4)} {verb}, buckets are made with ACLs disabled since April 2023, and nothing "
        f"turns them on before: where a bucket is not there yet, apply ends with {' or '.join(errors)}"
    )
    applied = any(run is not None and module.directory in run for module, _ in found)
    places = dict.fromkeys(place for _, one in found for place in one.places)
    yield broken("ACLs of buckets", told, *places, weight=None if applied else Weight.WARNING)


@dataclass(frozen=True, kw_only=True)
class _Refused:
    address: str
    error: str
    places: tuple[Evidence, ...]


def _refused(module: Module) -> Iterator[_Refused]:
    """Go through the ACLs of a module that S3 refuses where the bucket is not there yet."""
    made = {one.name: one for one in module.of("resource", "aws_s3_bucket") if not _may_be_none(one)}
    at_once = set()
    for block in made.values():
        acl = block.attributes.get("acl")
        if acl is not None and acl.literal is not None and acl.literal not in _HARMLESS:
            at_once.add(block.name)
            error = "InvalidBucketAclWithObjectOwnership"
            yield _Refused(address=block.address, error=error, places=(block.at("acl"),))
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
        yield _Refused(address=block.address, error="AccessControlListNotSupported", places=places)


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
        for block in (*module.of("resource", "aws_lambda_function"), *_by_module(module)):
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


def _by_module(module: Module) -> Iterator[Block]:
    """Go through the calls of the registry's module that makes a function."""
    for block in module.of("module"):
        if block.get("source") == "terraform-aws-modules/lambda/aws":
            yield block


def _end(ended: EndedRuntime) -> str:
    if ended.refused is not None:
        return (
            f"which has ended: AWS creates no function on it since {ended.refused}; "
            "those that are there can still be invoked"
        )
    return f"which gets no updates since {ended.deprecated}; AWS still created functions on it on {AS_OF}"

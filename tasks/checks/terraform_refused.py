"""Whether AWS makes what Terraform plans: settings that pass a plan and end the apply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tasks.domain.answers import listed, merged
from tasks.domain.bucket_acl import objects_with_acl, refused_acls
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.eks_version import OLDEST, is_ended
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.lambda_runtime import AS_OF, ENDED, EndedRuntime
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.terraform import Block, Module, Terraform, Value
from tasks.domain.terraform_reach import reached
from tasks.domain.terraform_values import possible, shown


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
    run = reached(scripts, terraform)
    found = [(module, one) for module in terraform for one in refused_acls(terraform, module)]
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
    if open_ := [one.address for _, one in found if one.is_public]:
        verb = "opens" if len(set(open_)) == 1 else "open"
        told += f"; where an older one has them on, {listed(open_, 4)} {verb} it to everybody"
    objects = list(objects_with_acl(terraform, {(module.directory, one.bucket) for module, one in found}))
    if objects:
        told += f"; objects of them ask for ACLs too: {listed([one.address for one in objects], 4)}"
    applied = any(run is not None and module.directory in run for module, _ in found)
    acls = dict.fromkeys(place for _, one in found for place in one.places)
    places = dict.fromkeys((*acls, *(one.at("acl") for one in objects)))
    public = bool(open_) or any((_acl(one) or "").startswith("public-") for one in objects)
    yield broken(
        "ACLs of buckets",
        told,
        *places,
        remedy=_FOR_EVERYBODY if public else None,
        weight=None if applied else Weight.WARNING,
    )


def _acl(block: Block) -> str | None:
    written = block.attributes.get("acl")
    return None if written is None else written.literal


_FOR_EVERYBODY = Remedy(
    summary="If everybody should read it, remove the ACLs and allow s3:GetObject in an aws_s3_bucket_policy, "
    "after an aws_s3_bucket_public_access_block with block_public_policy and restrict_public_buckets = "
    "false; or keep the ACLs, after an aws_s3_bucket_ownership_controls with object_ownership = "
    '"BucketOwnerPreferred" and an aws_s3_bucket_public_access_block with block_public_acls and '
    "ignore_public_acls = false; if not, remove them",
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    minutes=20,
)


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


@check(
    "eks-version-offered",
    phase=Phase.PROVISIONING,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Name a version of Kubernetes that EKS offers; a cluster that is there goes up one minor "
        "version at a time",
        commands=("aws eks describe-cluster-versions --query 'clusterVersions[].clusterVersion'",),
        url="https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
        minutes=15,
    ),
)
def eks_version_offered(terraform: Terraform) -> Iterator[Answer]:
    """Every EKS cluster is on a version of Kubernetes on which AWS still makes clusters."""
    for module in terraform:
        named = [(one, "version") for one in module.of("resource", "aws_eks_cluster")]
        named += [
            (one, key)
            for one in module.of("module")
            if one.get("source") == "terraform-aws-modules/eks/aws"
            for key in ("cluster_version", "kubernetes_version")
        ]
        for block, key in named:
            attribute = block.attributes.get(key)
            values = possible(terraform, module, block, attribute) if attribute is not None else ()
            versions = {str(one.value) for one in values}
            if len(versions) != 1:
                continue
            version = versions.pop()
            subject = f"{shown(module.directory)}: {block.address}"
            if is_ended(version):
                told = (
                    f"{block.address} is to have Kubernetes {version}: its extended support on EKS has "
                    f"ended, AWS makes no cluster on it and takes those that are there to {OLDEST} or newer"
                )
                yield broken(subject, told, values[0].at)
            else:
                yield holds(subject, f"{version} is offered, or newer than what is known here")


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

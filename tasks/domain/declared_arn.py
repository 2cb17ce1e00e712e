"""The ARN that a block of Terraform is about, as a pattern: to grant rights on that and on nothing else."""

from __future__ import annotations

from tasks.domain.aws_resource import bucket_arn
from tasks.domain.terraform import Block, Module, Terraform
from tasks.domain.terraform_text import text_of

_KINDS = {
    "aws_iam_group": "group",
    "aws_iam_instance_profile": "instance-profile",
    "aws_iam_policy": "policy",
    "aws_iam_role": "role",
    "aws_iam_user": "user",
}
"""Type of a block that names what it makes -> what IAM calls that in its ARN."""
_OWNERS = {
    "aws_iam_group_policy_attachment": ("group", "aws_iam_group"),
    "aws_iam_role_policy": ("role", "aws_iam_role"),
    "aws_iam_role_policy_attachment": ("role", "aws_iam_role"),
    "aws_iam_user_policy": ("user", "aws_iam_user"),
    "aws_iam_user_policy_attachment": ("user", "aws_iam_user"),
}
"""Type of a block that changes another one's rights -> the attribute that says whose, and that one's type."""


def declared_arn(terraform: Terraform, module: Module, block: Block) -> str | None:
    """Return the pattern of what a block makes or changes; None when its name is not certain."""
    kind = block.labels[0]
    if kind in _KINDS:
        name, path = _text(terraform, module, block, "name"), _text(terraform, module, block, "path")
        if name is None or (path is None and "path" in block.attributes):
            return None
        folder = (path or "").strip("/")
        return f"arn:*:iam::*:{_KINDS[kind]}/{f'{folder}/' if folder else ''}{name}"
    if kind == "aws_iam_openid_connect_provider":
        url = _text(terraform, module, block, "url")
        return None if url is None else f"arn:*:iam::*:oidc-provider/{url.removeprefix('https://')}"
    if kind == "aws_s3_bucket":
        bucket = _text(terraform, module, block, "bucket")
        return None if bucket is None else bucket_arn(bucket)
    if kind in _OWNERS:
        return owner_arn(terraform, module, block, *_OWNERS[kind])
    if kind.startswith("aws_s3_bucket_"):
        return owner_arn(terraform, module, block, "bucket", "aws_s3_bucket")
    return None


def owner_arn(terraform: Terraform, module: Module, block: Block, attribute: str, kind: str) -> str | None:
    """Return the pattern of the block of a type that an attribute refers to; None without just one."""
    given = block.attributes.get(attribute)
    labels = [one.path[1] for one in given.references if one.root == kind and one.path[1:]] if given else []
    blocks = module.of("resource", kind, labels[0]) if len(labels) == 1 else ()
    return declared_arn(terraform, module, blocks[0]) if len(blocks) == 1 else None


def _text(terraform: Terraform, module: Module, block: Block, name: str) -> str | None:
    given = block.attributes.get(name)
    return None if given is None else text_of(terraform, module, given.value)

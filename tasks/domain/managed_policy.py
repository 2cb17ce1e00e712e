"""Policies that AWS keeps and that roles are often given, as far as they matter to what a role may do."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.domain.iam_policy import Statement

_PREFIXES = ("arn:aws:iam::aws:policy/", "arn:aws-cn:iam::aws:policy/", "arn:aws-us-gov:iam::aws:policy/")

_MAY: Mapping[str, tuple[str, ...]] = {
    "AdministratorAccess": ("*",),
    "AmazonDynamoDBFullAccess": (
        "application-autoscaling:*", "cloudwatch:*", "datapipeline:*", "dax:*", "dynamodb:*", "ec2:Describe*",
        "iam:*", "kinesis:*", "kms:*", "lambda:*", "resource-groups:*", "sns:*", "tag:*",
    ),
    "AmazonEC2ContainerRegistryPowerUser": ("ecr:*",),
    "AmazonEC2ContainerRegistryReadOnly": ("ecr:*",),
    "AmazonEC2FullAccess": ("autoscaling:*", "cloudwatch:*", "ec2:*", "elasticloadbalancing:*", "iam:*"),
    "AmazonEC2ReadOnlyAccess": ("autoscaling:*", "cloudwatch:*", "ec2:*", "elasticloadbalancing:*"),
    "AmazonPrometheusRemoteWriteAccess": ("aps:*",),
    "AmazonS3FullAccess": ("s3:*", "s3-object-lambda:*"),
    "AmazonS3ReadOnlyAccess": ("s3:Describe*", "s3:Get*", "s3:List*", "s3-object-lambda:*"),
    "AWSXRayDaemonWriteAccess": ("xray:*",),
    "AmazonSSMReadOnlyAccess": ("ssm:*",),
    "AmazonSSMManagedInstanceCore": ("ec2messages:*", "ssm:*", "ssmmessages:*"),
    "CloudWatchAgentServerPolicy": ("cloudwatch:*", "ec2:Describe*", "logs:*", "ssm:*", "xray:*"),
    "CloudWatchLogsFullAccess": ("cloudwatch:*", "logs:*", "observabilityadmin:*"),
    "IAMFullAccess": ("iam:*", "organizations:*"),
    "SecretsManagerReadWrite": (
        "cloudformation:*", "docdb-elastic:*", "ec2:Describe*", "kms:*", "lambda:*", "rds:*", "redshift:*",
        "redshift-serverless:*", "s3:*", "secretsmanager:*", "serverlessrepo:*", "tag:*",
    ),
    "service-role/AmazonECSTaskExecutionRolePolicy": (
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer", "logs:CreateLogStream", "logs:PutLogEvents",
    ),
}  # fmt: skip
"""Name of a policy -> patterns that hold every action it allows; they may hold more than it does."""


def managed(arn: str) -> tuple[Statement, ...] | None:
    """Return what a policy of AWS allows at most; None for one that is not known here."""
    name = next((arn.removeprefix(one) for one in _PREFIXES if arn.startswith(one)), None)
    if name == "PowerUserAccess":
        # It names some actions of these services again: what it may do there is left open.
        several = ("account:*", "iam:*", "organizations:*")
        return (
            Statement(effect="Allow", others_than=several),
            Statement(effect="Allow", actions=several),
        )
    patterns = _MAY.get(name or "")
    return None if patterns is None else (Statement(effect="Allow", actions=patterns),)

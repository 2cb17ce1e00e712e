"""Services of AWS that answer of one region alone: what is made in another one is not there for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.script import Script
from tasks.domain.terraform import Terraform

_OF_SERVICE = {
    "cloudwatch": ("aws_cloudwatch_metric_", "aws_cloudwatch_dashboard"),
    "ec2": ("aws_instance", "aws_launch_template", "aws_vpc", "aws_subnet", "aws_security_group"),
    "elbv2": ("aws_lb", "aws_alb"),
    "events": ("aws_cloudwatch_event_",),
    "logs": ("aws_cloudwatch_log_",),
    "rds": ("aws_db_", "aws_rds_"),
    "stepfunctions": ("aws_sfn_",),
    **{
        one: (f"aws_{one}_",)
        for one in (
            "autoscaling",
            "dynamodb",
            "ecr",
            "ecs",
            "eks",
            "elasticache",
            "kinesis",
            "kms",
            "lambda",
            "secretsmanager",
            "sns",
            "sqs",
            "ssm",
        )
    },
}
"""Service of the CLI that answers of one region alone -> what Terraform calls the things of it."""
ELSEWHERE = re.compile(
    r"localstack|localhost|127\.0\.0\.1|endpoint|minio|\bmoto\b|dummy|\bfake|\blocal(?:ly)?\b|\bmock|\byour\b|bedrock",
    re.IGNORECASE,
)
"""What is said to be on this machine, or to be the reader's own, need not be where ours is."""


def services(terraform: Terraform) -> set[str]:
    """Return the services of the CLI that answer of one region alone, and of which Terraform makes things."""
    kinds = {block.labels[0] for module in terraform for block in module.of("resource") if block.labels}
    return {name for name, begin in _OF_SERVICE.items() if any(kind.startswith(begin) for kind in kinds)}


def made_by(script: Script) -> Iterator[str]:
    """Go through the services at which a script makes things itself, wherever that is."""
    for command in script.running("aws", "eksctl"):
        words = [str(one) for one in command.literals]
        if any(one.startswith(("create", "run-instances")) or one == "mb" for one in words[:3]):
            yield next((one for one in words if one in _OF_SERVICE), "")

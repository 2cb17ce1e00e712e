"""What provisioning lets the role of workflow jobs do: the least that the deployments it knows of need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.domain.cloud_names import ENVIRONMENT_TAG
from tasks.domain.settings import AwsSettings

POLICY = "activation-deploy"
"""The name of the inline policy."""


def least_policy(account: str, settings: AwsSettings, environments: tuple[str, ...]) -> Mapping[str, Any]:
    """Return what workflow jobs need: state and its lock, artifacts, and commands on their own nodes."""
    allowed: list[dict[str, Any]] = [
        {
            "Sid": "WatchRollouts",
            "Effect": "Allow",
            "Action": [
                "ssm:DescribeInstanceInformation",
                "ssm:GetCommandInvocation",
                "ssm:ListCommandInvocations",
                "ssm:ListCommands",
            ],
            "Resource": "*",  # these actions know no resource
        },
        {
            "Sid": "RunShell",
            "Effect": "Allow",
            "Action": "ssm:SendCommand",
            "Resource": f"arn:aws:ssm:{settings.region}::document/AWS-RunShellScript",
        },
    ]
    if environments:
        allowed.append(
            {
                "Sid": "OnTheirNodes",
                "Effect": "Allow",
                "Action": "ssm:SendCommand",
                "Resource": [
                    f"arn:aws:ec2:{settings.region}:{account}:instance/*",
                    f"arn:aws:ssm:{settings.region}:{account}:managed-instance/*",
                ],
                "Condition": {"StringEquals": {f"ssm:resourceTag/{ENVIRONMENT_TAG}": list(environments)}},
            }
        )
    for sid, bucket, more in (
        ("Artifacts", settings.artifact_bucket, ["s3:AbortMultipartUpload"]),
        ("State", settings.state_bucket, ["s3:DeleteObject"]),  # a lock file in S3 is deleted to unlock
    ):
        if bucket:
            actions = ["s3:GetObject", "s3:PutObject", *more]
            objects = f"arn:aws:s3:::{bucket}/*"
            allowed.append({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": objects})
            whole = f"arn:aws:s3:::{bucket}"
            listing = {"Sid": f"{sid}List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": whole}
            allowed.append(listing)
    if settings.lock_table:
        allowed.append(
            {
                "Sid": "StateLock",
                "Effect": "Allow",
                "Action": ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
                "Resource": f"arn:aws:dynamodb:{settings.region}:{account}:table/{settings.lock_table}",
            }
        )
    return {"Version": "2012-10-17", "Statement": allowed}

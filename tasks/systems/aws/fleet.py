"""The machines: those that take commands, those that run, and how many may."""

from __future__ import annotations

from typing import Any, cast

from botocore.exceptions import ClientError

from tasks.domain.cloud import Instance, Node
from tasks.domain.cloud_names import ENVIRONMENT_TAG
from tasks.systems.aws.clients import Clients
from tasks.systems.aws.errors import code_of, translated

# Quota codes of Service Quotas for EC2, in vCPUs.
ON_DEMAND_STANDARD = "L-1216C47A"
SPOT_STANDARD = "L-34B43A08"


class Fleet:
    """Looks at machines; changes none."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def nodes(self, environment: str) -> tuple[Node, ...]:
        """Return the managed nodes that carry the tag Environment=`environment`."""
        filters: Any = [{"Key": f"tag:{ENVIRONMENT_TAG}", "Values": [environment]}]
        with translated("ssm:DescribeInstanceInformation"):
            pages = self._clients.ssm.get_paginator("describe_instance_information").paginate(Filters=filters)
            return tuple(
                Node(
                    instance_id=found["InstanceId"],
                    name=found.get("Name") or found.get("ComputerName", ""),
                    online=found["PingStatus"] == "Online",
                )
                for page in pages
                for found in page["InstanceInformationList"]
            )

    def instances(self) -> tuple[Instance, ...]:
        """Return the EC2 instances that are pending, running or stopped."""
        filters: Any = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}]
        with translated("ec2:DescribeInstances"):
            pages = self._clients.ec2.get_paginator("describe_instances").paginate(Filters=filters)
            return tuple(
                Instance(
                    instance_id=found["InstanceId"],
                    instance_type=str(found["InstanceType"]),
                    state=str(found["State"]["Name"]),
                    spot=found.get("InstanceLifecycle") == "spot",
                    tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
                )
                for page in pages
                for reservation in page["Reservations"]
                for found in reservation["Instances"]
            )

    def quota(self, code: str) -> float | None:
        """Return an EC2 quota in vCPUs, or None when the account has none of that code."""
        with translated("servicequotas:GetServiceQuota"):
            try:
                found = self._clients.quotas.get_service_quota(ServiceCode="ec2", QuotaCode=code)
            except ClientError as error:
                if code_of(error) == "NoSuchResourceException":
                    return None
                raise
        return cast("float", found["Quota"]["Value"])

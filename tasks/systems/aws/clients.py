"""boto3 clients for one phase: where requests go, as whom, and how often they are tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_budgets.client import BudgetsClient
    from mypy_boto3_ce.client import CostExplorerClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_iam.client import IAMClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_sts.client import STSClient


@dataclass(frozen=True, kw_only=True)
class AwsAccess:
    """How AWS is reached. Without keys the default chain finds them; without an endpoint it is the real AWS.

    `attempts` counts the first try; standard mode spaces them with jitter and keeps a quota per client,
    which is why every phase begins with fresh clients.
    """

    region: str
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    attempts: int = 8
    connect_seconds: float = 5.0
    read_seconds: float = 60.0


class Clients:
    """One client for each service, made when it is first asked for; botocore clients are thread-safe."""

    def __init__(self, access: AwsAccess) -> None:
        self.region = access.region
        self._access = access
        self._session = boto3.session.Session(
            aws_access_key_id=access.access_key_id,
            aws_secret_access_key=access.secret_access_key,
            aws_session_token=access.session_token,
            region_name=access.region,
        )
        self._made: dict[str, Any] = {}

    @property
    def s3(self) -> S3Client:
        """Simple Storage Service."""
        client: S3Client = self._client("s3")
        return client

    @property
    def dynamodb(self) -> DynamoDBClient:
        """DynamoDB."""
        client: DynamoDBClient = self._client("dynamodb")
        return client

    @property
    def iam(self) -> IAMClient:
        """Identity and Access Management."""
        client: IAMClient = self._client("iam")
        return client

    @property
    def sts(self) -> STSClient:
        """Security Token Service."""
        client: STSClient = self._client("sts")
        return client

    @property
    def secretsmanager(self) -> SecretsManagerClient:
        """Secrets Manager."""
        client: SecretsManagerClient = self._client("secretsmanager")
        return client

    @property
    def budgets(self) -> BudgetsClient:
        """AWS Budgets."""
        client: BudgetsClient = self._client("budgets")
        return client

    @property
    def sns(self) -> SNSClient:
        """Simple Notification Service."""
        client: SNSClient = self._client("sns")
        return client

    @property
    def ssm(self) -> SSMClient:
        """Systems Manager."""
        client: SSMClient = self._client("ssm")
        return client

    @property
    def ec2(self) -> EC2Client:
        """Elastic Compute Cloud."""
        client: EC2Client = self._client("ec2")
        return client

    @property
    def costs(self) -> CostExplorerClient:
        """Cost Explorer."""
        client: CostExplorerClient = self._client("ce")
        return client

    @property
    def quotas(self) -> Any:
        """Service Quotas, for which no types are installed."""
        return self._client("service-quotas")

    def _client(self, service: str) -> Any:
        if service not in self._made:
            access = self._access
            style: Any = {"addressing_style": "path"} if access.endpoint_url else None
            self._made[service] = self._session.client(  # type: ignore[call-overload]
                service,
                endpoint_url=access.endpoint_url,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": access.attempts},
                    connect_timeout=access.connect_seconds,
                    read_timeout=access.read_seconds,
                    s3=style,
                ),
            )
        return self._made[service]

"""What a call needs in IAM's words, and whether those who ask with a role's keys have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.keys import AccessKey
from deployments.embedded.aws.policy import Decision, as_list, evaluate
from deployments.embedded.aws.principals import Principals
from deployments.embedded.aws.wire import AwsRequest

Result = Mapping[str, Any]

# Operations whose IAM action has another name (service authorization reference of each service).
_ACTIONS = {
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "CreateMultipartUpload"): "s3:PutObject",
    ("s3", "UploadPart"): "s3:PutObject",
    ("s3", "CompleteMultipartUpload"): "s3:PutObject",
    ("s3", "CopyObject"): "s3:PutObject",
    ("s3", "DeleteObjects"): "s3:DeleteObject",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "PutBucketEncryption"): "s3:PutEncryptionConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "PutPublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "PutBucketLifecycleConfiguration"): "s3:PutLifecycleConfiguration",
    ("budgets", "DescribeBudget"): "budgets:ViewBudget",
    ("budgets", "DescribeBudgets"): "budgets:ViewBudget",
    ("budgets", "DescribeNotificationsForBudget"): "budgets:ViewBudget",
    ("budgets", "CreateBudget"): "budgets:ModifyBudget",
    ("budgets", "UpdateBudget"): "budgets:ModifyBudget",
    ("budgets", "DeleteBudget"): "budgets:ModifyBudget",
    ("budgets", "CreateNotification"): "budgets:ModifyBudget",
}
_PREFIXES = {"service-quotas": "servicequotas", "compute-optimizer": "compute-optimizer"}
# Every principal may ask these; no policy can forbid the first (STS documentation).
_ALWAYS = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})


class Permissions:
    """Decides for role sessions, and answers the policy simulator."""

    def __init__(self, *, account: str, principals: Principals, nodes: Mapping[str, str]) -> None:
        self.account = account
        self._principals = principals
        self._nodes = nodes  # instance id -> value of the node's Environment tag

    def answers(self) -> Mapping[tuple[str, str], Callable[[AwsRequest, AccessKey | None], Result]]:
        """Return the operations answered here because moto lacks them."""
        return {("iam", "SimulatePrincipalPolicy"): self.simulate_principal_policy}

    def check(self, request: AwsRequest, caller: AccessKey | None) -> None:
        """Refuse what a role's policies do not allow. The engineer's own key may do everything.

        A resource that the request does not name in a way known here is not held against the caller.
        """
        if caller is None or caller.role is None:
            return
        action = action_of(request)
        if action in _ALWAYS:
            return
        policies = self._principals.policies(caller.role)
        resources = self._resources(request)
        decisions: list[Decision] = [
            evaluate(policies, action=action, resource=resource, context=self._context(request, resource))
            for resource in resources
        ]
        if not resources:
            granted = any(_grants_somewhere(policies, action, self._context(request)))
            decisions = ["allowed" if granted else "implicitDeny"]
        if any(decision != "allowed" for decision in decisions):
            on = next((r for r, d in zip(resources, decisions, strict=False) if d != "allowed"), "*")
            message = (
                f"User: {caller.principal} is not authorized to perform: {action} on resource: {on} "
                "because no identity-based policy allows the action"
            )
            code = {"s3": "AccessDenied", "ec2": "UnauthorizedOperation"}.get(request.service)
            default = "AccessDeniedException" if request.json_protocol else "AccessDenied"
            raise AwsError(code or default, message, 403)

    def simulate_principal_policy(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Say for each action and resource what the identity policies of a principal decide."""
        asked = request.parameters
        arn = str(asked["PolicySourceArn"])
        context = {
            str(entry["ContextKeyName"]): str(entry["ContextKeyValues"][0])
            for entry in asked.get("ContextEntries") or ()
        }
        if arn == f"arn:aws:iam::{self.account}:user/engineer":
            policies: tuple[Mapping[str, Any], ...] = (_EVERYTHING,)
        else:
            policies = self._principals.policies(arn)
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": evaluate(policies, action=action, resource=resource, context=context),
                    "MatchedStatements": [],
                    "MissingContextValues": [],
                }
                for action in asked["ActionNames"]
                for resource in asked.get("ResourceArns") or ("*",)
            ],
            "IsTruncated": False,
        }

    def _context(self, request: AwsRequest, resource: str = "") -> dict[str, str]:
        context = {"aws:SecureTransport": "true", "aws:RequestedRegion": request.region}
        environment = self._nodes.get(resource.rpartition("/")[2])
        return context if environment is None else {**context, "ssm:resourceTag/Environment": environment}

    def _resources(self, request: AwsRequest) -> tuple[str, ...]:
        named, region, account = request.parameters, request.region, self.account
        if request.service == "s3" and "Bucket" in named:
            key = f"/{named['Key']}" if named.get("Key") else ""
            return (f"arn:aws:s3:::{named['Bucket']}{key}",)
        if request.service == "dynamodb" and named.get("TableName"):
            return (f"arn:aws:dynamodb:{region}:{account}:table/{named['TableName']}",)
        if request.service == "iam" and named.get("RoleName"):
            return (f"arn:aws:iam::{account}:role/{named['RoleName']}",)
        if request.service == "ssm" and request.operation == "SendCommand":
            documents = (f"arn:aws:ssm:{region}::document/{named['DocumentName']}",)
            wanted = {str(i) for i in named.get("InstanceIds") or ()}
            for target in named.get("Targets") or ():
                if target["Key"] == "tag:Environment":
                    wanted |= {i for i, tag in self._nodes.items() if tag in target["Values"]}
            prefix = f"arn:aws:ssm:{region}:{account}:managed-instance"
            nodes = tuple(f"{prefix}/{instance_id}" for instance_id in sorted(wanted))
            return documents + nodes
        if request.service == "secretsmanager" and named.get("SecretId"):
            secret = str(named["SecretId"])
            if secret.startswith("arn:"):
                return (secret,)
            # AWS appends six characters to a secret's ARN; policies match them with -??????.
            return (f"arn:aws:secretsmanager:{region}:{account}:secret:{secret}-AbCdEf",)
        return ()


_EVERYTHING: Mapping[str, Any] = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def action_of(request: AwsRequest) -> str:
    """Return the IAM action that a call needs."""
    known = _ACTIONS.get((request.service, request.operation))
    return known or f"{_PREFIXES.get(request.service, request.service)}:{request.operation}"


def _grants_somewhere(
    policies: tuple[Mapping[str, Any], ...], action: str, context: Mapping[str, str]
) -> list[bool]:
    """Whether any statement allows the action on any resource."""
    return [
        evaluate(
            ({"Statement": [{**statement, "Resource": "*"}]},),
            action=action,
            resource="*",
            context=context,
        )
        == "allowed"
        for policy in policies
        for statement in as_list(policy.get("Statement", []))
    ]

"""The IAM actions that a command of the AWS CLI needs.

The CLI calls an operation as the service's model does, with hyphens, and IAM mostly calls the action as the
operation: ``ssm send-command`` needs ``ssm:SendCommand``. What is otherwise stands in the tables, after the
Service Authorization Reference. Whoever asks compares with the actions that IAM knows, so that an operation
without an action of its name needs nothing that is certain.
"""

from __future__ import annotations

from collections.abc import Mapping

PREFIXES: Mapping[str, str] = {
    "amp": "aps",
    "apigatewayv2": "apigateway",
    "bedrock-agent": "bedrock",
    "bedrock-agent-runtime": "bedrock",
    "bedrock-runtime": "bedrock",
    "configservice": "config",
    "deploy": "codedeploy",
    "docdb": "rds",
    "dynamodbstreams": "dynamodb",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "lexv2-models": "lex",
    "neptune": "rds",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "s3api": "s3",
    "s3control": "s3",
    "service-quotas": "servicequotas",
    "sesv2": "ses",
    "stepfunctions": "states",
    "timestream-write": "timestream",
    "timestream-query": "timestream",
}
"""Name of a service in the CLI -> its prefix in IAM, where the two differ."""

NOTHING = frozenset(
    {
        "sts get-caller-identity",  # granted to everybody who is known
        "sts get-session-token",
        "sts assume-role-with-saml",
        "sts assume-role-with-web-identity",
        "s3 presign",
        "eks get-token",
        "cloudformation validate-template",
        "cognito-idp",  # many of its operations are for people without credentials
        "configure",
        "sso",
    }
)
"""What anybody may do who has credentials, or asks nobody."""

OTHERS: Mapping[str, tuple[str, ...]] = {
    "bedrock-runtime converse": ("bedrock:InvokeModel",),
    "bedrock-runtime converse-stream": ("bedrock:InvokeModelWithResponseStream",),
    "budgets create-budget": ("budgets:ModifyBudget",),
    "budgets delete-budget": ("budgets:ModifyBudget",),
    "budgets describe-budget": ("budgets:ViewBudget",),
    "budgets describe-budgets": ("budgets:ViewBudget",),
    "budgets update-budget": ("budgets:ModifyBudget",),
    "cloudformation deploy": ("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
    "codeartifact login": ("codeartifact:GetAuthorizationToken",),
    "dynamodb transact-get-items": ("dynamodb:GetItem",),
    "ecr get-login": ("ecr:GetAuthorizationToken",),
    "ecr get-login-password": ("ecr:GetAuthorizationToken",),
    "ecr-public get-login-password": ("ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"),
    "ecs deploy": ("ecs:RegisterTaskDefinition",),
    "eks update-kubeconfig": ("eks:DescribeCluster",),
    "lambda invoke": ("lambda:InvokeFunction",),
    "logs tail": ("logs:FilterLogEvents",),
    "s3 mb": ("s3:CreateBucket",),
    "s3 rb": ("s3:DeleteBucket",),
    "s3api copy-object": ("s3:GetObject", "s3:PutObject"),
    "s3api create-multipart-upload": ("s3:PutObject",),
    "s3api complete-multipart-upload": ("s3:PutObject",),
    "s3api delete-bucket-encryption": ("s3:PutEncryptionConfiguration",),
    "s3api delete-bucket-lifecycle": ("s3:PutLifecycleConfiguration",),
    "s3api delete-objects": ("s3:DeleteObject",),
    "s3api delete-public-access-block": ("s3:PutBucketPublicAccessBlock",),
    "s3api get-bucket-encryption": ("s3:GetEncryptionConfiguration",),
    "s3api get-bucket-lifecycle-configuration": ("s3:GetLifecycleConfiguration",),
    "s3api get-bucket-notification-configuration": ("s3:GetBucketNotification",),
    "s3api get-public-access-block": ("s3:GetBucketPublicAccessBlock",),
    "s3api head-bucket": ("s3:ListBucket",),
    "s3api head-object": ("s3:GetObject",),
    "s3api list-buckets": ("s3:ListAllMyBuckets",),
    "s3api list-multipart-uploads": ("s3:ListBucketMultipartUploads",),
    "s3api list-object-versions": ("s3:ListBucketVersions",),
    "s3api list-objects": ("s3:ListBucket",),
    "s3api list-objects-v2": ("s3:ListBucket",),
    "s3api list-parts": ("s3:ListMultipartUploadParts",),
    "s3api put-bucket-encryption": ("s3:PutEncryptionConfiguration",),
    "s3api put-bucket-lifecycle-configuration": ("s3:PutLifecycleConfiguration",),
    "s3api put-bucket-notification-configuration": ("s3:PutBucketNotification",),
    "s3api put-public-access-block": ("s3:PutBucketPublicAccessBlock",),
    "s3api upload-part": ("s3:PutObject",),
    "sqs change-message-visibility-batch": ("sqs:ChangeMessageVisibility",),
    "sqs delete-message-batch": ("sqs:DeleteMessage",),
    "sqs send-message-batch": ("sqs:SendMessage",),
}
"""Command of the CLI -> the actions it needs, where they are not called as the command is."""

WAITS: Mapping[str, str] = {
    "cloudformation change-set-create-complete": "describe-change-set",
    "cloudformation stack-create-complete": "describe-stacks",
    "cloudformation stack-delete-complete": "describe-stacks",
    "cloudformation stack-exists": "describe-stacks",
    "cloudformation stack-update-complete": "describe-stacks",
    "cloudfront distribution-deployed": "get-distribution",
    "cloudfront invalidation-completed": "get-invalidation",
    "deploy deployment-successful": "get-deployment",
    "dynamodb table-exists": "describe-table",
    "dynamodb table-not-exists": "describe-table",
    "ec2 image-available": "describe-images",
    "ec2 instance-exists": "describe-instances",
    "ec2 instance-running": "describe-instances",
    "ec2 instance-status-ok": "describe-instance-status",
    "ec2 instance-stopped": "describe-instances",
    "ec2 instance-terminated": "describe-instances",
    "ec2 snapshot-completed": "describe-snapshots",
    "ec2 spot-instance-request-fulfilled": "describe-spot-instance-requests",
    "ec2 system-status-ok": "describe-instance-status",
    "ec2 volume-available": "describe-volumes",
    "ec2 volume-in-use": "describe-volumes",
    "ecs services-inactive": "describe-services",
    "ecs services-stable": "describe-services",
    "ecs tasks-running": "describe-tasks",
    "ecs tasks-stopped": "describe-tasks",
    "eks cluster-active": "describe-cluster",
    "iam role-exists": "get-role",
    "lambda function-active": "get-function-configuration",
    "lambda function-active-v2": "get-function",
    "lambda function-exists": "get-function",
    "lambda function-updated": "get-function-configuration",
    "lambda function-updated-v2": "get-function",
    "rds db-instance-available": "describe-db-instances",
    "s3api bucket-exists": "head-bucket",
    "s3api object-exists": "head-object",
    "ssm command-executed": "get-command-invocation",
}
"""What is waited for -> the operation that is asked again and again, as the service's waiters say."""

PASSING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "--iam-instance-profile": ("iam:PassRole", ("ec2 run-instances", "ec2 request-spot-instances")),
    "--tag-specifications": ("ec2:CreateTags", ("ec2 run-instances",)),
    "--role": ("iam:PassRole", ("lambda create-function",)),
    "--role-arn": ("iam:PassRole", ("stepfunctions create-state-machine", "eks create-cluster")),
    "--execution-role-arn": ("iam:PassRole", ("ecs register-task-definition",)),
    "--task-role-arn": ("iam:PassRole", ("ecs register-task-definition",)),
}
"""Option -> the further action that it needs, and the commands of which that is certain."""


def prefix(service: str) -> str:
    """Return the prefix in IAM of a service of the CLI."""
    return PREFIXES.get(service, service)


def needed(service: str, operation: str, options: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the actions that a command needs; a derived one, which may not exist, is in lower case.

    ``operation`` is ``wait NAME`` for a waiter. The commands of ``s3`` that move objects are not in here.
    """
    command = f"{service} {operation}"
    if command in NOTHING or service in NOTHING:
        return ()
    first, _, waited = operation.partition(" ")
    if first == "wait":
        asked = WAITS.get(f"{service} {waited}")
        return needed(service, asked) if asked is not None else ()
    more = tuple(
        action for option, (action, commands) in PASSING.items() if option in options and command in commands
    )
    if command in OTHERS:
        return (*OTHERS[command], *more)
    if service == "s3":
        return ()
    return (f"{prefix(service)}:{operation.replace('-', '')}".lower(), *more)

"""Whether the AWS account can take what provisioning makes there: names free or ours, nothing in the way.

What is missing and will be made is no finding: it is a change of the plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tasks.domain.check import Answer, broken, check, holds, unknown
from tasks.domain.cloud import (
    Bucket,
    CloudBuckets,
    CloudBudget,
    CloudIdentity,
    CloudRights,
    CloudRoles,
    CloudSecrets,
    CloudTables,
    Topic,
)
from tasks.domain.cloud_names import AUDIENCE, LOCK_KEY, variable_of
from tasks.domain.edit_command import corrected
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.settings import Settings
from tasks.domain.terraform import Terraform
from tasks.domain.terraform_run import terraform_runs
from tasks.domain.terraform_values import shown
from tasks.domain.workflow import Workflows
from tasks.domain.workflow_phase import stopped


def _seen_in_aws(excerpt: str) -> Evidence:
    return Evidence(source="aws", excerpt=excerpt)


@check(
    "aws-identity-known",
    phase=Phase.PROVISIONING,
    remedy=Remedy(
        summary="Sign in to AWS and run the same command again",
        commands=("aws sso login", "aws sts get-caller-identity"),
        owner="operator",
        minutes=5,
    ),
)
def aws_identity_known(identity: CloudIdentity, settings: Settings) -> Iterator[Answer]:
    """AWS knows who asks, and it is no root user."""
    subject = "credentials"
    if identity.arn.endswith(":root"):
        told = f"the credentials are those of the root user of {identity.account}: nothing limits them"
        remedy = Remedy(summary="Use a role or user made for this", owner="aws-admin", minutes=15)
        place = _seen_in_aws(identity.arn)
        yield broken(subject, told, place, remedy=remedy, weight=Weight.WARNING)
    else:
        yield holds(subject, f"{identity.arn} works in {settings.aws.region}")


@check("bucket-name-usable", phase=Phase.PROVISIONING)
def bucket_name_usable(
    buckets: CloudBuckets, settings: Settings, workflows: Workflows, scripts: Scripts, terraform: Terraform
) -> Iterator[Answer]:
    """Every configured bucket is this account's or still free, and one that is there is in the region."""
    for name, bucket in buckets.buckets.items():
        subject = f"s3://{name}"
        if isinstance(bucket, Unseen):
            yield unknown(subject, f"could not look at {subject}: {bucket.reason}", remedy=_access(name))
        elif bucket is None:
            yield holds(subject, "is free: provisioning makes it")
        elif not bucket.owned:
            told = f"{subject} exists, and this account may not look at it: bucket names are global"
            yield broken(subject, told, _seen_in_aws(f"head-bucket {name}: refused"), remedy=_access(name))
        elif refused := _refused(name, bucket, settings, workflows, scripts, terraform):
            yield refused
        elif bucket.region not in (None, settings.aws.region):
            told = f"{subject} is in {bucket.region}, and everything else in {settings.aws.region}"
            place = _seen_in_aws(f"{name}: {bucket.region}")
            remedy = Remedy(
                summary=f"Set aws.region to {bucket.region} in activation.toml if everything belongs there, "
                f"or name another bucket there: one cannot be moved, and provisioning makes a new one",
                commands=('"${EDITOR:-vi}" activation.toml',),
                minutes=10,
            )
            yield broken(subject, told, place, remedy=remedy, weight=Weight.WARNING)
        else:
            yield holds(subject, "is this account's")


def _refused(  # noqa: PLR0917 - every fact is one
    name: str,
    bucket: Bucket,
    settings: Settings,
    workflows: Workflows,
    scripts: Scripts,
    terraform: Terraform,
) -> Answer | None:
    """Tell of a bucket with a state that a job looks for in another region: terraform asks no other one."""
    for run in terraform_runs(scripts, terraform):
        workflow = workflows.at(run.script.workflow) if run.script.workflow is not None else None
        if run.action != "init" or workflow is None or run.module is None:
            continue
        backend = run.module.backend
        if backend is None or backend.labels != ("s3",):
            continue
        region = backend.get("region")
        if backend.get("bucket") != name or not isinstance(region, str) or bucket.region in (None, region):
            continue
        if any(True for _ in run.given("backend-config")) or backend.inner("endpoints"):
            continue
        phase, weight = stopped(workflow, settings)
        told = (
            f"s3://{name} is in {bucket.region}, and the backend of {shown(run.module.directory)} looks for "
            f"it in {region}: terraform init ends with an error"
        )
        place, started = backend.at("region"), run.script.source.at(run.command)
        return broken(
            f"s3://{name}",
            told,
            place,
            _seen_in_aws(f"{name}: {bucket.region}"),
            started,
            remedy=Remedy(summary=f"Write the bucket's region, {bucket.region}, in the backend", minutes=5),
            phase=phase if weight is Weight.BLOCKER else None,
            weight=weight,
            edits=corrected(region, str(bucket.region), place),
        )
    return None


def _access(name: str) -> Remedy:
    return Remedy(
        summary="Choose another name in activation.toml, or get access to the bucket",
        commands=(f"aws s3api head-bucket --bucket {name}",),
        owner="aws-admin",
        minutes=10,
    )


@check("bucket-safe", phase=Phase.PROVISIONING, weight=Weight.NOTE)
def bucket_safe(buckets: CloudBuckets) -> Iterator[Answer]:
    """Every configured bucket that is there keeps versions, encrypts, is private and takes TLS only."""
    for name, bucket in buckets.buckets.items():
        if not isinstance(bucket, Bucket) or not bucket.owned:
            continue
        lacking = _lacking(bucket)
        subject = f"s3://{name}"
        if lacking:
            lacks = f"not {', not '.join(lacking)}"
            told = f"{subject} is {lacks}; provisioning sets that right"
            if bucket.public:
                told = f"the policy of {subject} lets everybody in, and nothing blocks that; it is {lacks}"
            remedy = Remedy(
                summary="Run activation, which sets it right" + _beside(bucket),
                commands=tuple(_COMMANDS[one].format(name=name) for one in lacking if _sets(one, bucket)),
                owner="aws-admin",
                minutes=5,
            )
            weight = Weight.WARNING if bucket.public else Weight.NOTE
            yield broken(subject, told, _seen_in_aws(f"{name}: {lacks}"), remedy=remedy, weight=weight)
        else:
            yield holds(subject, "is safe")


_VERSIONED, _ENCRYPTED, _PRIVATE, _TLS = "versioned", "encrypted", "private", "closed to plain HTTP"
_TLS_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyInsecureTransport",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::NAME", "arn:aws:s3:::NAME/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)
_PUT = "aws s3api {} --bucket {{name}} {}"
_COMMANDS: Mapping[str, str] = {
    _VERSIONED: _PUT.format("put-bucket-versioning", "--versioning-configuration Status=Enabled"),
    _ENCRYPTED: _PUT.format(
        "put-bucket-encryption",
        "--server-side-encryption-configuration "
        "'Rules=[{{ApplyServerSideEncryptionByDefault={{SSEAlgorithm=AES256}}}}]'",
    ),
    _PRIVATE: _PUT.format(
        "put-public-access-block",
        "--public-access-block-configuration "
        "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
    ),
    _TLS: _PUT.format(
        "put-bucket-policy",
        "--policy '" + _TLS_POLICY.replace("{", "{{").replace("}", "}}").replace("NAME", "{name}") + "'",
    ),
}


def _sets(one: str, bucket: Bucket) -> bool:
    """Tell whether a command of its own may set it: a policy that is there would be lost."""
    return one != _TLS or not bucket.policy


def _beside(bucket: Bucket) -> str:
    if bucket.policy and not bucket.tls_only:
        return "; provisioning adds the refusal of plain HTTP to the bucket's own policy"
    return ", or set it by hand"


def _lacking(bucket: Bucket) -> list[str]:
    there = (bucket.versioned, bucket.encryption is not None, bucket.private, bucket.tls_only)
    return [word for word, has in zip(_COMMANDS, there, strict=True) if not has]


@check("lock-table-usable", phase=Phase.PROVISIONING)
def lock_table_usable(tables: CloudTables) -> Iterator[Answer]:
    """Every configured lock table is still free, or has the key that Terraform locks with."""
    for name, table in tables.tables.items():
        subject = f"dynamodb://{name}"
        command = f"aws dynamodb describe-table --table-name {name}"
        remedy = Remedy(
            summary=f"Choose another aws.lock_table, or make the table anew with the key {LOCK_KEY}",
            commands=(command,),
            owner="aws-admin",
            minutes=10,
        )
        if isinstance(table, Unseen):
            yield unknown(subject, f"could not look at {subject}: {table.reason}", remedy=remedy)
        elif table is None:
            yield holds(subject, "is free: provisioning makes it")
        elif table.hash_key != LOCK_KEY:
            told = f"the table {name} is keyed by {table.hash_key}; Terraform needs {LOCK_KEY}"
            yield broken(subject, told, _seen_in_aws(f"{name}: {table.hash_key}"), remedy=remedy)
        elif table.status not in ("ACTIVE", "UPDATING", "CREATING"):
            told = f"the table {name} is {table.status}: nothing can be locked in it"
            yield broken(subject, told, _seen_in_aws(f"{name}: {table.status}"), remedy=remedy)
        else:
            yield holds(subject, "locks")


@check("secret-entries-filled", phase=Phase.PROVISIONING)
def secret_entries_filled(secrets: CloudSecrets, settings: Settings) -> Iterator[Answer]:
    """Every configured Secrets Manager entry is there, is not about to end, and is not empty."""
    for name, entry in secrets.secrets.items():
        begin = f"aws secretsmanager {{}} --region {settings.aws.region}"
        if isinstance(entry, Unseen):
            remedy = _filled(f"{begin.format('describe-secret')} --secret-id {name}", name)
            yield unknown(name, f"could not look at the entry {name}: {entry.reason}", remedy=remedy)
        elif entry is None:
            remedy = _filled(f"{begin.format('create-secret')} --name {name}{_TYPED}", name)
            told = f"there is no entry {name}; provisioning makes it only from {variable_of(name)}"
            yield broken(name, told, _seen_in_aws(f"{name}: none"), remedy=remedy, weight=Weight.WARNING)
        elif entry.deleting:
            command = f"{begin.format('restore-secret')} --secret-id {name}"
            remedy = Remedy(
                summary=f"Restore {name}, or drop it from aws.secrets",
                commands=(command,),
                owner="aws-admin",
                minutes=5,
            )
            told = f"the entry {name} is scheduled for deletion"
            yield broken(name, told, _seen_in_aws(f"{name}: deletion scheduled"), remedy=remedy)
        elif entry.filled is False:
            remedy = _filled(f"{begin.format('put-secret-value')} --secret-id {name}{_TYPED}", name)
            told = f"the entry {name} is empty; provisioning fills it only from {variable_of(name)}"
            yield broken(name, told, _seen_in_aws(f"{name}: empty"), remedy=remedy, weight=Weight.WARNING)
        elif entry.filled is None:
            told = f"the entry {name} is there; whether it is empty could not be seen"
            remedy = _filled(f"{begin.format('list-secret-version-ids')} --secret-id {name}", name)
            yield unknown(name, told, remedy=remedy, weight=Weight.NOTE)
        else:
            yield holds(name, "is filled")


_TYPED = " --secret-string file:///dev/stdin"


def _filled(command: str, name: str) -> Remedy:
    summary = f"Type the value of {name} after the command, then Ctrl-D; or set {variable_of(name)} here"
    return Remedy(summary=summary, commands=(command,), owner="aws-admin", minutes=5)


@check(
    "oidc-provider-accepts",
    phase=Phase.PROVISIONING,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Run activation: provisioning adds the audience", owner="aws-admin", minutes=2),
)
def oidc_provider_accepts(roles: CloudRoles) -> Iterator[Answer]:
    """GitHub's identity provider, if the account has it, accepts the audience that jobs ask tokens for."""
    provider = roles.provider
    if isinstance(provider, Unseen):
        yield unknown("provider", f"could not look at the identity provider: {provider.reason}")
    elif provider is not None and AUDIENCE not in provider.audiences:
        told = f"{provider.arn} accepts {', '.join(provider.audiences) or 'nothing'}, not {AUDIENCE}"
        yield broken("provider", told, _seen_in_aws(provider.arn))
    else:
        yield holds("provider", "accepts it" if provider else "is not there yet: provisioning makes it")


@check("provisioning-allowed", phase=Phase.PROVISIONING)
def provisioning_allowed(
    rights: CloudRights,
    identity: CloudIdentity,
    buckets: CloudBuckets,
    tables: CloudTables,
    roles: CloudRoles,
) -> Iterator[Answer]:
    """Everything that provisioning still has to do is allowed, as AWS's policy simulation says."""
    made = {
        "s3": _all_there(buckets.buckets),
        "dynamodb": _all_there(tables.tables),
        "iam": _all_there(roles.roles) and roles.provider is not None,
    }
    simulate = f"aws iam simulate-principal-policy --policy-source-arn {identity.principal_arn}"
    for action, allowed in sorted(rights.allowed.items()):
        if allowed:
            yield holds(action, "is allowed")
            continue
        there = made.get(action.partition(":")[0], False)
        told = f"{identity.principal_arn} may not {action}"
        remedy = Remedy(
            summary=f"Allow {action} for the identity that provisions",
            commands=(f"{simulate} --action-names {action}",),
            owner="aws-admin",
            minutes=15,
        )
        place = _seen_in_aws(f"simulate-principal-policy: {action} is denied")
        weight = Weight.NOTE if there else Weight.BLOCKER
        yield broken(
            action, told + ("; what needs it is there" if there else ""), place, remedy=remedy, weight=weight
        )


def _all_there(things: Mapping[str, object]) -> bool:
    return all(one is not None and not isinstance(one, Unseen) for one in things.values())


@check("budget-heard", phase=Phase.PROVISIONING, weight=Weight.NOTE)
def budget_heard(budget: CloudBudget, settings: Settings) -> Iterator[Answer]:
    """Somebody has confirmed to hear the budget's alerts."""
    topic = budget.topic
    if settings.budget.daily_usd is None or not isinstance(topic, Topic):
        return
    if topic.confirmed_subscribers == 0:
        remedy = Remedy(
            summary="Subscribe somebody, who then confirms by the link in the message",
            commands=(
                f"aws sns subscribe --topic-arn {topic.arn} --protocol email --notification-endpoint ADDRESS",
            ),
            owner="operator",
            minutes=5,
        )
        told = f"nobody has confirmed to hear {topic.name}: alerts of the budget reach no one"
        yield broken(topic.name, told, _seen_in_aws(f"{topic.arn}: 0 confirmed"), remedy=remedy)
    elif topic.confirmed_subscribers is None:
        yield unknown(topic.name, f"who hears {topic.name} could not be seen")
    else:
        yield holds(topic.name, "is heard")

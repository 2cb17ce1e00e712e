"""S3 buckets and the objects in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import ClientError

from tasks.domain.cloud import Bucket, Expiry
from tasks.systems.aws.clients import Clients
from tasks.systems.aws.errors import Rejected, code_of, translated

_TLS_SID = "DenyInsecureTransport"
_ABSENT = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NotFound"})


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """What S3 says of an object without handing it over."""

    key: str
    size: int
    etag: str
    sha256: str | None  # base64, when the object was stored with that checksum
    version: str | None


class Buckets:
    """Looks at buckets and changes one property at a time; every method can be repeated."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, name: str) -> Bucket | None:
        """Return the bucket as it is now, or None when nobody has one of that name."""
        s3 = self._clients.s3
        with translated("s3:ListBucket"):
            try:
                head = s3.head_bucket(Bucket=name)
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return None
                if code_of(error) not in ("403", "AccessDenied", "301"):
                    raise
                self._know_the_caller()
                return Bucket(name=name, owned=False)
        policy, private = self._policy(name), self._private(name)
        return Bucket(
            name=name,
            owned=True,
            region=head.get("BucketRegion"),
            versioned=self._versioned(name),
            encryption=self._encryption(name),
            private=private,
            tls_only=_denies_plain_http(policy, name),
            policy=policy is not None,
            public=not private and _lets_everybody(policy),
            expiries=tuple(
                Expiry(id=str(rule.get("ID", "")), prefix=_prefix(rule), days=int(rule["Expiration"]["Days"]))
                for rule in self._rules(name)
                if rule.get("Status") == "Enabled" and "Days" in rule.get("Expiration", {})
            ),
        )

    def create(self, name: str) -> None:
        """Create a bucket; one that is ours already is taken as it is."""
        with translated("s3:CreateBucket"):
            try:
                if self._clients.region == "us-east-1":  # the one region that must not be named
                    self._clients.s3.create_bucket(Bucket=name)
                else:
                    where = cast("Any", {"LocationConstraint": self._clients.region})
                    self._clients.s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
            except ClientError as error:
                if code_of(error) != "BucketAlreadyOwnedByYou":
                    raise

    def enable_versioning(self, name: str) -> None:
        """Keep every version of every object from now on."""
        with translated("s3:PutBucketVersioning"):
            self._clients.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def encrypt(self, name: str) -> None:
        """Encrypt new objects with keys that S3 manages."""
        with translated("s3:PutEncryptionConfiguration"):
            self._clients.s3.put_bucket_encryption(
                Bucket=name,
                ServerSideEncryptionConfiguration={
                    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
            )

    def block_public_access(self, name: str) -> None:
        """Refuse public ACLs and public policies, old and new."""
        with translated("s3:PutBucketPublicAccessBlock"):
            self._clients.s3.put_public_access_block(
                Bucket=name,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": True,
                    "RestrictPublicBuckets": True,
                },
            )

    def require_tls(self, name: str) -> None:
        """Deny requests without TLS; what the bucket's policy says besides is kept."""
        policy = dict(self._policy(name) or {"Version": "2012-10-17", "Statement": []})
        policy["Statement"] = [s for s in _statements(policy) if s.get("Sid") != _TLS_SID] + [
            {
                "Sid": _TLS_SID,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": list(_resources(name)),
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
        with translated("s3:PutBucketPolicy"):
            self._clients.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))

    def expire(self, name: str, expiry: Expiry) -> None:
        """Let objects under a prefix end after some days; rules with other ids are kept."""
        rules = [rule for rule in self._rules(name) if rule.get("ID") != expiry.id]
        rules.append(
            {
                "ID": expiry.id,
                "Filter": {"Prefix": expiry.prefix},
                "Status": "Enabled",
                "Expiration": {"Days": expiry.days},
            }
        )
        with translated("s3:PutLifecycleConfiguration"):
            self._clients.s3.put_bucket_lifecycle_configuration(
                Bucket=name, LifecycleConfiguration=cast("Any", {"Rules": rules})
            )

    def head(self, bucket: str, key: str) -> StoredObject | None:
        """Return what is stored under a key, or None."""
        with translated("s3:GetObject"):
            try:
                found = self._clients.s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return None
                raise
        return StoredObject(
            key=key,
            size=found["ContentLength"],
            etag=found["ETag"],
            sha256=found.get("ChecksumSHA256"),
            version=found.get("VersionId"),
        )

    def get(self, bucket: str, key: str) -> bytes | None:
        """Return an object's content, or None."""
        with translated("s3:GetObject"):
            try:
                return self._clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return None
                raise

    def put(self, bucket: str, key: str, content: bytes, *, only_if_absent: bool = False) -> bool:
        """Store an object; False when one was there already and must stay."""
        condition = cast("Any", {"IfNoneMatch": "*"} if only_if_absent else {})
        with translated("s3:PutObject"):
            try:
                self._clients.s3.put_object(
                    Bucket=bucket, Key=key, Body=content, ChecksumAlgorithm="SHA256", **condition
                )
            except ClientError as error:
                if only_if_absent and code_of(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
                    return False
                raise
        return True

    def _know_the_caller(self) -> None:
        """Raise NoIdentity if the credentials are the trouble: a HEAD answer cannot say so."""
        with translated("sts:GetCallerIdentity"):
            self._clients.sts.get_caller_identity()

    def _versioned(self, name: str) -> bool:
        with translated("s3:GetBucketVersioning"):
            return self._clients.s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled"

    def _encryption(self, name: str) -> str | None:
        with translated("s3:GetEncryptionConfiguration"):
            try:
                found = self._clients.s3.get_bucket_encryption(Bucket=name)
            except ClientError as error:
                if code_of(error) == "ServerSideEncryptionConfigurationNotFoundError":
                    return None
                raise
        rules = found["ServerSideEncryptionConfiguration"]["Rules"]
        return next((r["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for r in rules), None)

    def _private(self, name: str) -> bool:
        with translated("s3:GetBucketPublicAccessBlock"):
            try:
                found = self._clients.s3.get_public_access_block(Bucket=name)
            except ClientError as error:
                if code_of(error) == "NoSuchPublicAccessBlockConfiguration":
                    return False
                raise
        flags = found["PublicAccessBlockConfiguration"]
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        return all(flags.get(flag) for flag in names)

    def _policy(self, name: str) -> Mapping[str, Any] | None:
        with translated("s3:GetBucketPolicy"):
            try:
                raw = self._clients.s3.get_bucket_policy(Bucket=name)["Policy"]
            except ClientError as error:
                if code_of(error) == "NoSuchBucketPolicy":
                    return None
                raise
        loaded = json.loads(raw)
        if not isinstance(loaded, dict):
            raise Rejected("s3:GetBucketPolicy", "MalformedPolicy", f"the policy of {name} is not an object")
        return loaded

    def _rules(self, name: str) -> list[dict[str, Any]]:
        with translated("s3:GetLifecycleConfiguration"):
            try:
                found = self._clients.s3.get_bucket_lifecycle_configuration(Bucket=name)
            except ClientError as error:
                if code_of(error) == "NoSuchLifecycleConfiguration":
                    return []
                raise
        return [cast("dict[str, Any]", rule) for rule in found["Rules"]]


def _prefix(rule: Mapping[str, Any]) -> str:
    scope = rule.get("Filter") or {}
    return str(scope.get("Prefix") or scope.get("And", {}).get("Prefix") or rule.get("Prefix") or "")


def _statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = policy.get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def _resources(name: str) -> tuple[str, str]:
    return f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"


def _lets_everybody(policy: Mapping[str, Any] | None) -> bool:
    """Tell whether a statement without any condition allows something to whoever asks."""
    return any(
        one.get("Effect") == "Allow"
        and one.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not one.get("Condition")
        for one in _statements(policy or {})
    )


def _denies_plain_http(policy: Mapping[str, Any] | None, name: str) -> bool:
    for statement in _statements(policy or {}):
        resources = statement.get("Resource", [])
        resources = [resources] if isinstance(resources, str) else resources
        condition = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
        if (
            statement.get("Effect") == "Deny"
            and statement.get("Principal") in ("*", {"AWS": "*"})
            and statement.get("Action") in ("s3:*", "*", ["s3:*"])
            and (set(_resources(name)) <= set(resources) or "*" in resources)
            and str(condition).lower() == "false"
        ):
            return True
    return False

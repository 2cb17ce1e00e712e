"""The access keys this world issued. A key it did not issue is refused, as AWS refuses it."""

from __future__ import annotations

import json
import secrets
import string
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deployments.embedded.aws.errors import AwsError
from deployments.embedded.private_file import write_private

_ALPHABET = string.ascii_uppercase + "234567"


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """A key pair, with a session token and an end when it is temporary."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None
    expires: str | None  # ISO 8601, UTC
    principal: str  # the ARN it speaks for
    role: str | None  # the role behind a temporary key

    def __repr__(self) -> str:
        return f"AccessKey({self.access_key_id!r}, principal={self.principal!r})"


class Keys:
    """Issues keys and recognises them; what it issued survives a restart in a file only its owner reads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._keys: dict[str, AccessKey] = {}
        if file.exists():
            for row in json.loads(file.read_text()):
                self._keys[row["access_key_id"]] = AccessKey(**row)

    def permanent(self, principal: str) -> AccessKey:
        """Return the long-lived key of a principal, issuing it once."""
        with self._lock:
            for key in self._keys.values():
                if key.principal == principal and key.session_token is None:
                    return key
            return self._issue("AKIA", principal=principal, role=None, token=None, expires=None)

    def temporary(self, principal: str, *, role: str | None, seconds: int) -> AccessKey:
        """Issue a key that ends after some seconds."""
        now = datetime.now(UTC)
        with self._lock:
            gone = [k for k, v in self._keys.items() if v.expires and v.expires < now.isoformat()]
            for key_id in gone:
                del self._keys[key_id]
            expires = (now + timedelta(seconds=seconds)).replace(microsecond=0).isoformat()
            token = secrets.token_urlsafe(96)
            return self._issue("ASIA", principal=principal, role=role, token=token, expires=expires)

    def recognise(self, key_id: str | None, token: str | None, *, service: str) -> AccessKey:
        """Return the key behind a request.

        Raises AwsError: InvalidAccessKeyId (S3) or InvalidClientTokenId for a key not issued here or a wrong
        session token, ExpiredToken for one that ended, MissingAuthenticationToken for none.
        """
        if key_id is None:
            if service == "s3":
                raise AwsError("AccessDenied", "Access Denied", 403)
            raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        with self._lock:
            key = self._keys.get(key_id)
        if key is None or key.session_token != token:
            if service == "s3":
                message = "The AWS Access Key Id you provided does not exist in our records."
                raise AwsError("InvalidAccessKeyId", message, 403)
            message = "The security token included in the request is invalid."
            code = "UnrecognizedClientException" if service in _JSON_SERVICES else "InvalidClientTokenId"
            raise AwsError("AuthFailure" if service == "ec2" else code, message, 403)
        if key.expires and key.expires < datetime.now(UTC).isoformat():
            raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
        return key

    def clear(self) -> None:
        """Forget every key."""
        with self._lock:
            self._keys.clear()
            self._save()

    def _issue(
        self, prefix: str, *, principal: str, role: str | None, token: str | None, expires: str | None
    ) -> AccessKey:
        key = AccessKey(
            access_key_id=prefix + "".join(secrets.choice(_ALPHABET) for _ in range(16)),
            secret_access_key=secrets.token_urlsafe(30),
            session_token=token,
            expires=expires,
            principal=principal,
            role=role,
        )
        self._keys[key.access_key_id] = key
        self._save()
        return key

    def _save(self) -> None:
        write_private(self._file, json.dumps([asdict(key) for key in self._keys.values()]))


# botocore's models of the JSON services list UnrecognizedClientException among their common errors.
_JSON_SERVICES = frozenset(
    {"dynamodb", "ssm", "secretsmanager", "budgets", "ce", "pricing", "service-quotas"}
)

"""What the principals of this account may do, read from the IAM that lives in moto."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from moto.iam.models import iam_backends

from deployments.embedded.aws.errors import AwsError


class Principals:
    """Roles and users of one account with their policies."""

    def __init__(self, account: str) -> None:
        self.account = account

    @property
    def _iam(self) -> Any:
        return iam_backends[self.account]["aws"]

    def trust_policy(self, role_arn: str) -> Mapping[str, Any] | None:
        """Return the trust policy of a role, or None when there is no such role."""
        for role in self._iam.roles.values():
            if role.arn == role_arn:
                return document(role.assume_role_policy_document)
        return None

    def role_id(self, role_arn: str) -> str:
        """Return the unique id of a role that exists."""
        return next(str(role.id) for role in self._iam.roles.values() if role.arn == role_arn)

    def oidc_provider(self, issuer: str) -> tuple[str, tuple[str, ...]] | None:
        """Return ARN and audiences of the OIDC provider of an issuer (host and path), or None."""
        arn = f"arn:aws:iam::{self.account}:oidc-provider/{issuer}"
        provider = self._iam.open_id_providers.get(arn)
        return None if provider is None else (arn, tuple(provider.client_id_list or ()))

    def policies(self, arn: str) -> tuple[Mapping[str, Any], ...]:
        """Return every identity policy of a role or user, inline and attached.

        Raises AwsError (NoSuchEntity) for a principal that does not exist.
        """
        kind, _, name = arn.partition(":iam::")[2].partition(":")[2].partition("/")
        name = name.rpartition("/")[2]
        if kind == "role":
            holder = next((r for r in self._iam.roles.values() if r.name == name), None)
        elif kind == "user":
            holder = self._iam.users.get(name)
        else:
            raise AwsError("InvalidInput", f"{arn} is not the ARN of a user, group or role")
        if holder is None:
            raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
        inline = holder.policies.values() if isinstance(holder.policies, dict) else holder.policies
        attached = (policy.document for policy in holder.managed_policies.values())
        return tuple(document(found) for found in (*inline, *attached))


def document(raw: Any) -> Mapping[str, Any]:
    """Read a policy document as IAM stores it: JSON, perhaps URL-quoted, perhaps within a record."""
    if isinstance(raw, Mapping):
        inner = raw.get("policy_document") or raw.get("PolicyDocument")
        return document(inner) if inner else raw
    text = str(raw)
    loaded = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    assert isinstance(loaded, dict)
    return loaded

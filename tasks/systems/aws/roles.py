"""IAM: roles, the identity provider they trust, and what a principal may do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import unquote

from botocore.exceptions import ClientError

from tasks.domain.cloud import OidcProvider, Role
from tasks.systems.aws.clients import Clients
from tasks.systems.aws.errors import code_of, translated


class Roles:
    """Looks at roles and providers and changes them; an existing one is taken over, never made twice."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, name: str) -> Role | None:
        """Return a role with its trust policy and inline policies, or None."""
        iam = self._clients.iam
        with translated("iam:GetRole"):
            try:
                role = iam.get_role(RoleName=name)["Role"]
            except ClientError as error:
                if code_of(error) == "NoSuchEntity":
                    return None
                raise
        with translated("iam:ListRolePolicies"):
            pages = iam.get_paginator("list_role_policies").paginate(RoleName=name)
            names = [policy for page in pages for policy in page["PolicyNames"]]
        with translated("iam:GetRolePolicy"):
            policies = {
                policy: _document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
                for policy in names
            }
        with translated("iam:ListAttachedRolePolicies"):
            attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        return Role(
            name=name,
            arn=role["Arn"],
            trust=_document(role["AssumeRolePolicyDocument"]),
            policies=policies,
            attached=tuple(policy.get("PolicyArn", "") for policy in attached),
        )

    def profile(self, name: str) -> tuple[str, ...] | None:
        """Return the names of the roles in an instance profile, which are one or none; None without it."""
        with translated("iam:GetInstanceProfile"):
            try:
                found = self._clients.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
            except ClientError as error:
                if code_of(error) == "NoSuchEntity":
                    return None
                raise
        return tuple(role["RoleName"] for role in found["Roles"])

    def create(self, name: str, *, trust: Mapping[str, Any], description: str) -> None:
        """Create a role; one that exists is taken as it is, whatever it trusts."""
        with translated("iam:CreateRole"):
            try:
                self._clients.iam.create_role(
                    RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), Description=description
                )
            except ClientError as error:
                if code_of(error) != "EntityAlreadyExists":
                    raise

    def trust(self, name: str, trust: Mapping[str, Any]) -> None:
        """Replace a role's trust policy."""
        with translated("iam:UpdateAssumeRolePolicy"):
            self._clients.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))

    def put_policy(self, name: str, policy: str, document: Mapping[str, Any]) -> None:
        """Create or replace one inline policy of a role."""
        with translated("iam:PutRolePolicy"):
            self._clients.iam.put_role_policy(
                RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document)
            )

    def provider(self, account: str, issuer: str) -> OidcProvider | None:
        """Return the OIDC provider of an issuer (host and path, no scheme), or None."""
        arn = f"arn:aws:iam::{account}:oidc-provider/{issuer}"
        with translated("iam:GetOpenIDConnectProvider"):
            try:
                found = self._clients.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
            except ClientError as error:
                if code_of(error) == "NoSuchEntity":
                    return None
                raise
        return OidcProvider(issuer=issuer, arn=arn, audiences=tuple(found.get("ClientIDList", ())))

    def create_provider(self, issuer: str, audience: str) -> None:
        """Let IAM trust tokens of an issuer for an audience; a provider that exists is taken as it is."""
        with translated("iam:CreateOpenIDConnectProvider"):
            try:
                self._clients.iam.create_open_id_connect_provider(
                    Url=f"https://{issuer}", ClientIDList=[audience]
                )
            except ClientError as error:
                if code_of(error) != "EntityAlreadyExists":
                    raise

    def add_audience(self, provider_arn: str, audience: str) -> None:
        """Accept one more audience; repeating it changes nothing."""
        with translated("iam:AddClientIDToOpenIDConnectProvider"):
            self._clients.iam.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=provider_arn, ClientID=audience
            )

    def may(self, principal_arn: str, actions: Iterable[str], resource: str = "*") -> Mapping[str, bool]:
        """Ask the policy simulator what a principal may do, without doing it."""
        with translated("iam:SimulatePrincipalPolicy"):
            pages = self._clients.iam.get_paginator("simulate_principal_policy").paginate(
                PolicySourceArn=principal_arn, ActionNames=list(actions), ResourceArns=[resource]
            )
            return {
                result["EvalActionName"]: result["EvalDecision"] == "allowed"
                for page in pages
                for result in page["EvaluationResults"]
            }


def _document(raw: object) -> Mapping[str, Any]:
    """Return a policy document, which botocore hands out decoded and other clients URL-quoted."""
    return cast("Mapping[str, Any]", json.loads(unquote(raw)) if isinstance(raw, str) else raw)

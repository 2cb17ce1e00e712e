"""STS: who a key speaks for, and temporary keys for those whom a role trusts."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.keys import AccessKey, Keys
from deployments.embedded.aws.policy import as_list, conditions_hold
from deployments.embedded.aws.principals import Principals
from deployments.embedded.aws.wire import AwsRequest

# What GitHub's tokens say in `iss`; the embedded GitHub may say so too, while its keys lie on loopback.
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
Result = Mapping[str, Any]


class Sts:
    """Answers the STS operations for one account."""

    def __init__(self, *, account: str, keys: Keys, principals: Principals, issuer_url: str | None) -> None:
        self.account = account
        self.issuer_url = issuer_url
        self._keys = keys
        self._principals = principals

    def answers(self) -> Mapping[tuple[str, str], Callable[[AwsRequest, AccessKey | None], Result]]:
        """Return the operations answered here instead of by moto."""
        return {
            ("sts", "GetCallerIdentity"): self.get_caller_identity,
            ("sts", "AssumeRole"): self.assume_role,
            ("sts", "AssumeRoleWithWebIdentity"): self.assume_role_with_web_identity,
        }

    def get_caller_identity(self, _request: AwsRequest, caller: AccessKey | None) -> Result:
        """Say who asks."""
        assert caller is not None  # the layer has refused an unsigned request already
        return {"UserId": caller.access_key_id, "Account": self.account, "Arn": caller.principal}

    def assume_role(self, request: AwsRequest, caller: AccessKey | None) -> Result:
        """Hand out keys of a role whose trust policy names the caller or the caller's account."""
        assert caller is not None
        arn, session = str(request.parameters["RoleArn"]), str(request.parameters["RoleSessionName"])
        denied = AwsError(
            "AccessDenied",
            f"User: {caller.principal} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            403,
        )
        trust = self._principals.trust_policy(arn)
        named = {caller.principal, f"arn:aws:iam::{self.account}:root", self.account, "*"}
        if trust is None or not any(
            named & set(_principals_of(statement, "AWS")) and _allows(statement, "sts:AssumeRole", {})
            for statement in as_list(trust.get("Statement", []))
        ):
            raise denied
        return self._session(request, arn, session)

    def assume_role_with_web_identity(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Hand out keys of a role whose trust policy accepts a token that the issuer really signed.

        Raises AwsError as STS does: InvalidIdentityToken, ExpiredTokenException, IDPCommunicationError,
        AccessDenied.
        """
        arn, session = str(request.parameters["RoleArn"]), str(request.parameters["RoleSessionName"])
        claims = self._verified(str(request.parameters["WebIdentityToken"]))
        issuer = str(claims["iss"]).partition("://")[2].rstrip("/")
        provider = self._principals.oidc_provider(issuer)
        if provider is None:
            message = f"No OpenIDConnect provider found in your account for {claims['iss']}"
            raise AwsError("InvalidIdentityToken", message)
        provider_arn, audiences = provider
        audience = claims["aud"]
        if audience not in audiences:
            raise AwsError("InvalidIdentityToken", "Incorrect token audience")
        context = {f"{issuer}:{name}": str(value) for name, value in claims.items()}
        trust = self._principals.trust_policy(arn)
        if trust is None or not any(
            provider_arn in _principals_of(statement, "Federated")
            and _allows(statement, "sts:AssumeRoleWithWebIdentity", context)
            for statement in as_list(trust.get("Statement", []))
        ):
            message = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
            raise AwsError("AccessDenied", message, 403)
        return {
            **self._session(request, arn, session),
            "SubjectFromWebIdentityToken": claims["sub"],
            "Provider": provider_arn,
            "Audience": audience,
        }

    def _session(self, request: AwsRequest, role_arn: str, session: str) -> dict[str, Any]:
        role = role_arn.rpartition("/")[2]
        principal = f"arn:aws:sts::{self.account}:assumed-role/{role}/{session}"
        seconds = int(request.parameters.get("DurationSeconds") or 3600)
        key = self._keys.temporary(principal, role=role_arn, seconds=seconds)
        return {
            "Credentials": {
                "AccessKeyId": key.access_key_id,
                "SecretAccessKey": key.secret_access_key,
                "SessionToken": key.session_token,
                "Expiration": key.expires,
            },
            "AssumedRoleUser": {
                "AssumedRoleId": f"{self._principals.role_id(role_arn)}:{session}",
                "Arn": principal,
            },
            "PackedPolicySize": 0,
        }

    def _verified(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token whose signature, issuer and times are good."""
        if self.issuer_url is None:
            raise AwsError("IDPCommunicationError", "this world has no token issuer")
        try:
            header = jwt.get_unverified_header(token)
            keys = jwt.PyJWKSet.from_dict(self._published_keys())
            key = next((k for k in keys.keys if k.key_id == header.get("kid")), None)
            if key is None:
                message = "Couldn't retrieve verification key from your identity provider"
                raise AwsError("InvalidIdentityToken", message)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=["RS256", "ES256"],
                options={"verify_aud": False, "require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise AwsError("ExpiredTokenException", "Token expired") from error
        except jwt.PyJWTError as error:
            raise AwsError("InvalidIdentityToken", f"The web identity token is not valid: {error}") from error
        if claims["iss"] not in (self.issuer_url, GITHUB_ISSUER):
            raise AwsError("InvalidIdentityToken", f"the issuer {claims['iss']} is not known in this world")
        return claims

    def _published_keys(self) -> dict[str, Any]:
        assert self.issuer_url is not None
        try:
            found = _fetch(self.issuer_url.rstrip("/") + "/.well-known/openid-configuration")
            address = urllib.parse.urlsplit(str(found["jwks_uri"]))
            # Keys come from the issuer of this world only, whatever host its configuration names.
            base = urllib.parse.urlsplit(self.issuer_url)
            return _fetch(
                urllib.parse.urlunsplit((base.scheme, base.netloc, address.path, address.query, ""))
            )
        except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
            message = f"Could not read the keys of {self.issuer_url}: {error}"
            raise AwsError("IDPCommunicationError", message) from error


def _fetch(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - the world's own issuer
        loaded = json.load(answer)
    if not isinstance(loaded, dict):
        raise ValueError(f"{url} did not answer with an object")  # noqa: TRY004 - a bad answer, not a bad call
    return loaded


def _principals_of(statement: Mapping[str, Any], kind: str) -> list[str]:
    principal = statement.get("Principal", {})
    if principal == "*":
        return ["*"]
    return [str(p) for p in as_list(principal.get(kind, []))]


def _allows(statement: Mapping[str, Any], action: str, context: Mapping[str, str]) -> bool:
    return (
        statement.get("Effect") == "Allow"
        and any(str(a) in (action, "sts:*", "*") for a in as_list(statement.get("Action", [])))
        and conditions_hold(statement.get("Condition", {}), context)
    )

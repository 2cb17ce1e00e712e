"""A workflow's token is really verified: signature, issuer, audience, subject, time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import jwt
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tasks.steps.deploy_role import trust_statement
from tests.aws_account import Account

ISSUER = "https://token.actions.githubusercontent.com"
ROLE = "arn:aws:iam::123456789012:role/acme-deploy"


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Signs tokens and publishes its key."""

    url: str
    key: rsa.RSAPrivateKey

    def token(self, *, key: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:
        now = int(time.time())
        body = {
            "iss": ISSUER,
            "aud": "sts.amazonaws.com",
            "sub": "repo:acme/moon:environment:staging",
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        return jwt.encode(body, key or self.key, algorithm="RS256", headers={"kid": "one"})


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def issuer(account: Account, private_key: rsa.RSAPrivateKey) -> Iterator[Issuer]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key.public_key()))

    @Request.application
    def application(request: Request) -> Response:
        if request.path.endswith("openid-configuration"):
            body: dict[str, Any] = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        else:
            assert request.path == "/keys"
            body = {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}
        return Response(json.dumps(body), mimetype="application/json")

    server = make_server("127.0.0.1", 0, application)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    account.world.issuer_url = url
    account.aws.roles.create_provider("token.actions.githubusercontent.com", "sts.amazonaws.com")
    trust = trust_statement("123456789012", "repo:acme/moon", ("staging",))
    account.aws.roles.create(
        "acme-deploy", trust={"Version": "2012-10-17", "Statement": [trust]}, description="d"
    )
    yield Issuer(url=url, key=private_key)
    server.shutdown()
    thread.join(5)
    server.server_close()


def assume(account: Account, token: str, role: str = ROLE) -> Any:
    sts = boto3.client(
        "sts",
        endpoint_url=account.world.endpoint_url,
        region_name="us-west-2",
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
    return sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="job", WebIdentityToken=token)


def test_a_job_of_a_trusted_environment_gets_keys_that_work(account: Account, issuer: Issuer) -> None:
    answer = assume(account, issuer.token())
    assert answer["SubjectFromWebIdentityToken"] == "repo:acme/moon:environment:staging"
    key = answer["Credentials"]
    sts = boto3.client(
        "sts",
        endpoint_url=account.world.endpoint_url,
        region_name="us-west-2",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/acme-deploy/job"


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        ({"sub": "repo:acme/moon:environment:production"}, "AccessDenied"),
        ({"sub": "repo:Acme/moon:environment:staging"}, "AccessDenied"),
        ({"sub": "repo:acme/moon:ref:refs/heads/main"}, "AccessDenied"),
        ({"aud": "somebody-else"}, "InvalidIdentityToken"),
        ({"iss": "https://issuer.example"}, "InvalidIdentityToken"),
        ({"exp": 1_000_000_000, "iat": 999_999_000}, "ExpiredTokenException"),
    ],
)
def test_any_other_job_is_refused(
    account: Account, issuer: Issuer, claims: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(ClientError) as error:
        assume(account, issuer.token(**claims))
    assert error.value.response["Error"]["Code"] == refusal


def test_a_token_signed_by_somebody_else_is_refused(account: Account, issuer: Issuer) -> None:
    forged = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(ClientError) as error:
        assume(account, issuer.token(key=forged))
    assert error.value.response["Error"]["Code"] == "InvalidIdentityToken"


def test_a_role_that_does_not_exist_is_refused_like_one_that_does_not_trust(
    account: Account, issuer: Issuer
) -> None:
    with pytest.raises(ClientError) as error:
        assume(account, issuer.token(), role=f"{ROLE}-not-there")
    assert error.value.response["Error"]["Code"] == "AccessDenied"


def test_without_a_reachable_issuer_nobody_gets_in(account: Account, issuer: Issuer) -> None:
    token = issuer.token()
    account.world.issuer_url = None
    with pytest.raises(ClientError) as error:
        assume(account, token)
    assert error.value.response["Error"]["Code"] == "IDPCommunicationError"

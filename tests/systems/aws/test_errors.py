"""AWS's many ways to say no become a few, each with what it means for a second try."""

from __future__ import annotations

import pickle

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from tasks.systems.aws.errors import (
    AwsFailure,
    Denied,
    NoIdentity,
    Rejected,
    Throttled,
    Unreachable,
    translated,
)


def refused(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Operation",
    )


@pytest.mark.parametrize(
    ("raised", "kind", "retryable"),
    [
        (refused("AccessDenied", 403), Denied, False),
        (refused("UnauthorizedOperation", 403), Denied, False),
        (refused("403", 403), Denied, False),
        (refused("ExpiredToken", 403), NoIdentity, False),
        (refused("InvalidClientTokenId", 403), NoIdentity, False),
        (refused("Throttling", 400), Throttled, True),
        (refused("SlowDown", 503), Throttled, True),
        (refused("InternalFailure", 500), Unreachable, True),
        (refused("MalformedPolicyDocument", 400), Rejected, False),
        (NoCredentialsError(), NoIdentity, False),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), Unreachable, True),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), Unreachable, True),
        (ParamValidationError(report="r"), Rejected, False),
    ],
)
def test_a_failure_is_told_by_what_can_be_done_about_it(
    raised: Exception, kind: type[AwsFailure], retryable: bool
) -> None:
    with pytest.raises(kind) as error, translated("s3:CreateBucket"):
        raise raised
    assert error.value.retryable is retryable
    assert str(error.value).startswith("s3:CreateBucket: ")


def test_a_failure_survives_pickling() -> None:
    failure = pickle.loads(pickle.dumps(Denied("s3:CreateBucket", "AccessDenied", "no")))
    assert (type(failure), failure.doing, str(failure)) == (
        Denied,
        "s3:CreateBucket",
        "s3:CreateBucket: AccessDenied: no",
    )


def test_other_peoples_exceptions_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), translated("s3:CreateBucket"):
        raise ZeroDivisionError

"""How AWS says no, in the few ways that make a difference to what is done next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's, which is no OSError
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "Forbidden",
        "UnauthorizedOperation",
        "403",
    }
)
_UNKNOWN_IDENTITY = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class AwsFailure(Exception):  # noqa: N818 - reads as the sentence it is
    """AWS did not do what it was asked; `code` is AWS's own word, `doing` names the operation."""

    retryable = False

    def __init__(self, doing: str, code: str, message: str) -> None:
        super().__init__(doing, code, message)
        self.doing = doing
        self.code = code
        self.message = message

    def __str__(self) -> str:
        """Say what was asked and what AWS answered."""
        return f"{self.doing}: {self.code}: {self.message}"


class Denied(AwsFailure):
    """The identity may not do this; trying again does not help."""


class NoIdentity(AwsFailure):
    """There are no credentials, or AWS does not know them or knows that they have ended."""


class Throttled(AwsFailure):
    """Too many requests, even after the client's own retries."""

    retryable = True


class Unreachable(AwsFailure):
    """No answer, a broken connection or a fault on AWS's side: whether it was done is not known."""

    retryable = True


class Rejected(AwsFailure):
    """AWS understood and refused for a reason of its own; `code` says which."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn botocore's exceptions into this module's; `doing` is the IAM action, such as s3:CreateBucket."""
    try:
        yield
    except ClientError as error:
        raise _translated(doing, error) from error
    except _NO_CREDENTIALS as error:
        raise NoIdentity(doing, type(error).__name__, str(error)) from error
    except (ConnectionError, HTTPClientError) as error:
        raise Unreachable(doing, type(error).__name__, str(error)) from error
    except BotoCoreError as error:
        raise Rejected(doing, type(error).__name__, str(error)) from error


def code_of(error: ClientError) -> str:
    """Return AWS's word for what went wrong; a HEAD answer has only its status."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def _translated(doing: str, error: ClientError) -> AwsFailure:
    code = code_of(error)
    message = str(error.response.get("Error", {}).get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _DENIED:
        return Denied(doing, code, message)
    if code in _UNKNOWN_IDENTITY:
        return NoIdentity(doing, code, message)
    if code in _THROTTLED or status == 429:
        return Throttled(doing, code, message)
    if status >= 500:
        return Unreachable(doing, code, message)
    return Rejected(doing, code, message)

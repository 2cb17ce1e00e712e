"""What can go wrong with GitHub, sorted by what a caller can do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class GithubFailure(Exception):  # noqa: N818 - the family; each member reads as a sentence
    """A request that did not come to its end; ``retryable`` says whether the same request may work later."""

    retryable = False

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message, status)
        self.message = message
        self.status = status

    def __str__(self) -> str:
        """Render the message alone."""
        return self.message


class Denied(GithubFailure):
    """The token may not do this; a write to something it may not even see answers 404."""


class SignInFirst(Denied):
    """An organisation with single sign-on wants the token let in; ``url`` is where a person does that."""

    url: str | None = None


class NotInPlan(Denied):
    """The plan of the owner does not have it: private repositories on the free one lack rules."""


class NotFound(GithubFailure):
    """There is no such thing, or the token may not see it."""


class Rejected(GithubFailure):
    """GitHub understood and refused: it exists already, is in the wrong state, or the input is invalid."""


class Throttled(GithubFailure):
    """Too many requests; ``retry_after`` is in seconds."""

    retryable = True
    retry_after = 60.0


class Unreachable(GithubFailure):
    """No answer, or a 5xx: whether a write was made is unknown until somebody looks."""

    retryable = True


def failure(verb: str, path: str, status: int, headers: Mapping[str, str], body: str) -> GithubFailure:
    """Make the failure that an answer with an error status stands for."""
    said = _message(body)
    message = f"{verb} {path}: {status} {said}".rstrip()
    if status == 429 or (status == 403 and _throttled(headers, said)):
        throttled = Throttled(message, status)
        throttled.retry_after = _retry_after(headers)
        return throttled
    if status >= 500:
        return Unreachable(message, status)
    if status in (401, 403) or (status == 404 and verb in WRITES):
        if said.startswith("Upgrade to GitHub"):
            return NotInPlan(message, status)
        if (first := headers.get("x-github-sso", "")).startswith("required"):
            wanted = SignInFirst(message, status)
            wanted.url = first.partition("url=")[2] or None
            return wanted
        needs = headers.get("x-accepted-github-permissions") or headers.get("x-accepted-oauth-scopes")
        return Denied(message + (f" (needs {needs})" if needs else ""), status)
    if status in (404, 410):
        return NotFound(message, status)
    return Rejected(message, status)


def _message(body: str) -> str:
    try:
        content = json.loads(body)
    except ValueError:
        return body.strip()[:200]
    if not isinstance(content, dict):
        return str(content)[:200]
    details = [
        str(error.get("message") or error.get("code") or error) if isinstance(error, dict) else str(error)
        for error in content.get("errors") or []
    ]
    return "; ".join([str(content.get("message", "")), *details])


def _throttled(headers: Mapping[str, str], said: str) -> bool:
    lowered = said.lower()
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in lowered
        or "wait a few minutes" in lowered
    )


def _retry_after(headers: Mapping[str, str]) -> float:
    stated = headers.get("retry-after", "")
    return float(stated) if stated.isdigit() else Throttled.retry_after

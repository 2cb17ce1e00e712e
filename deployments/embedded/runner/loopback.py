"""HTTP requests that stand-ins make to the world's own servers on loopback."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from deployments.embedded.runner.errors import StepFailedError

SECONDS = 60


def send(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
) -> tuple[int, bytes]:
    """Send one request and give status and body, whatever the status.

    Raises StepFailedError without an answer.
    """
    if not url.startswith("http://127.0.0.1:"):
        raise StepFailedError(f"{url} is not the embedded world; a rehearsal talks to no other")
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers))  # noqa: S310 - loopback
    # The machine's proxy settings are for the outside.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except (urllib.error.URLError, OSError) as error:
        raise StepFailedError(f"{method} {url}: {error}") from error


def send_json(method: str, url: str, *, token: str, payload: Any = None) -> tuple[int, Any]:
    """Send a request to GitHub's API and read its JSON."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "Content-Type": "application/json",
        "User-Agent": "embedded-host-runner",
    }
    body = None if payload is None else json.dumps(payload).encode()
    status, answer = send(method, url, headers=headers, body=body)
    try:
        return status, json.loads(answer) if answer else None
    except ValueError as error:
        raise StepFailedError(f"{method} {url}: status {status}, and the answer is no JSON") from error

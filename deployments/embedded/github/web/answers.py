"""What goes back over the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response: JSON of `body` unless `raw` bytes or a `file` are given."""

    status: int = 200
    body: Any = None
    raw: bytes | None = None
    file: Path | None = None
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        """Return the bytes of the body; of a file only when asked here."""
        if self.raw is not None:
            return self.raw
        if self.file is not None:
            return self.file.read_bytes()
        if self.body is None:
            return b""
        return json.dumps(self.body, separators=(",", ":"), default=str).encode()


class RefusedError(Exception):
    """A request that GitHub would refuse, with its status and its words."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        """Return the refusal as GitHub's JSON."""
        body: dict[str, Any] = {
            "message": self.message,
            "documentation_url": DOCUMENTATION,
            "status": str(self.status),
        }
        if self.errors is not None:
            body["errors"] = self.errors
        return Answer(status=self.status, body=body, headers=self.headers)


def not_found() -> RefusedError:
    """Return GitHub's answer to whatever does not exist or must not be seen."""
    return RefusedError(404, "Not Found")


def invalid(message: str, *errors: Any) -> RefusedError:
    """Return a refusal of well-formed JSON that makes no sense."""
    return RefusedError(422, message, errors=list(errors) or None)


def redirect(location: str, *, status: int = 302) -> Answer:
    """Return a redirect without a body."""
    return Answer(
        status=status, raw=b"", content_type="text/html;charset=utf-8", headers={"Location": location}
    )

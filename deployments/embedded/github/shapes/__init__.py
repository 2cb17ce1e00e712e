"""Records as the JSON that GitHub's API description promises."""

from datetime import datetime
from typing import Any

Json = dict[str, Any]


def moment(when: datetime) -> str:
    """Return a time as GitHub writes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: object) -> str:
    """Return an opaque id for GraphQL, which is not served here."""
    return f"{kind}_{number}"

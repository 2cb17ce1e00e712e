"""Points in time as GitHub writes them."""

from datetime import UTC, datetime


def now() -> str:
    """Give the present for an API field: ISO 8601, whole seconds, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def log_stamp() -> str:
    """Give the present for a log line: seven digits of a second, as GitHub's runner writes them."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")

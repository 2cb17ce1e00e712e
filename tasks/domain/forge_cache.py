"""What the caches of a repository's workflows take on GitHub."""

from __future__ import annotations

from dataclasses import dataclass

GB = 1024**3
INCLUDED_GB = 10
"""What every repository has for its caches without paying; since November 2025 an owner may allow more."""


@dataclass(frozen=True, kw_only=True)
class ForgeCache:
    """One cache: its key, the ref it belongs to, and its bytes."""

    key: str
    ref: str
    size: int


@dataclass(frozen=True, kw_only=True)
class ForgeCaches:
    """The sum of all caches in bytes, the largest of them, and the limit in GB, None when it is not told."""

    size: int
    count: int
    largest: tuple[ForgeCache, ...] = ()
    limit_gb: int | None = None

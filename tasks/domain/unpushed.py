"""Large files in commits that GitHub does not have yet."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024**2
REFUSED_MB, WARNED_MB = 100, 50
"""GitHub refuses a push with a file above the first, and warns above the second (its page on large files)."""


@dataclass(frozen=True, kw_only=True)
class LargeFile:
    """One version of a file in a commit that is to be pushed."""

    path: str
    size: int


@dataclass(frozen=True, kw_only=True)
class UnpushedFiles:
    """The files above ``WARNED_MB`` in commits that were never pushed."""

    large: tuple[LargeFile, ...] = ()

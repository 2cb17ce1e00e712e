"""Versions as Rust and Cargo compare them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, Self

_RELEASE = re.compile(r"^(\d+)\.(\d+)(?:\.(\d+))?(?:-[a-z].*)?$")
_SEMVER = re.compile(r"^(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+\S+)?$")
_ASKED = re.compile(r"^(?P<operator>\^|=|~)?\s*(?P<numbers>\d+(?:\.\d+){0,2})(?:\+\S+)?$")


class RustVersion(NamedTuple):
    """A release of Rust; a toolchain's name without a number (``stable``) is none."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read ``1.70``, ``1.70.0`` or ``1.70.0-x86_64-unknown-linux-gnu``; None for anything else."""
        numbers = _numbers(text)
        return None if numbers is None else cls(*numbers)

    def __str__(self) -> str:
        """Render as Rust names its releases."""
        return f"{self.major}.{self.minor}.{self.patch}" if self.patch else f"{self.major}.{self.minor}"


@functools.lru_cache(maxsize=512)  # many packages and jobs ask for one release
def _numbers(text: str) -> tuple[int, int, int] | None:
    found = _RELEASE.match(text.strip())
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


EDITION_SINCE: Mapping[str, RustVersion] = {
    "2018": RustVersion(1, 31),
    "2021": RustVersion(1, 56),
    "2024": RustVersion(1, 85),
}
"""Edition -> the first Rust that knows it; cargo refuses an older `rust-version` beside it."""


def requirement(written: str) -> Callable[[str], bool | None] | None:
    """Read a version requirement of one part: a test that tells True, False, or None when unsure.

    None for what is written in several parts, with ``*`` or with pre-releases: those are cargo's business.
    """
    found = _ASKED.match(written.strip())
    if found is None:
        return None
    low = tuple(int(number) for number in found["numbers"].split("."))
    high = _end(low, found["operator"] or "^")

    def satisfied(version: str) -> bool | None:
        read = _SEMVER.match(version)
        if read is None or read[4]:
            return None
        numbers = (int(read[1]), int(read[2]), int(read[3]))
        return (*low, 0, 0)[:3] <= numbers < high

    return satisfied


def _end(low: tuple[int, ...], operator: str) -> tuple[int, int, int]:
    """Return the first version that is too high."""
    major, minor, patch = (*low, 0, 0)[:3]
    if operator == "=" and len(low) == 3:
        return major, minor, patch + 1
    if operator in ("=", "~"):
        return (major + 1, 0, 0) if len(low) == 1 else (major, minor + 1, 0)
    if major > 0 or len(low) == 1:
        return major + 1, 0, 0
    if minor > 0 or len(low) == 2:
        return 0, minor + 1, 0
    return 0, 0, patch + 1

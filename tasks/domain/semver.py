"""Versions of crates in their order, and the ranges in which RustSec writes which of them are meant."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

_VERSION = re.compile(r"^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$")
_PART = re.compile(r"^(>=|<=|>|<|=|\^|~)?\s*(\S+)$")


class Version(NamedTuple):
    """A version that compares as semver.org orders them; the last part is the pre-release."""

    major: int
    minor: int
    patch: int
    before: tuple[tuple[int, int, str], ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``1.2.3-alpha.1``, also without the last numbers. Raises ValueError."""
        found = _VERSION.match(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no version")
        return cls(int(found[1]), int(found[2] or 0), int(found[3] or 0), _pre_release(found[4]))


_RELEASED = ((2, 0, ""),)  # behind every identifier of a pre-release


def _pre_release(text: str | None) -> tuple[tuple[int, int, str], ...]:
    if text is None:
        return _RELEASED
    return tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in text.split("."))


def within(version: str, written: str) -> bool:
    """Tell whether a version is in a range such as ``>= 1.2, < 2`` or ``^0.3``. Raises ValueError.

    Pre-releases are ordered like any version, as RustSec does and cargo does not.
    """
    asked = Version.read(version)
    return all(_holds(asked, part.strip()) for part in written.split(","))


def _holds(version: Version, part: str) -> bool:
    found = _PART.match(part)
    if found is None:
        raise ValueError(f"{part!r} is no range")
    given = Version.read(found[2])
    match found[1]:
        case ">=":
            return version >= given
        case ">":
            return version > given
        case "<=":
            return version <= given
        case "<":
            return version < given
        case "=":
            return version == given
        case _ as operator:
            return given <= version < _end(given, found[2], operator or "^")


def _end(given: Version, written: str, operator: str) -> Version:
    """Return the first version that ``^`` or ``~`` leaves out, its pre-releases included."""
    numbers = re.split(r"[-+]", written)[0].count(".") + 1
    first = ((-1, 0, ""),)  # before every pre-release
    if operator == "~" and numbers > 1:
        return Version(given.major, given.minor + 1, 0, first)
    if operator == "~" or given.major > 0 or numbers == 1:
        return Version(given.major + 1, 0, 0, first)
    if given.minor > 0 or numbers == 2:
        return Version(0, given.minor + 1, 0, first)
    return Version(0, 0, given.patch + 1, first)

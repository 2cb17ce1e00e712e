"""Which names of Rust toolchains can be those of a release, told from the name and the day alone."""

from __future__ import annotations

import difflib
import re
from datetime import date, timedelta

_FIRST = date(2015, 5, 14)  # the Thursday of 1.0; since then a release comes every sixth Thursday
_EVERY = timedelta(weeks=6)
_CHANNELS = ("stable", "beta", "nightly")
_NAME = re.compile(
    r"(?P<channel>stable|beta|nightly|1\.(?P<minor>\d+)(?:\.\d+)?(?P<early>-beta(?:\.\d+)?)?)"
    r"(?:-(?P<day>\d{4}-\d{2}-\d{2}))?(?:-[a-z][\w.-]*)?"
)


def newest_minor(today: date) -> int:
    """Return N of the release 1.N that is out on a day."""
    return (today - _FIRST) // _EVERY


def no_release(channel: str, today: date | None) -> str | None:
    """Say why no toolchain can have a name, or None; a name of somebody's own is taken for one that is.

    Without a day only the form is judged. One release and one day are left for a clock that is behind.
    """
    read = _NAME.fullmatch(channel)
    if read is None:
        near = difflib.get_close_matches(channel, _CHANNELS, n=1, cutoff=0.75)
        if channel[:1].isdigit():
            return f"{channel!r} is no release of Rust: one is written 1.N or 1.N.P"
        return f"there is no channel {channel!r}; {near[0]!r} is meant" if near else None
    newest = None if today is None else newest_minor(today)
    if read["minor"] and newest is not None and int(read["minor"]) > newest + 1 + bool(read["early"]):
        return f"there is no Rust {channel}: a release comes every six weeks, and 1.{newest} is the newest"
    return _no_day(channel, read["day"], today) if read["day"] else None


def _no_day(channel: str, written: str, today: date | None) -> str | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return f"there is no {channel}: {written} is no day"
    if today is not None and day > today + timedelta(days=1):
        return f"there is no {channel} yet"
    return None

"""The labels of the machines that GitHub offers to jobs, as of autumn 2026."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

OFFERED = frozenset(
    {"ubuntu-latest", "ubuntu-slim", "windows-latest", "macos-latest", "macos-latest-large"}
    | {"macos-latest-xlarge", "ubuntu-22.04", "ubuntu-24.04", "ubuntu-26.04", "ubuntu-22.04-arm"}
    | {"ubuntu-24.04-arm", "ubuntu-26.04-arm", "windows-2022", "windows-2025", "windows-2025-vs2026"}
    | {"windows-11-arm", "windows-11-vs2026-arm", "macos-14", "macos-14-large", "macos-14-xlarge"}
    | {"macos-15", "macos-15-intel", "macos-15-large", "macos-15-xlarge", "macos-26", "macos-26-intel"}
    | {"macos-26-large", "macos-26-xlarge"}
)

REMOVED: Mapping[str, str] = {
    "ubuntu-16.04": "ubuntu-24.04",
    "ubuntu-18.04": "ubuntu-24.04",
    "ubuntu-20.04": "ubuntu-24.04",
    "windows-2016": "windows-2025",
    "windows-2019": "windows-2025",
    "macos-10.15": "macos-15-intel",
    "macos-11": "macos-15-intel",
    "macos-12": "macos-15-intel",
    "macos-13": "macos-15-intel",
    "macos-13-large": "macos-15-large",
    "macos-13-xlarge": "macos-15-xlarge",
}
"""Label that GitHub took away -> the one to use instead."""

ENDING: Mapping[str, tuple[str, str]] = {
    "macos-14": ("2026-11-02", "macos-15"),
    "macos-14-large": ("2026-11-02", "macos-15-large"),
    "macos-14-xlarge": ("2026-11-02", "macos-15-xlarge"),
}
"""Label -> the day from which GitHub announced to fail its jobs, and the label to use instead."""

_OF_GITHUB = re.compile(r"(?:ubuntu|windows|macos)-[0-9.]+")


def of_github(label: str) -> bool:
    """Tell whether a label, in lower case, can only mean a machine of GitHub: a system and a version."""
    return _OF_GITHUB.fullmatch(label) is not None


def gone(label: str, today: date | None) -> bool:
    """Tell whether GitHub fails jobs on a label, in lower case; an announced day counts once it has come."""
    if label in REMOVED:
        return True
    return label in ENDING and today is not None and today >= date.fromisoformat(ENDING[label][0])


_APPLE_INTEL = re.compile(r"macos-(?:10\.15|11|12|13)|macos-[\w.]+-(?:intel|large)")


def architecture(label: str) -> str | None:
    """Return the processor of a machine of GitHub as Rust calls it; None for a label that is not GitHub's."""
    if label not in OFFERED and label not in REMOVED:
        return None
    if label.endswith("-arm"):
        return "aarch64"
    if label.startswith("macos-") and not _APPLE_INTEL.fullmatch(label):
        return "aarch64"
    return "x86_64"

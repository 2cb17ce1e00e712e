"""The few subjects that people know checks by; the files of checks are finer."""

from __future__ import annotations

from collections.abc import Mapping

AREAS: Mapping[str, tuple[str, ...]] = {
    "git": ("git",),
    "cargo": ("cargo",),
    "workflows": ("checkout", "docker", "local", "workflow"),
    "GitHub": ("github", "live", "release"),
    "Terraform": ("terraform",),
    "AWS": ("action", "aws", "cloud", "cost", "ecs", "iam", "lambda", "oidc", "private", "role"),
    "one name, one thing": ("documented", "documents", "kubernetes", "names", "settings"),
    "secrets": ("account", "secrets"),
    "supervision": ("supervision",),
}
"""Area -> the first words of its subjects, in the order in which they are listed."""

OTHER = "other"


def area_of(subject: str) -> str:
    """Return the area of a check's subject."""
    first = subject.split("-", maxsplit=1)[0]
    return next((area for area, words in AREAS.items() if first in words), OTHER)

"""Whether the actions that workflows use are there on GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Found(StrEnum):
    """What GitHub has of an action."""

    THERE = "there"
    NO_REPOSITORY = "no-repository"  # or one that the token may not see
    NO_REF = "no-ref"
    NO_ACTION = "no-action"  # the repository has no action (or workflow) at that path and ref
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class ForgeUsedActions:
    """What was found of each ``owner/repository/path@ref`` as it is written."""

    found: Mapping[str, Found] = field(default_factory=dict)

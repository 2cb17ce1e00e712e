"""The day on which somebody looks, for what only a date can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Today:
    """The day of this look, by the clock of the world."""

    day: date

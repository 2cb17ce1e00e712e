"""The ports that the workspace's programs listen on when nobody gives them another."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tasks.domain.evidence import Evidence

NAMES = re.compile(r"\b(?:[A-Z][A-Z0-9]*_)*(?:LISTEN|PORT|ADDR|ADDRESS|BIND)(?:_[A-Z0-9]+)*\b")
"""What variables for a port are called."""


@dataclass(frozen=True, kw_only=True)
class PortDefault:
    """A variable of the environment, and the port that a program takes without it."""

    variable: str
    port: str
    place: Evidence


@dataclass(frozen=True, kw_only=True)
class PortDefaults:
    """By variable; one that two places of the sources read with two ports is left out."""

    found: tuple[PortDefault, ...] = field(default=())

    def of(self, variable: str) -> PortDefault | None:
        """Return the default of a variable."""
        return next((one for one in self.found if one.variable == variable), None)

"""The ports that the workspace's programs listen on when nobody gives them another."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tasks.domain.evidence import Evidence

ASKED = ("localhost:", "127.0.0.1:")
"""What stands before a port of this machine."""
KINDS = ("LISTEN", "PORT", "ADDR", "BIND")
NAMES = re.compile(rf"\b(?:[A-Z][A-Z0-9]*_)*(?:{'|'.join(KINDS)}|ADDRESS)(?:_[A-Z0-9]+)*\b")
"""What variables for a port are called."""


@dataclass(frozen=True, kw_only=True)
class PortDefault:
    """A variable of the environment, and the port that a program takes without it."""

    variable: str
    port: str
    place: Evidence


@dataclass(frozen=True, kw_only=True)
class BoundPort:
    """The only port that the workspace's programs listen on for everybody, written as a number.

    ``default_of`` is the variable without which it is taken, None for a port that is always taken.
    ``numbers`` are all others that their sources write, ``variables`` those of the environment for a port,
    ``paths`` the texts that can be a path or a part of one: what it answers may be among them.
    """

    port: str
    place: Evidence
    numbers: frozenset[str] = field(default=frozenset(), repr=False)
    variables: frozenset[str] = frozenset()
    paths: frozenset[str] = field(default=frozenset(), repr=False)
    default_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class PortDefaults:
    """By variable; one that two places of the sources read with two ports is left out.

    ``bound`` is looked for only where there is a Dockerfile, or a document that speaks of a port here.
    """

    found: tuple[PortDefault, ...] = field(default=())
    bound: BoundPort | None = None

    def of(self, variable: str) -> PortDefault | None:
        """Return the default of a variable."""
        return next((one for one in self.found if one.variable == variable), None)

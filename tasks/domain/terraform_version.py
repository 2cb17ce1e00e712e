"""Version constraints as Terraform reads them: ``>= 1.6, < 2.0``, ``~> 1.5``."""

from __future__ import annotations

import re
from dataclasses import dataclass

Version = tuple[int, int, int]

_ONE = re.compile(r"\s*(?P<operator>>=|<=|!=|~>|>|<|=)?\s*v?(?P<version>\d+(?:\.\d+){0,2})\s*")


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """One condition; ``version`` has as many parts as were written, which is what ``~>`` goes by."""

    operator: str
    version: tuple[int, ...]

    def allows(self, version: Version) -> bool:
        """Tell whether a release satisfies it."""
        a, b, c = (*self.version, 0, 0)[:3]
        wanted = (a, b, c)
        match self.operator:
            case ">=":
                return version >= wanted
            case "<=":
                return version <= wanted
            case ">":
                return version > wanted
            case "<":
                return version < wanted
            case "!=":
                return version != wanted
            case "~>":
                # All written parts but the last stay; a single one lets everything newer in.
                kept = len(self.version) - 1
                return version >= wanted and version[:kept] == wanted[:kept]
            case _:
                return version == wanted


def constraints(written: str) -> tuple[Constraint, ...] | None:
    """Read constraints separated by commas; None when one of them is not understood."""
    found = []
    for part in written.split(","):
        one = _ONE.fullmatch(part)
        if one is None:
            return None
        version = tuple(int(number) for number in one["version"].split("."))
        found.append(Constraint(operator=one["operator"] or "=", version=version))
    return tuple(found)

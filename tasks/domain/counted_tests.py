"""The tests that the Rust sources of a repository have, counted without building them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many tests a package has; ``most`` is None where macros or build scripts may make any number."""

    least: int
    most: int | None


@dataclass(frozen=True, kw_only=True)
class CountedTests:
    """The counts by package; empty when no document states a number."""

    packages: Mapping[str, Count] = field(default_factory=dict)

    def of(self, names: frozenset[str] | None = None) -> Count | None:
        """Return the count of some packages together, of all without names; None when one was not counted."""
        chosen = [self.packages.get(name) for name in (self.packages if names is None else names)]
        known = [one for one in chosen if one is not None]
        if not known or len(known) < len(chosen):
            return None
        most = [one.most for one in known]
        certain = [one for one in most if one is not None]
        return Count(
            least=sum(one.least for one in known), most=sum(certain) if len(certain) == len(most) else None
        )

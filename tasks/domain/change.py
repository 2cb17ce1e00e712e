"""One thing a step would do to the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Change:
    """A mutation that is decided but not yet made.

    ``target`` is the natural key of what changes (``s3://acme-state``, ``refs/tags/v0.1.0``): with
    ``verb`` it identifies the effect in the journal. ``daily_usd`` is None when the cost is unknown,
    which is not the same as free. ``detail`` holds what ``act`` needs, never a secret value.
    """

    verb: str
    target: str
    why: str = ""
    daily_usd: float | None = 0.0
    reversible: bool = True
    detail: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Render as ``create s3://acme-state``."""
        return f"{self.verb} {self.target}"

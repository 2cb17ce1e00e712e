"""Where the repository's own programs say something that decides what a Terraform file means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.domain.evidence import Evidence

COMPLETES = ("backend-config", "backend_config")
"""What a program says that completes a backend."""


@dataclass(frozen=True, kw_only=True)
class ProgramWords:
    """The words that were looked for, with the lines of programs on which they stand as texts.

    ``complete`` is False when there was more source than is read: what is not found may be there.
    """

    places: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    complete: bool = True

    @property
    def may_complete_a_backend(self) -> bool:
        """Whether a program gives a backend what its block lacks, or nobody looked."""
        return not self.complete or any(word in self.places for word in COMPLETES)

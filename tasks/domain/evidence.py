"""Where something was seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place that shows what a finding says; a person can go there and look.

    ``source`` names what was read (``file``, ``git``, ``cargo``, ``terraform``, ``github``, ``aws``,
    ``log`` ...). ``file`` is relative to the repository's root, ``line`` counts from 1, and both are
    None unless the source states them: an invented location is a defect.
    """

    source: str = "file"
    file: str | None = None
    line: int | None = None
    excerpt: str | None = None
    url: str | None = None

    def __str__(self) -> str:
        """Render as ``file:line`` or whatever of it is known."""
        place = self.file or self.url or self.source
        return f"{place}:{self.line}" if self.file and self.line else place

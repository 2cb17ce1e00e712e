"""Where something was seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place that shows what a finding says; a person can go there and look.

    ``source`` names what was read (``file``, ``git``, ``cargo``, ``terraform``, ``github``, ``aws``,
    ``log`` ...). ``file`` is relative to the repository's root, ``line`` counts from 1, and both are
    None unless the source states them: an invented location is a defect. ``committed`` tells whether the
    file, as it was looked at, is the commit's; None when nobody compared.
    """

    source: str = "file"
    file: str | None = None
    line: int | None = None
    excerpt: str | None = None
    url: str | None = None
    committed: bool | None = None

    def __str__(self) -> str:
        """Render as ``file:line`` or whatever of it is known, and say when that is not committed."""
        place = self.file or self.url or self.source
        at = f"{place}:{self.line}" if self.file and self.line else place
        return f"{at} (not committed)" if self.committed is False else at

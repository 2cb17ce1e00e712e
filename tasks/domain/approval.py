"""A person's consent to one plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who approved which digest when; it covers nothing else and expires after 24 hours."""

    who: str
    when: datetime
    digest: str

    @property
    def expires(self) -> datetime:
        """The moment from which the approval no longer counts."""
        return self.when + LIFETIME

    def covers(self, digest: str, now: datetime) -> bool:
        """Tell whether this approval is for exactly that digest and still counts."""
        return self.digest == digest and self.when <= now < self.expires

"""Facts are frozen records of what was seen; a Snapshot holds one of each kind, or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tasks.domain.finding import Remedy


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """A kind of fact that could not be looked at, and why.

    ``asked`` is False when nobody tried (an offline run does not ask GitHub): the checks that need it
    are then left out and counted, not reported as unknown one by one. ``remedy`` is what lets one look.
    """

    reason: str
    asked: bool = True
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Snapshot:
    """Every kind of fact, each either seen or unseen with a reason."""

    seen: Mapping[type, object] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, kind: type) -> object:
        """Return the fact of that kind, or ``Unseen`` (never asked) when it was not collected."""
        return self.seen.get(kind, Unseen(reason=f"{kind.__name__} was not collected", asked=False))

    def with_facts(self, *facts: object, unseen: Mapping[type, Unseen] | None = None) -> Snapshot:
        """Return a snapshot that also holds these facts, keyed by their types."""
        return Snapshot(MappingProxyType({**self.seen, **(unseen or {}), **{type(f): f for f in facts}}))

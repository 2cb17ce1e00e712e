"""The self-hosted runners that GitHub has for one repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SELF_HOSTED = "self-hosted"


@dataclass(frozen=True, kw_only=True)
class ForgeRunner:
    """One registered runner; ``labels`` are in lower case, as GitHub compares them."""

    name: str
    labels: frozenset[str]
    online: bool = True

    def takes(self, labels: Iterable[str]) -> bool:
        """Tell whether it takes a job that asks for all of these labels."""
        return self.labels.issuperset(label.lower() for label in labels)


@dataclass(frozen=True, kw_only=True)
class ForgeRunners:
    """The runners of the repository, and of its organisation where it has one.

    ``shared_seen`` is False when the token may not see the organisation's: one that is not here may exist.
    """

    runners: tuple[ForgeRunner, ...] = ()
    shared_seen: bool = True

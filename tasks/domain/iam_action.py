"""The actions that IAM knows, by service."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.domain.cached import cached
from tasks.domain.spelling import misspelled


@dataclass(frozen=True, kw_only=True)
class KnownActions:
    """The actions of the services that were asked about; a service that is not in here is not known.

    ``operations`` are what the newer model of a service can be asked for, in small letters: an action of that
    name may be newer than the list of actions.
    """

    services: Mapping[str, frozenset[str]] = field(default_factory=dict)
    misspelled: Mapping[str, str] = field(default_factory=dict)  # no service -> the one a letter away
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has(self, action: str) -> bool | None:
        """Tell whether an action, or one that a pattern names, exists; None for a service nobody knows."""
        service, _, name = action.partition(":")
        known = self.services.get(service.lower())
        if not known:
            return False if service.lower() in self.misspelled else None
        pattern = name.lower()
        return any(fnmatch.fnmatchcase(one.lower(), pattern) for one in known)

    @cached
    def _by_small_letters(self) -> Mapping[str, Mapping[str, str]]:
        return {
            service: {one.lower(): one for one in sorted(known)} for service, known in self.services.items()
        }

    def spelled(self, action: str) -> str | None:
        """Return an action as IAM writes it; None for one that it does not know."""
        service, _, name = action.partition(":")
        found = self._by_small_letters.get(service.lower(), {}).get(name.lower())
        return None if found is None else f"{service}:{found}"

    def alike(self, action: str) -> str | None:
        """Return the existing action that was meant: one or two slips of the fingers away."""
        service, _, name = action.partition(":")
        if meant := self.misspelled.get(service.lower()):
            return f"{meant}:{name}"
        near = misspelled(name, self.services.get(service.lower(), ()))
        return f"{service}:{near}" if near else None

    def is_operation(self, action: str) -> bool:
        """Tell whether the service can be asked for it, so that it may be an action newer than the list."""
        service, _, name = action.partition(":")
        return name.lower() in self.operations.get(service.lower(), ())

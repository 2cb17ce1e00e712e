"""The actions that IAM knows, by service."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class KnownActions:
    """The actions of the services that were asked about; a service that is not in here is not known."""

    services: Mapping[str, frozenset[str]] = field(default_factory=dict)
    misspelled: Mapping[str, str] = field(default_factory=dict)  # no service -> the one a letter away

    def has(self, action: str) -> bool | None:
        """Tell whether an action, or one that a pattern names, exists; None for a service nobody knows."""
        service, _, name = action.partition(":")
        known = self.services.get(service.lower())
        if not known:
            return False if service.lower() in self.misspelled else None
        pattern = name.lower()
        return any(fnmatch.fnmatchcase(one.lower(), pattern) for one in known)

    def spelled(self, action: str) -> str | None:
        """Return an action as IAM writes it; None for one that it does not know."""
        service, _, name = action.partition(":")
        found = (one for one in self.services.get(service.lower(), ()) if one.lower() == name.lower())
        return next((f"{service}:{one}" for one in found), None)

    def alike(self, action: str) -> str | None:
        """Return the existing action whose name is nearest."""
        service, _, name = action.partition(":")
        if meant := self.misspelled.get(service.lower()):
            return f"{meant}:{name}"
        near = difflib.get_close_matches(name, self.services.get(service.lower(), ()), n=1)
        return f"{service}:{near[0]}" if near else None

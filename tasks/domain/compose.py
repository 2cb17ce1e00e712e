"""The services of the Compose files of a repository that are built from its own Dockerfiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.domain.located import Map, Text
from tasks.domain.source import Source


@dataclass(frozen=True, kw_only=True)
class ComposeService:
    """One service that is built here: ``dockerfile`` is the path of what it is built from."""

    source: Source = field(repr=False)
    name: str
    dockerfile: str
    root: Map = field(repr=False)

    @property
    def ports(self) -> tuple[Text, ...]:
        """The entries of ``ports:`` in their short form."""
        return self.root.texts("ports")


@dataclass(frozen=True, kw_only=True)
class Compose:
    """All such services, by file and line."""

    services: tuple[ComposeService, ...] = ()

    def __iter__(self) -> Iterator[ComposeService]:
        return iter(self.services)

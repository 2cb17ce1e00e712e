"""The tests that a workflow asks for by a part of their name, and whether any source has that name."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasks.domain.source import Source


@dataclass(frozen=True, kw_only=True)
class WantedTest:
    """One filter of a `cargo test`; ``named`` is None when the sources could not all be read."""

    filter: str
    packages: tuple[str, ...]
    source: Source = field(repr=False)
    line: int
    named: bool | None
    nextest: bool = False  # which fails when it has no test to run, since its 0.9.85


@dataclass(frozen=True, kw_only=True)
class WantedTests:
    """All filters of all workflows."""

    filters: tuple[WantedTest, ...] = ()

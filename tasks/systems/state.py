"""The user's state directory: what an activation remembers, outside the repository that is activated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def state_root(environment: Mapping[str, str]) -> Path:
    """Return the directory of everything remembered: ACTIVATION_STATE_DIR, else the platform's place."""
    if stated := environment.get("ACTIVATION_STATE_DIR"):
        return Path(stated).expanduser().absolute()
    from platformdirs import user_state_path  # noqa: PLC0415 - only needed where nothing is stated

    return user_state_path("activation")


@dataclass(frozen=True, kw_only=True)
class RepositoryState:
    """The files kept for one repository in one world."""

    directory: Path

    @property
    def journal(self) -> Path:
        """The journal of effects."""
        return self.directory / "journal.jsonl"

    @property
    def workshops(self) -> Path:
        """Where runs write what they look at, each in a directory of its own."""
        return self.directory / "work"

    @property
    def lease(self) -> Path:
        """The lease that one activation at a time holds."""
        return self.directory / "lease.json"


def repository_state(root: Path, world: str, owner: str, name: str) -> RepositoryState:
    """Return where a repository's state lies, keyed by world, owner and name; the directory is made."""
    directory = root / "repositories" / world / _safe(owner) / _safe(name)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return RepositoryState(directory=directory)


def _safe(part: str) -> str:
    # A name of dots alone would climb out of the directory.
    cleaned = _UNSAFE.sub("_", part)
    return cleaned if cleaned.strip(".") else f"_{len(cleaned)}"

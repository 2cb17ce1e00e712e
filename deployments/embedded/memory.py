"""What a world remembers of itself from start to start; its GitHub and its AWS remember their own."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from deployments.embedded.private_file import write_private

FILE = "memory.json"


@dataclass(frozen=True, kw_only=True)
class Memory:
    """The world's id, the port its AWS had (0: never yet), and the token of its only engineer."""

    world_id: str
    aws_port: int = 0
    token: str = ""
    scopes: tuple[str, ...] = ()
    prepared: bool = False  # whether what the scenario asks of the account is there


class Keeper:
    """Reads and writes the memory of the world in one directory."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / FILE
        self.memory = self._read() or Memory(world_id=secrets.token_hex(8))

    def keep(self, **changes: Any) -> None:
        """Change some of it and write all of it."""
        self.memory = replace(self.memory, **changes)
        write_private(self._file, json.dumps(asdict(self.memory)))

    def _read(self) -> Memory | None:
        if not self._file.exists():
            return None
        document = json.loads(self._file.read_text())
        return Memory(**{**document, "scopes": tuple(document["scopes"])})


def world_id_in(directory: Path) -> str | None:
    """Return the id of the world that was ever in a directory."""
    return Keeper(directory).memory.world_id if (directory / FILE).exists() else None

"""How a command reaches a running world, as the world itself writes it down for the commands that follow."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deployments.embedded.private_file import write_private
from deployments.embedded.processes import Identity

FILE = "world.json"


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Addresses and credentials of one world: on loopback all of them, and good only here."""

    directory: Path
    scenario: str | None
    world_id: str
    pid: int
    created: float  # when the process began, seconds since the Unix epoch
    control_url: str
    control_token: str = field(repr=False)
    github_api_url: str
    github_blob_url: str
    git_url: str  # owner/name.git goes behind it
    github_login: str
    github_token: str = field(repr=False)
    aws_endpoint: str
    aws_region: str
    aws_account: str
    aws_access_key_id: str
    aws_secret_access_key: str = field(repr=False)

    @property
    def process(self) -> Identity:
        """The process that is this world."""
        return Identity(pid=self.pid, created=self.created)

    def clone_url(self, owner: str, name: str) -> str:
        """Return what `git clone` takes for a repository of this world."""
        return f"{self.git_url}/{owner}/{name}.git"

    def write(self) -> None:
        """Write the descriptor in one step, for this user only."""
        document = {**asdict(self), "directory": str(self.directory)}
        write_private(self.directory / FILE, json.dumps(document))


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A private clone and its repository in the world; ``notes`` say what the clone does not carry over."""

    path: Path
    owner: str
    name: str
    branch: str
    remote_url: str
    notes: tuple[str, ...] = ()


def read(directory: Path) -> Connection | None:
    """Return the descriptor that was left in a directory, whether its world still runs or not."""
    try:
        document = json.loads((directory / FILE).read_text())
        return Connection(**{**document, "directory": directory})
    except (FileNotFoundError, ValueError, TypeError):
        # A descriptor of an older version or a broken file says nothing about a world: start anew.
        return None

"""The requests that changed something, kept so that the state they made can be made again.

moto keeps its state in memory only. Every accepted mutating request is appended to a file (mode 600: it
holds what was sent, secret values included) with the seed of moto's random numbers at that moment; replaying
the file in order gives the same resources with the same ids. Times of creation are those of the replay.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Bodies above this lie in files of their own, so that the list of requests stays readable in one go.
_INLINE = 64 * 1024
_DROPPED = frozenset({"authorization", "x-amz-security-token", "cookie"})


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One request as it was sent, and the seed it was answered with."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    service: str
    region: str
    seed: int


class Recording:
    """The file of recorded requests in the state directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = directory / "requests.jsonl"
        self._bodies = directory / "bodies"

    def append(self, entry: Recorded) -> None:
        """Keep a request; it is on disk when this returns. Credentials are not kept."""
        row: dict[str, Any] = {
            "method": entry.method,
            "path": entry.path,
            "query": entry.query,
            "headers": [[k, v] for k, v in entry.headers if k.lower() not in _DROPPED],
            "service": entry.service,
            "region": entry.region,
            "seed": entry.seed,
        }
        self._directory.mkdir(parents=True, exist_ok=True)
        if len(entry.body) > _INLINE:
            digest = hashlib.sha256(entry.body).hexdigest()
            self._bodies.mkdir(exist_ok=True)
            if not (self._bodies / digest).exists():
                with os.fdopen(_private(self._bodies / digest, os.O_TRUNC), "wb") as stream:
                    stream.write(entry.body)
            row["body_sha256"] = digest
        else:
            row["body"] = base64.b64encode(entry.body).decode()
        with os.fdopen(_private(self._file, os.O_APPEND), "ab") as stream:
            stream.write(json.dumps(row).encode() + b"\n")

    def entries(self) -> Iterator[Recorded]:
        """Yield every request, oldest first. A last line that a crash cut short is left out."""
        if not self._file.exists():
            return
        lines = self._file.read_bytes().split(b"\n")
        for line in lines[:-1]:  # after the last newline there is nothing, or half a line
            row = json.loads(line)
            digest = row.get("body_sha256")
            body = (self._bodies / digest).read_bytes() if digest else base64.b64decode(row["body"])
            yield Recorded(
                method=row["method"],
                path=row["path"],
                query=row["query"],
                headers=tuple((k, v) for k, v in row["headers"]),
                body=body,
                service=row["service"],
                region=row["region"],
                seed=row["seed"],
            )

    def repair(self) -> None:
        """Cut off a half-written last line, so that the next request starts on a line of its own."""
        if self._file.exists():
            whole = self._file.read_bytes()
            kept = whole[: whole.rfind(b"\n") + 1]
            if kept != whole:
                with self._file.open("r+b") as stream:
                    stream.truncate(len(kept))

    def clear(self) -> None:
        """Forget every request."""
        self._file.unlink(missing_ok=True)
        for body in self._bodies.glob("*"):
            body.unlink()


def _private(file: Path, flag: int) -> int:
    return os.open(file, os.O_WRONLY | os.O_CREAT | flag, 0o600)

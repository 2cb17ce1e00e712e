"""The journal's hash chain: each line names the one before it, so a changed byte shows.

A line is one JSON object. Its ``hash`` is the SHA-256 over all its other fields in canonical form, and
``previous`` is the ``hash`` of the line before (64 zeros for the first).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

START = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the journal.

    ``kind`` is ``intent`` (an effect is about to be made), ``read-back`` (what the world showed after it)
    or ``note``. ``id`` joins a read-back to its intent.
    """

    number: int
    at: str
    kind: str
    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class BadLine:
    """The first line that breaks the chain, counted from 1, and why."""

    line: int
    why: str


def line_of(entry: Entry, previous: str) -> tuple[str, str]:
    """Return the entry's line (without newline) and its hash, chained to the hash of the line before."""
    body = {
        "number": entry.number,
        "at": entry.at,
        "kind": entry.kind,
        "id": entry.id,
        **entry.fields,
        "previous": previous,
    }
    digest = _digest(body)
    return json.dumps({**body, "hash": digest}, ensure_ascii=False), digest


def entry_of(line: str) -> Entry:
    """Read an entry back from its line; ValueError when it is not one."""
    body = json.loads(line)
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of error for a line that is no entry
    try:
        number, at, kind, id_ = body["number"], body["at"], body["kind"], body["id"]
    except KeyError as missing:
        raise ValueError(f"no field {missing}") from missing
    own = {"number", "at", "kind", "id", "previous", "hash"}
    fields = {name: str(value) for name, value in body.items() if name not in own}
    return Entry(number=int(number), at=str(at), kind=str(kind), id=str(id_), fields=fields)


def verify(lines: Iterable[str]) -> BadLine | None:
    """Return the first line that is not what was written, None when the chain is whole."""
    previous = START
    for number, line in enumerate(lines, start=1):
        try:
            body = json.loads(line)
            entry = entry_of(line)
        except ValueError as error:
            return BadLine(line=number, why=f"is not an entry: {error}")
        if entry.number != number:
            return BadLine(line=number, why=f"is numbered {entry.number}: lines were removed, added or moved")
        if body.get("previous") != previous:
            return BadLine(line=number, why="does not follow the line before it")
        stated = body.pop("hash", None)
        if _digest(body) != stated or json.dumps({**body, "hash": stated}, ensure_ascii=False) != line:
            return BadLine(line=number, why="was changed after it was written")
        previous = str(stated)
    return None


def last_hash(line: str | None) -> str:
    """Return the hash the next line has to name, given the last one."""
    return START if line is None else str(json.loads(line)["hash"])


def open_intents(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the intents that were never followed by what was read back: effects that may or may not be."""
    intents: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind == "intent":
            intents[entry.id] = entry
        elif entry.kind == "read-back":
            intents.pop(entry.id, None)
    return tuple(intents.values())


def _digest(body: Mapping[str, object]) -> str:
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()

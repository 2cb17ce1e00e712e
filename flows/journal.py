"""Show what activations have done, or verify that nobody changed a byte of it.

Without FILE: the journal of the one repository that was activated last.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from flows import command
from tasks.domain.journal import Entry
from tasks.domain.mistake import Mistake, Mistaken
from tasks.systems.clock import SystemClock
from tasks.systems.journal import FileJournal
from tasks.systems.state import state_root

NAME = "journal"
DAMAGED = 3


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    made = argparse.ArgumentParser(
        prog="python -m flows.journal",
        description=__doc__,
        epilog="exit codes: 0 whole; 1 the program itself failed; 2 wrong usage; 3 the journal is damaged",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("what", choices=("show", "verify"), help="every line, or whether the chain is whole")
    made.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a journal.jsonl")
    made.add_argument("--json", action="store_true", help="print JSON and nothing else on stdout")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Show or verify; returns the exit code."""
    words = parser().parse_args(argv)
    work = _show if words.what == "show" else _verify
    return command.run(NAME, lambda: work(_file(words.file), as_json=words.json), as_json=words.json)


def _file(given: Path | None) -> Path:
    """Return the journal that was named, or the newest one there is."""
    if given is not None:
        if not given.is_file():
            raise Mistaken([Mistake(place=f"argument {given}", message="is no file")])
        return given
    root = state_root(os.environ) / "repositories"
    found = sorted(root.glob("*/*/*/journal.jsonl"), key=lambda file: file.stat().st_mtime)
    if not found:
        raise Mistaken([Mistake(place=str(root), message="holds no journal yet", expected="FILE")])
    return found[-1]


def _show(file: Path, *, as_json: bool) -> int:
    entries = FileJournal(file, SystemClock().now).entries()
    if as_json:
        listed = [{"number": e.number, "at": e.at, "kind": e.kind, "id": e.id, **e.fields} for e in entries]
        print(json.dumps({"schema": 1, "command": NAME, "file": str(file), "entries": listed}))
        return command.DONE
    print(file)
    for entry in entries:
        print(_line(entry))
    return command.DONE


def _line(entry: Entry) -> str:
    told = " ".join(value for value in entry.fields.values() if value)
    return f"{entry.number:>5}  {entry.at[:19]}  {entry.kind:<9}  {told}"


def _verify(file: Path, *, as_json: bool) -> int:
    bad = FileJournal(file, SystemClock().now).verify()
    if as_json:
        damage = {"line": bad.line, "why": bad.why} if bad else None
        print(
            json.dumps({"schema": 1, "command": NAME, "file": str(file), "whole": bad is None, "bad": damage})
        )
    elif bad is not None:
        print(f"{file}:{bad.line}: {bad.why}")
    else:
        print(f"{file}: every line is as it was written")
    return DAMAGED if bad is not None else command.DONE


if __name__ == "__main__":
    sys.exit(command.entered(main))

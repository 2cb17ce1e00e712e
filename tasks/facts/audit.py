"""Has the linter look at the workflows and actions of a tree, and returns what it said as a fact."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tasks.domain.audit import AuditFinding, WorkflowAudit
from tasks.domain.source import Sources
from tasks.facts.workflows import is_action, is_workflow
from tasks.systems.shell import ProgramFailed
from tasks.systems.zizmor import Zizmor

_UNREADABLE = re.compile(r"failed to load file://(?:\./)?(\S+) as (?:workflow|action)")
_LITERAL = re.compile(r"\|[+-]?\s*(?:#.*)?")
"""The head of a block of which YAML keeps the lines as they are, but for their indentation."""
_CONFIGURATION = ("zizmor.yml", "zizmor.yaml", ".github/zizmor.yml", ".github/zizmor.yaml")


def workflow_audit(zizmor: Zizmor, sources: Sources, directory: Path) -> WorkflowAudit:
    """Write the files that the linter reads into a directory of their own, and look at them there.

    So it sees what is committed, whatever lies in the work tree. Raises what the program raises.
    """
    tool = zizmor.version()
    shutil.rmtree(directory, ignore_errors=True)
    written = False
    for source in sources:
        if is_workflow(source.path) or is_action(source.path) or source.path in _CONFIGURATION:
            place = directory / source.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source.text.encode())
            written = written or source.path not in _CONFIGURATION
    if not written:
        return WorkflowAudit(tool=tool, program=zizmor.program)
    said, unread = _look(zizmor, directory)
    kept = tuple(found for one in said for found in _finding(one))
    return WorkflowAudit(tool=tool, program=zizmor.program, findings=kept, unread=unread)


def _look(zizmor: Zizmor, directory: Path) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Look until the linter reads all that is left: one file that it stumbles over hides the others."""
    unread: list[str] = []
    while True:
        try:
            return zizmor.look(directory), tuple(unread)
        except ProgramFailed as failure:
            named = _UNREADABLE.search(failure.ended.err)
            if named is None or not (directory / named[1]).is_file():
                raise
            unread.append(named[1])
            (directory / named[1]).unlink()
            if not any(one.is_file() for one in directory.rglob("*.y*ml")):
                return [], tuple(unread)


def _finding(said: Mapping[str, Any]) -> Iterator[AuditFinding]:
    """Give the place that the linter calls the primary one; rows count from 0 there."""
    for location in said["locations"]:
        symbolic = location["symbolic"]
        if symbolic["kind"] != "Primary":
            continue
        fragment = _fragment(symbolic)
        yield AuditFinding(
            rule=said["ident"],
            told=said["desc"],
            severity=said["determinations"]["severity"].lower(),
            confidence=said["determinations"]["confidence"].lower(),
            file=str(symbolic["key"]["Local"]["verbatim_path"]).removeprefix("./"),
            line=_row(location, said["locations"], fragment) + 1,
            url=said.get("url"),
            expression=fragment if said["ident"] == "template-injection" else None,
        )
        return


def _fragment(symbolic: Mapping[str, Any]) -> str | None:
    """Return the text that the linter points at inside a value, as it is written."""
    kind = symbolic.get("feature_kind")
    part = kind.get("Subfeature") if isinstance(kind, dict) else None
    raw = part["fragment"].get("Raw") if isinstance(part, dict) else None
    return raw if isinstance(raw, str) else None


def _row(location: Mapping[str, Any], every: Iterable[Mapping[str, Any]], fragment: str | None) -> int:
    """Return the row of a place.

    The linter counts the letters before a fragment in the text that YAML reads from a block, but looks for
    it in the block as it is written, where indentation comes on top: it finds an earlier one of the same
    letters. So the block is looked at as YAML reads it, from the row of its key.
    """
    row = int(location["concrete"]["location"]["start_point"]["row"])
    head, _, block = str(location["concrete"]["feature"]).partition("\n")
    key = next((one for one in every if one["symbolic"].get("feature_kind") == "KeyOnly"), None)
    if fragment is None or key is None or not _LITERAL.fullmatch(head):
        return row
    read = textwrap.dedent(block)
    found = read.find(fragment, int(location["symbolic"]["feature_kind"]["Subfeature"]["after"]))
    if found < 0:
        return row
    return int(key["concrete"]["location"]["start_point"]["row"]) + 1 + read.count("\n", 0, found)

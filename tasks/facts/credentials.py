"""Looks for credentials in the files of a tree and in what recent commits added; values are not kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tasks.domain.credential import (
    HAS_PASSWORD,
    NEEDLES,
    Credential,
    Credentials,
    PastCredentials,
    Setting,
    blank_secret,
    credentials,
    secret_setting,
)
from tasks.domain.given_secret import given_secrets, may_give
from tasks.facts.saved_plan import credentials_in_plan, is_saved_plan
from tasks.facts.tree import Files

LARGEST = 512 * 1024
"""Bytes of a file that is still looked into; longer ones are data."""
AT_ONCE = 400  # files in memory at a time

_NEEDLES = tuple(needle.encode() for needle in NEEDLES)
_ENVIRONMENT = re.compile(r"(?:^|/)\.env(?:\.[a-z]+)?$")
_BINARY = (".png", ".jpg", ".jpeg", ".gif", ".ico", ".pdf", ".zip", ".gz", ".xz", ".zst", ".woff", ".woff2")


def find_credentials(files: Files, only: Iterable[str] | None = None) -> Credentials:
    """Look into every text of a tree once, or into those of some paths."""
    known = files.tree.entries
    entries = files.tree if only is None else [known[path] for path in only if path in known]
    paths = [
        entry.path
        for entry in entries
        if entry.size is not None and 0 < entry.size <= LARGEST and not entry.path.lower().endswith(_BINARY)
    ]
    found: list[Credential] = []
    settings: dict[str, Setting] = {}
    blanks: dict[str, Setting] = {}
    plans: list[str] = []
    for start in range(0, len(paths), AT_ONCE):
        for path, content in files.read(paths[start : start + AT_ONCE]).items():
            if _ENVIRONMENT.search(path):
                text = content.decode("utf-8", errors="replace")
                given = secret_setting(text)
                settings |= {} if given is None else {path: given}
                blank = blank_secret(text) if path.endswith(".env") else None
                blanks |= {} if blank is None else {path: blank}
            if is_saved_plan(content):
                plans.append(path)
                found += credentials_in_plan(path, content)
                continue
            asked = any(needle in content for needle in _NEEDLES) or HAS_PASSWORD.search(content)
            if asked and b"\0" not in content[:8000]:
                lines = content.decode("utf-8", errors="replace").split("\n")
                found += credentials(path, lines)
            if may_give(path, content):
                told = {(one.path, one.line) for one in found}
                plain = given_secrets(path, content.decode("utf-8", errors="replace"))
                found += [one for one in plain if (path, one.line) not in told]
    return Credentials(
        found=tuple(found), files=len(paths), settings=settings, plans=tuple(plans), blanks=blanks
    )


def past_credentials(log: Iterable[str]) -> PastCredentials:
    """Look into the lines that commits added: the output of ``git log -p`` with a line ``commit ID`` each."""
    found: dict[tuple[str, str, str], Credential] = {}
    commits = 0
    for commit, path, added in _added(log):
        if path is None:
            commits += 1
            continue
        for one in credentials(path, added):
            known = replace(one, line=None, commit=commit, for_tests=False)
            found[(one.kind, path, commit)] = known
    return PastCredentials(found=tuple(found.values()), commits=commits)


def _added(log: Iterable[str]) -> Iterator[tuple[str, str | None, list[str]]]:
    """Go through commits (without a path) and what each added to each file."""
    commit: str = ""
    path: str | None = None
    added: list[str] = []
    for line in log:
        if line.startswith(("commit ", "diff --git ")):
            if path is not None and added:
                yield commit, path, added
            path, added = None, []
            if line.startswith("commit "):
                commit = line.split()[1]
                yield commit, None, []
        elif line.startswith("+++ "):
            path = line[4:].strip().strip('"').removeprefix("b/")
            path = None if path == "/dev/null" else path
        elif line.startswith("+") and path is not None:
            added.append(line[1:])
    if path is not None and added:
        yield commit, path, added

"""Whether release-please writes the versions that are marked for it."""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from tasks.domain.answers import listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources

_CONFIG = "release-please-config.json"
_MARK = "x-release-please-"
_MARKED = re.compile(r"\d+\.\d+\.\d+.*x-release-please-version")


@check(
    "release-please-writes-marked",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary=f'List the file under "extra-files" in {_CONFIG}, or take the mark out of it', minutes=5
    ),
)
def release_please_writes_marked(sources: Sources) -> Iterator[Answer]:
    """Every file with a version that is marked for release-please is one that its configuration lists."""
    source = sources.get(_CONFIG)
    if source is None:
        return
    listed_files = _extra_files(source)
    if listed_files is None:
        return
    left: list[tuple[str, Evidence]] = []
    for one in sources.saying(_MARK, told=False):
        lines = [number for number, line in enumerate(one.lines, 1) if _MARK in line and _MARKED.search(line)]
        if lines and not any(fnmatch.fnmatchcase(one.path, pattern) for pattern in listed_files):
            left.append((one.path, one.at(lines[0])))
    if left:
        told = f"{listed([path for path, _ in left])} {'is' if len(left) == 1 else 'are'} marked for "
        told += f"release-please, and {_CONFIG} lists {'it' if len(left) == 1 else 'them'} nowhere: "
        told += (
            f"the version{'' if len(left) == 1 else 's'} there stay{'s' if len(left) == 1 else ''} as it is"
        )
        told = told.replace("stay as it is", "stay as they are")
        place = source.at(next((n for n, line in enumerate(source.lines, 1) if "extra-files" in line), 1))
        yield broken(_CONFIG, told, *(at for _, at in left), place)
    else:
        yield holds(_CONFIG, "lists what is marked")


def _extra_files(source: Source) -> list[str] | None:
    """Return the paths and patterns that are written as well; None when they are not certain."""
    try:
        root: Any = json.loads(source.text)
    except ValueError:
        return None
    packages = root.get("packages") if isinstance(root, dict) else None
    if not isinstance(packages, dict):
        return None
    found: list[str] = []
    for above, package in packages.items():
        given = package.get("extra-files", root.get("extra-files", [])) if isinstance(package, dict) else None
        if not isinstance(given, list):
            return None
        for one in given:
            path = one.get("path") if isinstance(one, dict) else one
            if not isinstance(path, str):
                return None
            found.append(
                path[1:] if path.startswith("/") else posixpath.normpath(posixpath.join(above, path))
            )
    return found

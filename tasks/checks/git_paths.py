"""Whether a checkout on every system has all the files of the commit."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tasks.domain.answers import MOST_PLACES, listed
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.tree import Tree

_JUSTFILES = ("justfile", ".justfile")  # of two of these justfile-is-one tells


@check(
    "paths-differ-in-letters",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Make one file of both, or give one another name (git mv)", minutes=5),
)
def paths_differ_in_letters(tree: Tree) -> Iterator[Answer]:
    """No two files of the commit have paths that differ only in the case of their letters."""
    found: dict[str, list[str]] = {}
    for path in tree.entries:
        found.setdefault(path.lower(), []).append(path)
    if len(found) == len(tree.entries):
        yield holds("paths", "differ in more than the case of letters")
        return
    same = [
        sorted(paths)
        for clean, paths in found.items()
        if len(paths) > 1 and posixpath.basename(clean) not in _JUSTFILES
    ]
    if same:
        named = listed([" and ".join(paths) for paths in same])
        told = (
            f"{named} differ only in the case of letters: a checkout on macOS or Windows has one of them, "
            "and git shows the other as changed there"
        )
        places = [Evidence(source="git", file=path) for paths in same for path in paths]
        yield broken("paths", told, *places[:MOST_PLACES])

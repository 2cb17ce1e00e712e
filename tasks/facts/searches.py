"""Makes the searches of workflows in a clean checkout, and returns what each finds as a fact."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from tasks.domain.evidence import Evidence
from tasks.domain.search import Search, Searched, Searches
from tasks.domain.source import LONGEST_EXCERPT
from tasks.systems.grep import Grep


def searched(grep: Grep, asked: Iterable[Search]) -> Searches:
    """Search for each. Raises what the program raises."""
    return Searches(made=tuple(Searched(search=one, match=_match(grep, one)) for one in asked))


def _match(grep: Grep, search: Search) -> Evidence | None:
    cwd = search.command.cwd or ""
    found = grep.first(str(search.command.program), search.arguments, cwd)
    if found is None:
        return None
    path, line, text = found
    return Evidence(
        file=posixpath.normpath(posixpath.join(cwd, path)),
        line=line or None,
        excerpt=text.strip()[:LONGEST_EXCERPT] or None,
    )

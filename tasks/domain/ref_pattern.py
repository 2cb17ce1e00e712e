"""The patterns of rulesets and of environments: Ruby's ``File.fnmatch`` with ``FNM_PATHNAME``."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            parts.append("(?:[^/]+/)*")
            at += 3
            continue
        end = pattern.find("]", at + 2) if character == "[" else -1
        if character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif end > 0:
            inside = pattern[at + 1 : end].replace("\\", "\\\\")
            parts.append(f"[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]")
            at = end
        elif character == "\\" and at + 1 < len(pattern):
            at += 1
            parts.append(re.escape(pattern[at]))
        else:
            parts.append(re.escape(character))
        at += 1
    return re.compile("".join(parts), re.DOTALL)


def fits(pattern: str, name: str) -> bool:
    """Tell whether a whole name fits a pattern; ``*`` does not pass a slash, ``**/`` any number of parts."""
    try:
        return _compiled(pattern).fullmatch(name) is not None
    except re.error:
        return False


def covers(include: list[str], exclude: list[str], ref: str, default: str) -> bool:
    """Tell whether a ruleset's conditions name a whole ref, as ``refs/tags/v1``."""
    return _named(include, ref, default) and not _named(exclude, ref, default)


def _named(patterns: list[str], ref: str, default: str) -> bool:
    special = {"~ALL": ref, "~DEFAULT_BRANCH": f"refs/heads/{default}"}
    return any(
        fits(pattern, ref) if pattern not in special else special[pattern] == ref for pattern in patterns
    )

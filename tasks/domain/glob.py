"""GitHub's filter patterns for branches, tags and paths."""

import re
from collections.abc import Sequence
from functools import lru_cache


class GlobError(Exception):
    """A filter pattern that GitHub refuses."""


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            # `**/x` also matches `x` itself: zero directories are enough.
            parts.append("(?:.*/)?")
            at += 3
            continue
        if pattern.startswith("**", at):
            parts.append(".*")
            at += 2
            continue
        if character == "*":
            parts.append("[^/]*")
        elif character in "?+":
            if not parts:
                raise GlobError(f"'{pattern}': '{character}' has nothing before it")
            # Both act on the character before them, as in a regular expression.
            parts.append(character)
        elif character == "[":
            end = pattern.find("]", at)
            if end < 0:
                raise GlobError(f"'{pattern}': '[' is not closed")
            parts.append(f"[{re.escape(pattern[at + 1 : end]).replace(chr(92) + '-', '-')}]")
            at = end
        elif character == "\\" and at + 1 < len(pattern):
            at += 1
            parts.append(re.escape(pattern[at]))
        else:
            parts.append(re.escape(character))
        at += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error as error:
        raise GlobError(f"'{pattern}': {error}") from error


def matches(pattern: str, name: str) -> bool:
    """Say whether one pattern, without its leading `!`, matches a whole name."""
    return _compiled(pattern).fullmatch(name) is not None


def selected(patterns: Sequence[str], name: str) -> bool:
    """Say whether a list selects a name: the last pattern that matches decides, `!` takes away again."""
    chosen = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if matches(pattern.removeprefix("!"), name):
            chosen = not negated
    return chosen

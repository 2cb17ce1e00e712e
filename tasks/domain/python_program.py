"""The Python programs of the repository that steps run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.domain.script import Command

_PYTHON = ("python", "python3")


@dataclass(frozen=True, kw_only=True)
class OutputPrograms:
    """The programs that speak of GITHUB_OUTPUT, by path: their words, and names before ``=`` in texts."""

    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    written: Mapping[str, frozenset[str]] = field(default_factory=dict)


def program_path(command: Command) -> str | None:
    """Return the path of the Python file that a command runs; None when it runs none that is certain."""
    words = command.run
    if not words or words[0].literal is None:
        return None
    first = words[0].literal
    if first.endswith(".py"):
        return command.path(first)
    if command.program not in _PYTHON:
        return None
    following = next((word for word in words[1:] if not word.text.startswith("-")), None)
    before = [word.text for word in words[1:]]
    if following is None or any(one in ("-m", "-c", "-") for one in before[: before.index(following.text)]):
        return None
    path = following.literal or ""
    return command.path(path) if path.endswith(".py") else None

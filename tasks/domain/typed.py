"""Commands as a person types them here: the interpreter as it was invoked, in the directory they mean."""

from __future__ import annotations

import shlex
from pathlib import Path

_SHOWN = "python -m "
# What these change is not in a directory.
_ANYWHERE = frozenset({"rustup", "sudo", "gh", "export", "aws"})


def interpreter(invoked: str, cwd: Path) -> str:
    """Return the interpreter as it can be typed again; relative where it lies below this directory."""
    path = Path(invoked)
    if path.is_absolute() and path.is_relative_to(cwd):
        path = path.relative_to(cwd)
        return shlex.quote(str(path) if len(path.parts) > 1 else f"./{path}")
    return shlex.quote(invoked)


def by(command: str, python: str) -> str:
    """Return a command whose ``python -m`` is that interpreter."""
    return f"{python} -m {command.removeprefix(_SHOWN)}" if command.startswith(_SHOWN) else command


def inside(command: str, directory: Path, cwd: Path) -> str:
    """Return a command that works in a directory, to be typed in another one."""
    words = command.split(maxsplit=1)
    if directory == cwd or not words or words[0] in _ANYWHERE or command.startswith((_SHOWN, "(")):
        return command
    place = shlex.quote(str(directory))
    if words[0] == "git":
        return f"git -C {place} {words[1] if len(words) > 1 else ''}".rstrip()
    return f"(cd {place} && {command})"

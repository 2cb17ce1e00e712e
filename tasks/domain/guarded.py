"""Commands that run only where a file is there, as in ``[ -f PATH ] && COMMAND``."""

from __future__ import annotations

from tasks.domain.script import Command, Script
from tasks.domain.tree import Tree

_TESTS = ("test", "[", "[[")
_ASKS = frozenset({"-d", "-e", "-f", "-r", "-s", "-x"})
_CLOSE = 1  # lines between a test and what `then` begins with


def waits_for_missing(script: Script, command: Command, tree: Tree) -> bool:
    """Tell whether a command is left out: right before it a file is asked for that is not there.

    What an earlier step may have made is not looked at: who asks whether a file is there expects both.
    """
    if not command.conditional:
        return False
    near = range(command.line - _CLOSE, command.line + 1)
    return any(_is_missing(one, tree) for one in script.running(*_TESTS) if one.line in near)


def is_certain(command: Command) -> bool:
    """Tell whether nothing near decides about a command: what calls its function is not seen."""
    return not command.conditional or command.function is not None


def _is_missing(asked: Command, tree: Tree) -> bool:
    words = [word for word in asked.arguments if word.text not in ("]", "]]")]
    if len(words) != 2 or words[0].text not in _ASKS or words[1].literal is None:
        return False
    path = asked.path(words[1].literal)
    return bool(path) and not tree.has(str(path)) and not tree.unseen(str(path))

"""Questions to the syntax tree of a shell text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tasks.domain.script import Command, inside

if TYPE_CHECKING:
    from tree_sitter import Node


def moved(command: Command) -> str | None:
    """Return where ``cd`` leads; None when that is outside of the repository or not certain."""
    places = [word for word in command.arguments if word.text not in ("--", "-P", "-L")]
    if len(places) != 1 or places[0].literal in (None, "-"):
        return None
    return inside(str(places[0].literal), command.cwd)


def fails(node: Node) -> bool:
    """Tell whether the right side of ``||`` itself ends the script or fails."""
    found = list(_commands(node))
    for name, argument in found:
        if name == "false" or (name in ("exit", "return") and argument != "0"):
            return True
    # A retry of another program fails when that fails; echo, true and : do not.
    return bool(found) and found[-1][0] not in (
        "true",
        ":",
        "echo",
        "printf",
        "exit",
        "return",
        "cat",
        "touch",
    )


_ACTS = frozenset(
    {
        "cd", "pushd", "mkdir", "cargo", "rustup", "cross", "apt-get", "apt", "apk", "dnf", "yum", "brew",
        "npm", "pnpm", "yarn", "make", "just", "cp", "mv", "rm", "ln", "chmod", "chown", "touch", "tar",
        "unzip", "zip", "install", "terraform", "echo", "printf", "set", "export", "pip", "pip3", "cmake",
        "ninja",
    }
)  # fmt: skip
_ACTS_BY_VERB = {
    "git": frozenset(
        {
            "clone",
            "fetch",
            "pull",
            "checkout",
            "switch",
            "add",
            "commit",
            "push",
            "tag",
            "config",
            "submodule",
        }
    ),
    "docker": frozenset({"build", "buildx", "push", "pull", "login", "tag"}),
}


def acts(node: Node) -> bool:
    """Tell whether the left side of ``&&`` does something, which is meant to go well, and asks nothing."""
    if node.type == "list":
        return text_of(node.children[1]) == "&&" and acts(node.children[0]) and acts(node.children[-1])
    if node.type != "command":
        return False
    (name, verb), *_ = _commands(node)
    if name == "sudo":
        name, verb = verb or "", None
    return name in _ACTS or verb in _ACTS_BY_VERB.get(name, ())


def _commands(node: Node) -> Iterator[tuple[str, str | None]]:
    if node.type == "command":
        name = node.child_by_field_name("name")
        arguments = node.children_by_field_name("argument")
        yield "" if name is None else text_of(name), text_of(arguments[0]) if arguments else None
        return
    for child in node.named_children:
        yield from _commands(child)


def assigned(node: Node) -> set[str]:
    """Return the names of all variables that something below a node changes."""
    found: set[str] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type == "variable_assignment":
            name = one.child_by_field_name("name")
            found |= set() if name is None else {text_of(name)}
        elif one.type == "command" and text_of(one).startswith("read "):
            found |= {text_of(child) for child in one.named_children}
        stack += one.named_children
    return found


def text_of(node: Node) -> str:
    """Return the text of a node."""
    return (node.text or b"").decode()

"""The file that a tool looks for in the directory in which it is started."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from tasks.domain.script import Command
from tasks.domain.tree import Tree


@dataclass(frozen=True, kw_only=True)
class NeededFile:
    """What a tool looks for; with ``above`` it goes up to the root until it finds one."""

    tool: str
    called: str
    pattern: re.Pattern[str]
    above: bool
    makes: tuple[str, ...] = ()

    def is_in(self, directory: str, tree: Tree) -> bool:
        """Tell whether the tool finds it when it is started in a directory."""
        while True:
            if any(self.pattern.search(name) for name in tree.inside.get(directory, ())):
                return True
            if not self.above or not directory:
                return False
            directory = posixpath.dirname(directory)

    def is_made(self, text: str) -> bool:
        """Tell whether a text tells to make one."""
        return any(one in text for one in self.makes)


def _tool(tool: str, called: str, pattern: str, *makes: str, above: bool = False) -> NeededFile:
    return NeededFile(tool=tool, called=called, pattern=re.compile(pattern), makes=makes, above=above)


_TERRAFORM = r"\.(?:tf|tofu)(?:\.json)?$"
_CARGO = _tool("cargo", "Cargo.toml", r"^Cargo\.toml$", "cargo new", "cargo init", "Cargo.toml", above=True)
_MAKE = _tool("make", "Makefile", r"^(?:GNUm|M|m)akefile$", "configure", "cmake", "Makefile", "makefile")
_COMPOSE = _tool("docker compose", "compose file", r"^(?:docker-)?compose.*\.ya?ml$", "compose.y", above=True)
_BUILT = frozenset({"build", "run", "test", "check", "clippy", "bench", "b", "r", "t", "doc"})
_PLANNED = frozenset({"init", "plan", "apply", "validate", "destroy"})
_SCRIPTS = frozenset({"install", "ci", "i", "run", "start", "test", "build", "dev"})


def needed_file(command: Command) -> NeededFile | None:
    """Return what a command looks for where it is started; None when nothing, or not for certain."""
    words, program = command.literals, command.program
    first = words[0] if words else None
    match program:
        case "terraform" | "tofu" if first in _PLANNED and not _has(command, "-chdir", "-from-module"):
            return _tool(program, "*.tf", _TERRAFORM, "-from-module", ".tf`", "main.tf")
        case "cargo" if first in _BUILT and not _has(command, "--manifest-path", "-C"):
            return _CARGO
        case "npm" | "pnpm" | "yarn" if first in _SCRIPTS and not _has(
            command, "--prefix", "-C", "--cwd", "-g", "--global", "--dir", "-w", "--workspace"
        ):
            alone = first in {"install", "i"} and len(words) > 1  # installing a package makes the file
            return None if alone else _tool(program, *_OF_NODE, above=True)
        case "make" if not _has(command, "-f", "-C", "--file", "--directory"):
            return _MAKE
        case "docker" | "docker-compose" if not _has(command, "-f", "--file"):
            composed = program == "docker-compose" or first == "compose"
            return _COMPOSE if composed and {"up", "build", "run"} & set(words) else None
    return None


_OF_NODE = ("package.json", r"^package\.json$", "npm init", "npm create", "yarn init", "package.json")


def _has(command: Command, *options: str) -> bool:
    return any(word.text.startswith(options) for word in command.arguments)

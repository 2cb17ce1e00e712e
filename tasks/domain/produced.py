"""What the steps of a job may have made before one of them runs: a file that was made is not missing.

Programs and actions that write whatever they like are ``opaque``: after one of them only a path in a
directory that git tracks can be called missing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tasks.domain.script import Command, Scripts
from tasks.domain.tree import Tree
from tasks.domain.workflow import Action, Job, Step

BUILD_DIRECTORY = "target"

_READS_ONLY = frozenset(
    {
        "[", "[[", "test", "ls", "cat", "echo", "printf", "chmod", "chown", "grep", "egrep",
        "head", "tail", "wc", "stat", "file", "du", "df", "find", "which", "type", "cd", "pushd",
        "popd", "set", "export", "true", "false", ":", "exit", "return", "sleep", "date", "pwd",
        "whoami", "uname", "env", "printenv", "rustup", "rustc", "rustfmt", "sudo", "apt-get",
        "apt", "brew", "choco", "systemctl", "sysctl", "modprobe", "nproc", "free", "ulimit",
        "kill", "pkill", "ps", "jq", "sha256sum", "shasum", "md5sum", "diff", "cmp", "sort",
        "uniq", "cut", "tr", "awk", "basename", "dirname", "realpath", "command", "if", "read",
        "wait", "trap", "ldd", "nm", "objdump", "strip", "codesign", "ssh-keyscan", "mkdir", "rm",
        "rmdir",
    }
)  # fmt: skip
_QUIET_ACTIONS = (
    "actions/setup-",
    "actions-rust-lang/",
    "dtolnay/rust-toolchain",
    "swatinem/rust-cache",
    "taiki-e/install-action",
    "hashicorp/setup-terraform",
    "aws-actions/configure-aws-credentials",
    "actions/upload-artifact",
    "softprops/action-gh-release",
    "docker/setup-",
    "docker/login-action",
    "codecov/codecov-action",
)
_CHECKOUT = "actions/checkout"


@dataclass(frozen=True, kw_only=True)
class Produced:
    """The paths that may have been written, the names that were spelled, and who wrote at will."""

    words: frozenset[str] = field(default_factory=frozenset)
    opaque: bool = False

    def may_hold(self, path: str, tree: Tree) -> bool:
        """Tell whether a path may exist when the step runs, in the repository or because it was made."""
        if tree.has(path) or tree.unseen(path):
            return True
        if path.split("/", maxsplit=1)[0] == BUILD_DIRECTORY or path in self.words:
            return True
        if posixpath.basename(path) in {posixpath.basename(word) for word in self.words}:
            return True
        parents = _parents(path)
        if any(parent in self.words for parent in parents):
            return True
        tracked = bool(parents) and tree.directory(parents[-1])
        return self.opaque and not tracked


def before(scripts: Scripts, path: str, job: Job, step: Step, line: int | None = None) -> Produced:
    """Return what may have been made when a step begins, or within it before a line."""
    words: set[str] = set()
    opaque = False
    for earlier in job.steps:
        if earlier.index > step.index or (earlier.index == step.index and line is None):
            break
        made, free = _made(scripts, path, job, earlier, line if earlier.index == step.index else None)
        words |= made
        opaque = opaque or free
    return Produced(words=frozenset(words), opaque=opaque)


def _made(scripts: Scripts, path: str, job: Job, step: Step, line: int | None) -> tuple[set[str], bool]:
    if step.action is not None:
        return _by_action(step.action, step)
    script = scripts.of(path, job, step)
    if script is None:
        return set(), False
    if not script.understood:
        return set(), True
    commands = [one for one in script.commands if line is None or one.line < line]
    return set(_spelled(commands)), any(_is_opaque(one) for one in commands)


def _by_action(action: Action, step: Step) -> tuple[set[str], bool]:
    if action.name == _CHECKOUT or action.name.startswith(_QUIET_ACTIONS):
        return set(), False
    if action.name.startswith(("actions/cache", "actions/download-artifact")):
        place = step.inputs.text("path")
        if place is not None and "${{" not in place:
            names = {posixpath.normpath(one.strip()) for one in place.split("\n") if one.strip()}
            return (names, False) if "." not in names else (set(), True)
    return set(), True


def _spelled(commands: Iterable[Command]) -> Iterator[str]:
    """Go through the paths that commands which may write spell; what is only read does not count."""
    for command in commands:
        for redirect in command.redirects:
            if redirect.writes and redirect.target is not None:
                yield from _paths(command, redirect.target.values or ())
        if command.program in _READS_ONLY and command.program != "mkdir":
            continue
        for word in command.arguments:
            if not word.text.startswith("-") or "=" in word.text:
                yield from _paths(command, [value.rpartition("=")[2] for value in word.values or ()])


def _paths(command: Command, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        path = command.path(value)
        if path:
            yield path


def _is_opaque(command: Command) -> bool:
    """Tell whether a command may write files whose names it does not spell."""
    program = command.program
    if program is None:
        return bool(command.words)
    if program == "cargo":
        first = next((word.text for word in command.arguments if not word.text.startswith(("-", "+"))), "")
        return first in (
            "run",
            "xtask",
            "make",
            "dist",
            "package",
            "vendor",
            "doc",
            "generate",
            "new",
            "init",
        )
    return program not in _READS_ONLY and program not in ("cp", "mv", "install", "ln", "touch", "tee", "sed")


def _parents(path: str) -> list[str]:
    """Return the directories above a path, the innermost last."""
    found: list[str] = []
    parent = posixpath.dirname(path)
    while parent:
        found.insert(0, parent)
        parent = posixpath.dirname(parent)
    return found

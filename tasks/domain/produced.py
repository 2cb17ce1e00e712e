"""What the steps of a job may have made before one of them runs: a file that was made is not missing.

Programs and actions that write whatever they like are ``opaque``: after one of them only a path in a
directory that git tracks can be called missing, and not below the directory that they were sent to.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tasks.domain.called import started_file
from tasks.domain.script import Command, Scripts, call_of, inside
from tasks.domain.terraform_run import PROGRAMS
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
        "uniq", "cut", "tr", "awk", "basename", "dirname", "realpath", "command", "if", "read", "shellcheck",
        "wait", "trap", "ldd", "nm", "objdump", "strip", "codesign", "ssh-keyscan", "mkdir", "rm",
        "rmdir",
    }
)  # fmt: skip
_OF_TERRAFORM = frozenset(
    {"init", "validate", "fmt", "plan", "show", "output", "workspace", "version", "get", "providers", "state"}
)
"""What terraform does without writing files but its own in `.terraform`, and those that are spelled."""
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
_PACKERS = {
    **dict.fromkeys(("npm", "npx", "pnpm", "yarn", "bun", "turbo", "lerna"), "package.json"),
    **dict.fromkeys(("maturin", "uv", "poetry", "hatch"), "pyproject.toml"),
}
"""Program that builds many packages from one place -> the manifest beside which each leaves its product."""
_RUNS_SCRIPTS = frozenset({"npm", "pnpm", "yarn", "bun"})
_INSTALLS = frozenset({"install", "ci", "i", "add", "audit", "login", "version"})
"""What these do themselves; anything else is a script of theirs, which may go to any directory."""
_CHECKOUT = "actions/checkout"
_DEEPEST = 3  # scripts that start scripts
_COPIES = frozenset({"cp", "mv", "install", "ln"})
_MAKES = re.compile(r"build|gen|compil|packag|bundle|fetch|download|wheel|wasm|make|dist|release")
"""What a local action is called that may put files into any directory; the others prepare the machine."""


@dataclass(frozen=True, kw_only=True)
class Produced:
    """The paths that may have been written, the names that were spelled, and who wrote at will.

    ``places`` are the directories below the root in which somebody worked who writes at will.
    """

    words: frozenset[str] = field(default_factory=frozenset)
    opaque: bool = False
    places: frozenset[str] = field(default_factory=frozenset)
    packers: frozenset[str] = field(default_factory=frozenset)  # manifests beside which a tool writes
    anywhere: bool = False  # a local action or a script of npm ran, which may do anything
    said: str = field(default="", repr=False)  # the texts of the repository's scripts that ran
    # What the programs spell that wrote at will, where all of them are read: they write nothing else.
    spelled: str | None = field(default=None, repr=False)

    def may_hold(self, path: str, tree: Tree) -> bool:
        """Tell whether a path may exist when the step runs, in the repository or because it was made."""
        if self.anywhere or tree.has(path) or tree.unseen(path):
            return True
        if BUILD_DIRECTORY in path.split("/") or path in self.words:
            return True
        if posixpath.basename(path) in {posixpath.basename(word) for word in self.words}:
            return True
        if any(word.startswith(f"{path}/") for word in self.words):
            return True
        parents = _parents(path)
        if any(parent in self.words or parent in self.places for parent in parents):
            return True
        if parents and any(tree.file(f"{parents[-1]}/{one}") is not None for one in self.packers):
            return True
        if parents and f"{posixpath.basename(parents[-1])}/" in self.said:
            return True
        tracked = bool(parents) and tree.directory(parents[-1])
        return self.opaque and not tracked and self._spells(path)

    def _spells(self, path: str) -> bool:
        if self.spelled is None:
            return True
        names = "|".join(re.escape(one) for one in path.split("/"))
        return re.search(rf"(?<![\w-])(?:{names})(?![\w-])", self.spelled) is not None


def before(  # noqa: PLR0917 - a place, and what is known of it
    scripts: Scripts,
    path: str,
    job: Job,
    step: Step,
    until: Command | int | None = None,
    harmless: Callable[[Command], bool] | None = None,
) -> Produced:
    """Return what may have been made when a step begins, or within it before a command or a line.

    Commands that are ``harmless`` make nothing that is asked for.
    """
    found: list[Produced] = []
    for earlier in job.steps:
        if earlier.index > step.index or (earlier.index == step.index and until is None):
            break
        last = until if earlier.index == step.index else None
        found.append(_made(scripts, path, job, earlier, last, harmless))
    return together(*found)


def together(*made: Produced) -> Produced:
    """Return what several have made."""
    return Produced(
        words=frozenset().union(*(one.words for one in made)),
        opaque=any(one.opaque for one in made),
        places=frozenset().union(*(one.places for one in made)),
        packers=frozenset().union(*(one.packers for one in made)),
        anywhere=any(one.anywhere for one in made),
        said="\n".join(one.said for one in made),
        spelled=_all_spelled(one for one in made if one.opaque),
    )


def _all_spelled(writers: Iterable[Produced]) -> str | None:
    texts = [one.spelled for one in writers]
    known = [one for one in texts if one is not None]
    return "\n".join(known) if known and len(known) == len(texts) else None


def _made(  # noqa: PLR0917 - those of `before`
    scripts: Scripts,
    path: str,
    job: Job,
    step: Step,
    until: Command | int | None,
    harmless: Callable[[Command], bool] | None,
) -> Produced:
    if step.action is not None:
        return _by_action(step.action, step)
    script = scripts.of(path, job, step)
    if script is None:
        return Produced()
    if not script.understood:
        return Produced(opaque=True, places=frozenset({script.cwd} if script.cwd else ()))
    commands = script.commands if until is None else tuple(script.earlier(until))
    if harmless is not None:
        commands = tuple(one for one in commands if not harmless(one))
    return by_commands(scripts, commands)


def by_commands(scripts: Scripts, commands: Sequence[Command], depth: int = 0) -> Produced:
    """Return what commands may have made; a script of the repository that they start is read, too."""
    own = {one.function for one in commands if one.function is not None}
    free: list[Command] = []
    called: list[Produced] = []
    for one in commands:
        started = started_file(one)
        file = scripts.file(started) if started is not None else None
        if file is not None and file.understood and depth < _DEEPEST:
            inner = by_commands(scripts, file.commands, depth + 1)
            called.append(replace(inner, said=f"{inner.said}\n{file.text}"))
            if inner.opaque and inner.spelled is None:
                free.append(one)
        elif one.program not in own and is_opaque(one) and not scripts.is_tame(one):
            free.append(one)
    return together(_by_own(scripts, commands, free), *called)


def _by_own(scripts: Scripts, commands: Sequence[Command], free: Sequence[Command]) -> Produced:
    programs = [scripts.programs.get(call_of(one)) for one in free]
    known = [one for one in programs if one is not None]
    return Produced(
        spelled="\n".join(known) if known and len(known) == len(free) else None,
        words=frozenset(_spelled(commands)),
        opaque=bool(free),
        places=frozenset(place for one in free for place in _places(one)),
        packers=frozenset(_PACKERS[one.program] for one in free if one.program in _PACKERS),
        said="\n".join(text for one in free for text in _texts(scripts, one)),
        anywhere=any(one.program in _RUNS_SCRIPTS and not _INSTALLS & set(one.literals) for one in free),
    )


def _by_action(action: Action, step: Step) -> Produced:
    if action.name == _CHECKOUT:
        place = step.inputs.text("path")
        directory = None if place is None else inside(place, "")
        return Produced(
            words=frozenset({directory} if directory else ()), anywhere=place is not None and "${{" in place
        )
    if action.name.startswith(_QUIET_ACTIONS):
        return Produced()
    if action.name.startswith(("actions/cache", "actions/download-artifact")):
        place = step.inputs.text("path")
        if place is not None and "${{" not in place:
            names = {posixpath.normpath(one.strip()) for one in place.split("\n") if one.strip()}
            return Produced(words=frozenset(names)) if "." not in names else Produced(opaque=True)
    sent = step.inputs.text("working-directory")
    directory = None if sent is None or "${{" in sent else inside(sent, "")
    named = {
        path
        for name in step.inputs
        for token in re.split(r"[\s=,\"']+", str(step.inputs.text(name) or ""))
        if "${{" not in token and (path := inside(token, directory or ""))
    }
    return Produced(
        opaque=True,
        words=frozenset(named),
        places=frozenset({directory} if directory else ()),
        anywhere=action.local is not None and _MAKES.search(posixpath.basename(action.local)) is not None,
    )


def _places(command: Command) -> Iterator[str]:
    """Go through the directories below the root that a command works in: its own, or that of its script."""
    if command.cwd:
        yield command.cwd
    first = command.run[0].literal if command.run else None
    script = command.path(first) if first is not None and "/" in first else None
    if script and posixpath.dirname(script):
        yield posixpath.dirname(script)


def _texts(scripts: Scripts, command: Command) -> Iterator[str]:
    """Go through the scripts of the repository that a command runs or passes to a shell."""
    paths = {command.path(word.literal) for word in command.run[:2] if word.literal is not None}
    found = (scripts.file(path) for path in sorted(one for one in paths if one))
    return (one.text for one in found if one is not None)


def _spelled(commands: Iterable[Command]) -> Iterator[str]:
    """Go through the paths that commands which may write spell; what is only read does not count."""
    for command in commands:
        for redirect in command.redirects:
            if redirect.writes and redirect.target is not None:
                yield from _paths(command, redirect.target.values or ())
        if command.program in _READS_ONLY and command.program != "mkdir":
            continue
        if command.program in PROGRAMS:
            yield from (
                path for one in _terraform_directories(command) if (path := inside(".terraform", one))
            )
        for word in command.arguments:
            if word.text.startswith("-chdir="):
                continue  # where terraform works is not what it makes
            if not word.text.startswith("-") or "=" in word.text:
                yield from _paths(command, [value.rpartition("=")[2] for value in word.values or ()])


def _terraform_directories(command: Command) -> Iterator[str | None]:
    """Go through the directories in which a call of terraform may keep its own files."""
    yield command.cwd
    for word in command.arguments:
        if word.beginning.startswith("-chdir="):
            yield command.path(word.beginning.removeprefix("-chdir="))


def _paths(command: Command, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        # Where nobody knows the directory, the path may be meant from any.
        unsure = command.cwd is None and not value.startswith(("/", "~"))
        path = posixpath.normpath(value) if unsure and value else command.path(value)
        if path:
            yield path


def is_opaque(command: Command) -> bool:
    """Tell whether a command may write files whose names it does not spell."""
    program = command.program
    if program is None:
        return bool(command.words)
    first = next((word.text for word in command.arguments if not word.text.startswith(("-", "+"))), "")
    if program in PROGRAMS and first in _OF_TERRAFORM:
        return any(word.beginning.startswith("-from-module") for word in command.arguments)
    if program in ("cargo", "cross"):
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
    if program in _COPIES:
        return _spreads(command)
    return program not in _READS_ONLY and program not in ("touch", "tee", "sed")


def _spreads(command: Command) -> bool:
    """Tell whether a copy leaves names in the root that it does not spell: of a pattern or a directory."""
    named = [word for word in command.arguments if not word.text.startswith("-")]
    if not named or named[-1].literal is None or command.path(named[-1].literal) != "":
        return False
    whole = any(
        word.text.startswith("-") and not word.text.startswith("--") and {"r", "R", "a"} & set(word.text)
        for word in command.arguments
    )
    return whole or any(word.literal is None for word in named[:-1])


def _parents(path: str) -> list[str]:
    """Return the directories above a path, the innermost last."""
    found: list[str] = []
    parent = posixpath.dirname(path)
    while parent:
        found.insert(0, parent)
        parent = posixpath.dirname(parent)
    return found

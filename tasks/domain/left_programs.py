"""What the steps of a job before one of them leave below ``target/``, when all that may build is known."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.built import Program
from tasks.domain.cargo_command import BUILDS, OWN, CargoCommand, cargo_command
from tasks.domain.crate import Manifests
from tasks.domain.script import Command, Script, Scripts, Word
from tasks.domain.spelling import fumbled
from tasks.domain.workflow import Job, Step, Workflow, Workflows

_PATH = re.compile(
    r"target/(?:(?P<triple>[a-z0-9_]+-[a-z0-9_-]+)/)?(?P<profile>[A-Za-z][\w-]*)/(?P<name>[A-Za-z0-9_-]+)(?:\.exe)?"
)
DIRECTORIES = frozenset({"build", "bundle", "deps", "doc", "examples", "incremental", "wix"})
"""What cargo and the packagers of desktop programs keep beside the programs."""
_LEAVES = frozenset({"build", "test", "run", "rustc", "bench", "nextest"})
_LEAVES_NONE = frozenset(
    {
        "check", "clippy", "fmt", "fetch", "metadata", "update", "tree", "doc", "publish", "audit", "deny",
        "login", "owner", "search", "version", "generate-lockfile", "locate-project", "pkgid", "yank",
    }
)  # fmt: skip
_MAKE_NOTHING = frozenset(
    {
        "[", "[[", "test", "ls", "cat", "echo", "printf", "chmod", "chown", "grep", "egrep", "head", "tail",
        "wc", "stat", "file", "du", "df", "find", "which", "type", "cd", "pushd", "popd", "set", "export",
        "true", "false", ":", "exit", "return", "sleep", "date", "pwd", "whoami", "uname", "printenv",
        "rustup", "rustc", "apt-get", "apt", "brew", "nproc", "ulimit", "kill", "ps", "jq", "sha256sum",
        "shasum", "md5sum", "diff", "cmp", "sort", "uniq", "cut", "tr", "awk", "sed", "basename", "dirname",
        "realpath", "read", "wait", "trap", "mkdir", "rm", "rmdir", "git", "curl", "wget", "aws", "gh",
        "shellcheck", "tee", "touch", "gzip", "local", "source", "shift", "if",
    }
)  # fmt: skip
"""Programs that never put a program of the workspace below target/."""
_QUIET_ACTIONS = (
    "actions/checkout",
    "actions/setup-",
    "actions/upload-artifact",
    "actions-rust-lang/setup-rust-toolchain",
    "dtolnay/rust-toolchain",
    "swatinem/rust-cache",
    "taiki-e/install-action",
    "hashicorp/setup-terraform",
    "aws-actions/",
    "docker/login-action",
    "docker/setup-",
)
_COMPILERS = frozenset({"go", "gcc", "cc", "c++", "clang", "zig", "rustc"})
_BUILDERS = _COMPILERS | frozenset(
    {
        "make", "gmake", "just", "ninja", "cmake", "meson", "npm", "npx", "pnpm", "yarn", "bun", "bazel",
        "bazelisk", "buck2", "nix", "nix-build", "docker", "podman", "task", "earthly", "mage", "gradle",
        "mvn", "dotnet", "swift", "trunk", "dx", "maturin", "python", "python3", "uv", "node", "deno",
        "pwsh", "mise", "moon", "pixi", "unzip",
    }
)  # fmt: skip
"""Programs that may leave whatever they like below target/, or unpack it there."""
_ASKS = frozenset({"-V", "-vV", "--version", "--help"})
"""With one of these a program only says something about itself."""
_MAY_BUILD = re.compile(
    r"cargo|cross|\bmake\b|just|\.sh\b|download|actions/cache|build|target(?!s?:)|nix|npm|python|task"
)
"""What in the text of a local action or a shell file may build something, or bring what was built."""
_ELSEWHERE = re.compile(
    r"CARGO_BUILD_TARGET|CARGO_TARGET_DIR|target-dir|CARGO_BUILD_TARGET_DIR|CARGO_PROFILE"
)


@dataclass(frozen=True, kw_only=True)
class Programs:
    """The programs of all workspaces, and the directories below target/ that their profiles fill."""

    names: frozenset[str]
    profiles: frozenset[str]
    others: frozenset[str] = frozenset()  # what cargo and packagers keep beside them

    def at(self, path: str) -> Program | None:
        """Read a path as that of a program, or a slip of one, in a profile's directory."""
        found = _PATH.fullmatch(path) if "target/" in path else None
        if found is None or found["profile"] not in self.profiles:
            return None
        if found["name"] not in self.names and fumbled(found["name"], self.names) is None:
            return None
        return Program(name=found["name"], profile=found["profile"], triple=found["triple"])

    def unbuilt(self, path: str) -> str | None:
        """Return the name of what lies where a program would and has no program's or target's name."""
        found = _PATH.fullmatch(path) if "target/" in path else None
        if found is None or found["profile"] not in self.profiles:
            return None
        return None if found["name"] in self.names | self.others else found["name"]

    def stranger(self, path: str) -> str | None:
        """Return the name of what lies where a program would and is nothing that cargo builds here."""
        found = _PATH.fullmatch(path) if "target/" in path else None
        if found is None or found["profile"] not in self.profiles:
            return None
        name = found["name"]
        return None if name in self.others or name.endswith("-") or fumbled(name, self.names) else name


def programs(manifests: Manifests) -> Programs:
    """Return what the manifests build, and where."""
    tables = [one.toml.root.get("profile") for one in manifests.workspaces]
    own = frozenset().union(*(table for table in tables if isinstance(table, dict)))
    return Programs(
        names=frozenset(name for one in manifests for name in one.binaries),
        profiles=own - {"dev", "test", "bench"} | {"release", "debug"},
        others=DIRECTORIES.union(
            (target.name for one in manifests for target in one.targets),
            (f"lib{one.name.replace('-', '_')}" for one in manifests),
        ),
    )


def building_calls(
    workflows: Workflows, workflow: Workflow, scripts: Scripts, job: Job, until: tuple[Step, Command]
) -> list[CargoCommand] | None:
    """Return the calls of cargo in the repository's root before a command that leave programs.

    None when something else may have built or brought them, or they may lie elsewhere.
    """
    step, command = until
    found: list[CargoCommand] = []
    if _ELSEWHERE.search(f"{job.root.get('env')} {workflow.env} {step.env}") or "container" in job.root:
        return None
    for one in job.steps[: step.index + 1]:
        if one.action is not None:
            if not _is_quiet(one, workflows):
                return None
            continue
        script = scripts.of(workflow.path, job, one)
        if script is None or not script.understood or _ELSEWHERE.search(f"{script.text} {one.env}"):
            return None
        for each in script.commands if one.index < step.index else script.earlier(command):
            calls = _builds(each, scripts)
            if calls is None:
                return None
            found += calls
    return found


def may_be_brought(
    workflows: Workflows, workflow: Workflow, scripts: Scripts, until: tuple[Job, Step, Command], name: str
) -> bool:
    """Tell whether something before a command may put a program below target/ that no manifest names.

    That is an action nobody has read, another language's builder, or a file that does not leave the name out.
    """
    job, step, command = until
    if command.program in _COMPILERS:
        return True
    for one in job.steps[: step.index + 1]:
        if one.action is not None:
            if not _is_quiet(one, workflows) and not one.action.name.startswith("actions/cache"):
                return True
            continue
        script = scripts.of(workflow.path, job, one)
        if script is None or not script.understood:
            return True
        for each in script.commands if one.index < step.index else script.earlier(command):
            if _builds_freely(each, scripts, name):
                return True
    return False


def file_may_bring(commands: Iterable[Command], until: Command, scripts: Scripts, path: str) -> bool:
    """Tell whether a shell file may put a path below target/ before one of its commands takes it."""
    name = path.rpartition("/")[2]
    for one in commands:
        if one is until:
            return False
        read = {taken for taken, _ in taken_paths(one)}
        spelled = {one.path(value) for word in one.arguments for value in word.values or ()}
        spelled |= {
            one.path(value) for each in one.redirects if each.target for value in each.target.values or ()
        }
        if (path in spelled and path not in read) or _builds_freely(one, scripts, name):
            return True
    return True


def _builds_freely(command: Command, scripts: Scripts, name: str) -> bool:
    call = cargo_command(command)
    if call is not None:
        return call.subcommand == "run" or call.subcommand not in OWN | BUILDS
    if {word.text for word in command.arguments} & _ASKS:
        return False
    if command.program in _BUILDERS:
        return True
    if command.program == "tar":
        return not _creates(command)
    first = command.run[0].literal if command.run else None
    if first is None or ("/" not in first and command.program not in ("bash", "sh", "source", ".")):
        return False
    file = _file(command, scripts)
    return (file is None and not first.startswith("/")) or (file is not None and name in file.text)


def _is_quiet(step: Step, workflows: Workflows) -> bool:
    assert step.action is not None, "asked of actions only"
    if step.action.local is not None:
        local = workflows.action(step.action.local)
        if local is None:
            return False
        texts = [f"{one.run or ''} {one.action.written if one.action else ''}" for one in local.steps]
        return all(
            one.action is None or one.action.name.startswith(_QUIET_ACTIONS) for one in local.steps
        ) and not re.search(r"\b(?:cargo|cross|make|just|nix|npm)\b|\.sh\b|\./", "\n".join(texts))
    return step.action.name.startswith(_QUIET_ACTIONS)


def _builds(command: Command, scripts: Scripts) -> list[CargoCommand] | None:
    """Return the building calls that a command is; None when nobody can tell what it makes."""
    if not command.words:
        return []
    call = cargo_command(command)
    if call is not None:
        if call.subcommand in _LEAVES:
            return [call] if call.directory == "" else None
        return [] if call.subcommand in _LEAVES_NONE else None
    if command.program in ("cp", "mv", "install", "ln"):
        return None if any("target" in word.text for word in command.arguments[-1:]) else []
    if command.program in _MAKE_NOTHING:
        return []
    file = _file(command, scripts)
    return [] if file is not None and not _MAY_BUILD.search(file.text) else None


def _file(command: Command, scripts: Scripts) -> Script | None:
    for word in command.run[:2]:
        path = command.path(word.literal) if word.literal is not None else None
        if path and (found := scripts.file(path)) is not None:
            return found
    return None


def taken_paths(command: Command) -> Iterator[tuple[str, int]]:
    """Go through the certain paths that a command has to read or run, with their lines."""
    words = command.run
    if not words:
        return
    arguments = tuple(word for word in words[1:] if not word.text.startswith("-"))
    taken: tuple[Word, ...]
    if command.program in ("cp", "mv", "install"):
        # With an option that takes a value nobody knows which word is a file.
        taken = () if any(w.text in ("-t", "-T", "-m", "-o", "-g") for w in words) else arguments[:-1]
    elif command.program in ("strip", "sha256sum", "file", "test", "chmod"):
        taken = arguments if command.program != "test" or command.has("-x", "-f", "-e") else ()
    elif command.program == "zip":
        # The first is the archive; some options take a value, or every word behind them.
        plain = all(_ZIPS.fullmatch(word.text) for word in words[1:] if word.text.startswith("-"))
        taken = arguments[1:] if plain else ()
    elif command.program == "tar":
        yield from _packed(command)
        taken = ()
    else:
        taken = words[:1]
    for word in taken:
        for value in () if word.glob else word.values or ():
            path = command.path(value)
            if path:
                yield path, word.line


_ZIPS = re.compile(r"-[rjqvyXD0-9]+")
"""Options of zip that stand alone."""

_WITH_VALUE = (
    "-f", "--file", "-T", "--files-from", "-X", "--exclude-from", "--transform", "--xform", "-I",
    "--use-compress-program", "--exclude", "-s", "--owner", "--group", "--mode", "--mtime", "--format", "-H",
    "--sort", "-b", "-g", "-K", "-L", "-N", "-V",
)  # fmt: skip


def _creates(command: Command) -> bool:
    first = command.arguments[0].text if command.arguments else ""
    return (
        command.has("-c", "--create")
        or re.fullmatch(r"[A-Za-z]*c[A-Za-z]*", first) is not None
        or any(re.fullmatch(r"-[A-Za-z]*c[A-Za-z]*", word.text) for word in command.arguments)
    )


def _packed(command: Command) -> Iterator[tuple[str, int]]:
    """Go through the members of ``tar --create``, each in the directory that was named before it."""
    words = command.arguments
    first = words[0].text if words else ""
    if not _creates(command):
        return
    places: tuple[str, ...] | None = ("",)
    skip = re.fullmatch(r"[A-Za-z]*f", first) is not None
    moving = False
    for at, word in enumerate(words):
        if at == 0 and not word.text.startswith("-"):
            continue
        if moving:
            places, moving = word.values, False
        elif skip:
            skip = False
        elif word.text in ("-C", "--directory"):
            moving = True
        elif word.text in _WITH_VALUE or re.fullmatch(r"-[A-Za-z]+f", word.text):
            skip = True
        elif not word.text.startswith("-") and not word.glob:
            for place in places or ():
                for value in word.values or ():
                    path = command.path(posixpath.join(place, value))
                    if path:
                        yield path, word.line

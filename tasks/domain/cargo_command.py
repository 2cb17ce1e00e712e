"""A call of cargo as cargo reads it: what it builds, where, with which names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.crate import Manifests, Package, TargetKind, Workspace
from tasks.domain.script import Command, Word, inside

BUILDS = frozenset(
    {
        "build", "b", "check", "c", "test", "t", "run", "r", "clippy", "doc", "d", "bench",
        "rustc", "rustdoc", "fix", "nextest", "llvm-cov", "tarpaulin",
    }
)  # fmt: skip
"""Subcommands that take cargo's own selection of packages, targets and features."""

OWN = BUILDS - {"nextest", "llvm-cov", "tarpaulin"} | frozenset(
    {
        "add", "clean", "config", "fetch", "fmt", "generate-lockfile", "help", "info", "init", "install",
        "locate-project", "login", "logout", "metadata", "miri", "new", "owner", "package", "pkgid",
        "publish", "read-manifest", "remove", "report", "rm", "search", "tree", "uninstall", "update",
        "vendor", "verify-project", "version", "yank",
    }
)  # fmt: skip
"""Subcommands that come with the toolchain."""

_NAMED_KINDS = (TargetKind.BIN, TargetKind.EXAMPLE, TargetKind.TEST, TargetKind.BENCH)
_READ = "cargo"  # under which a command keeps what it was read as
_SHORT = {"b": "build", "c": "check", "t": "test", "r": "run", "d": "doc"}
WITH_VALUE = frozenset(
    {
        "-p", "--package", "--bin", "--example", "--test", "--bench", "-F", "--features",
        "--target", "--profile", "--manifest-path", "--exclude", "--target-dir", "-j", "--jobs",
        "--color", "--config", "-Z", "--message-format", "-C", "--lockfile-path", "--out-dir",
        "--artifact-dir", "-E", "--filter-expr", "--partition", "--retries", "-P", "--output-path",
        "--test-threads", "--cargo-profile",
    }
)  # fmt: skip
"""Options of cargo that take the next word."""


@dataclass(frozen=True, kw_only=True)
class CargoCommand:
    """One call; ``directory`` is where cargo looks for its manifest, None when that is not certain."""

    command: Command
    subcommand: str
    options: tuple[Word, ...]  # between the subcommand and ``--``
    directory: str | None
    toolchain: str | None = None
    passed: tuple[Word, ...] = ()  # behind ``--``

    @property
    def builds(self) -> bool:
        """Tell whether it takes cargo's selection of packages, targets and features."""
        return self.subcommand in BUILDS

    def given(self, *names: str) -> Iterator[Word]:
        """Go through the values of an option; another option behind it is none."""
        return (word for word in _asked(self).options(*names) if not word.text.startswith("--"))

    def has(self, *flags: str) -> bool:
        """Tell whether a flag is given."""
        return any(word.text in flags for word in self.options)

    @property
    def packages(self) -> tuple[Word, ...]:
        """The ``-p`` values."""
        return tuple(self.given("-p", "--package"))

    @property
    def features(self) -> tuple[tuple[str, int], ...]:
        """The certain feature names with their lines; commas and blanks separate them."""
        return tuple(
            (name, word.line)
            for word in self.given("-F", "--features")
            for value in (word.values or ())
            for name in value.replace(",", " ").split()
        )

    @property
    def filters(self) -> tuple[Word, ...]:
        """The free words: for ``cargo test`` the filter of test names."""
        found: list[Word] = []
        skip = False
        for word in self.options:
            if skip:
                skip = False
            elif word.text in WITH_VALUE:
                skip = True
            elif not word.text.startswith("-"):
                found.append(word)
        return tuple(found)

    def workspace(self, manifests: Manifests) -> Workspace | None:
        """Return the workspace it works in; None when there is none or the place is not certain."""
        return None if self.directory is None else manifests.workspace(self.directory)

    def chosen(self, manifests: Manifests) -> tuple[Package, ...] | None:
        """Return the packages it builds; None when that is not certain."""
        workspace = self.workspace(manifests)
        if workspace is None or self.has("--exclude"):
            return None
        if self.has("--workspace", "--all"):
            return workspace.packages
        if self.packages:
            names = [word.literal for word in self.packages]
            found = [None if name is None else workspace.package(name) for name in names]
            return None if None in found else tuple(one for one in found if one is not None)
        here = manifests.at(self.directory or "")
        if here is not None and here.directory != workspace.directory:
            return (here,)
        return tuple(one for one in workspace.packages if one.directory in workspace.default_members)


def built(call: CargoCommand, manifests: Manifests) -> tuple[Package, ...]:
    """Return the packages that a call compiles something of: with ``--bin x`` only those that have one."""
    packages = call.chosen(manifests) or ()
    named = [(kind, word) for kind in _NAMED_KINDS for word in call.given(f"--{kind}")]
    if not named or call.has("--lib", "--bins", "--examples", "--tests", "--benches", "--all-targets"):
        return packages
    if any(word.literal is None or any(mark in word.literal for mark in "*?[") for _, word in named):
        return ()
    return tuple(one for one in packages if any(word.literal in one.named(kind) for kind, word in named))


def cargo_command(command: Command) -> CargoCommand | None:
    """Read a command as a call of cargo or cross; None for any other program."""
    if command.program not in ("cargo", "cross"):
        return None
    if _READ not in command.memo:
        command.memo[_READ] = _read(command)
    known: CargoCommand | None = command.memo[_READ]
    return known


def _read(command: Command) -> CargoCommand | None:
    words = list(command.arguments)
    toolchain = words.pop(0).text[1:] if words and words[0].text.startswith("+") else None
    cut = next((at for at, word in enumerate(words) if word.text == "--"), len(words))
    options, passed = words[:cut], words[cut + 1 :]
    at = 0
    while at < len(options) and options[at].text.startswith("-"):
        at += 2 if options[at].text in WITH_VALUE else 1
    name = options[at].literal if at < len(options) else None
    if name is None:
        return None
    rest = (*options[:at], *options[at + 1 :])
    made = CargoCommand(
        command=command,
        subcommand=_SHORT.get(name, name),
        options=rest,
        directory=command.cwd,
        toolchain=toolchain,
        passed=tuple(passed),
    )
    return CargoCommand(
        command=command,
        subcommand=made.subcommand,
        options=rest,
        directory=_directory(made),
        toolchain=toolchain,
        passed=tuple(passed),
    )


def _directory(call: CargoCommand) -> str | None:
    place = call.command.cwd
    for word in call.given("-C"):
        place = None if word.literal is None else inside(word.literal, place)
    for word in call.given("--manifest-path"):
        path = None if word.literal is None else inside(word.literal, place)
        return None if path is None else path.rpartition("/")[0]
    return place


def _asked(call: CargoCommand) -> Command:
    """Return the options as a command of their own, so that options are read in one way only."""
    program = Word(text="cargo", line=call.command.line, parts=("cargo",), values=("cargo",))
    return Command(words=(program, *call.options), line=call.command.line)

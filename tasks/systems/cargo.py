"""cargo, run on a clean checkout, with its own account of what went wrong (JSON) instead of its prose."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from tasks.systems.rustup import CHOOSES
from tasks.systems.shell import Ended, ProgramFailed, Shell

Line = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One compiler message; place and code are None where rustc states none."""

    level: str
    message: str
    code: str | None
    file: str | None
    line: int | None
    column: int | None
    rendered: str


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """Something that was compiled; ``program`` is the path of what can be run of it."""

    package: str
    target: str
    library: bool
    program: str | None = None


@dataclass(frozen=True, kw_only=True)
class CargoEnded:
    """How one cargo command ended, with the compiler's messages when it gives any."""

    command: tuple[str, ...]
    exit: int
    seconds: float
    timed_out: bool
    output: str  # standard output without JSON messages, then standard error
    diagnostics: tuple[Diagnostic, ...] = ()
    artifacts: tuple[Artifact, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether it succeeded."""
        return self.exit == 0 and not self.timed_out

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The compiler's warnings that name a place."""
        return tuple(one for one in self.diagnostics if one.level == "warning" and one.file)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The compiler's errors, without the closing remarks that name no place."""
        return tuple(one for one in self.diagnostics if one.level.startswith("error") and one.file)


class Cargo:
    """Runs cargo in one checkout; what it builds goes to ``target``.

    ``toolchain`` is one of rustup's, in place of that which the checkout names.
    """

    def __init__(self, shell: Shell, checkout: Path, target: Path, toolchain: str | None = None) -> None:
        self._shell = shell
        self._checkout = checkout
        self._place = checkout
        self._toolchain: tuple[str, ...] = ()
        self._env = {
            "CARGO_TARGET_DIR": str(target),
            "CARGO_TERM_COLOR": "never",
            "CARGO_TERM_PROGRESS_WHEN": "never",
            "RUSTUP_AUTO_INSTALL": "0",  # a look installs nothing
            **({} if toolchain is None else {CHOOSES: toolchain}),
        }

    def version(self) -> str:
        """Return cargo's version line; ProgramMissing when there is no cargo."""
        return self._shell.check("cargo", "--version", cwd=self._checkout, env=self._env).out.strip()

    def using(self, toolchain: str) -> Self:
        """Return the same with one of rustup's toolchains."""
        other = copy.copy(self)
        other._toolchain = (f"+{toolchain}",)  # noqa: SLF001 - of its own class
        return other

    def compiling_with(self, flags: str) -> Self:
        """Return the same with flags for the compiler, in place of those that a configuration has."""
        other = copy.copy(self)
        other._env = {**self._env, "RUSTFLAGS": flags}  # noqa: SLF001 - of its own class
        return other

    def at(self, directory: str) -> Self:
        """Return the same in a directory of the checkout, whose files are named as before."""
        other = copy.copy(self)
        other._place = self._checkout / directory  # noqa: SLF001 - of its own class
        return other

    def has_target(self, target: str) -> bool:
        """Tell whether there is a standard library to compile for a target with."""
        command = ("rustc", *self._toolchain, "--print", "target-libdir", "--target", target)
        said = self._shell.run(*command, cwd=self._place, env=self._env, timeout=60)
        return said.ok and Path(said.out.strip()).is_dir()

    def installed(self) -> CargoEnded:
        """Ask for cargo's version: fails when the toolchain is not on this machine."""
        return self._run("--version", timeout=60)

    def metadata(self) -> Any:
        """Return the workspace as cargo sees it, without dependencies; ProgramFailed when it is none."""
        command = ("cargo", *self._toolchain, "metadata", "--format-version", "1", "--no-deps")
        ended = self._shell.run(*command, cwd=self._checkout, env=self._env, timeout=120)
        if ended.exit != 0 or ended.timed_out:
            raise ProgramFailed(replace(ended, stderr=within(ended.err, self._checkout).encode()))
        return json.loads(ended.out)

    def formatted(self) -> CargoEnded:
        """Check the formatting of all packages without changing a file."""
        return self._run("fmt", "--all", "--check", timeout=120)

    def build(self, *options: str, on_line: Line | None = None, timeout: float = 1800) -> CargoEnded:
        """Build; the options are cargo's (``--workspace``, ``--all-targets`` ...)."""
        return self._run("build", *options, "--message-format=json", on_line=on_line, timeout=timeout)

    def check(self, *options: str, timeout: float = 1800) -> CargoEnded:
        """Compile without making programs."""
        return self._run("check", *options, "--message-format=json", timeout=timeout)

    def test(self, *options: str, on_line: Line | None = None, timeout: float = 1800) -> CargoEnded:
        """Build and run the tests; the compiler's messages are JSON, the output of the tests is text."""
        cut = options.index("--") if "--" in options else len(options)
        asked = (*options[:cut], "--message-format=json", *options[cut:])
        return self._run("test", *asked, on_line=on_line, timeout=timeout)

    def clippy(self, *options: str, on_line: Line | None = None, timeout: float = 1800) -> CargoEnded:
        """Run clippy; what stands behind ``--`` in the options is for the compiler."""
        cut = options.index("--") if "--" in options else len(options)
        asked = (*options[:cut], "--message-format=json", *options[cut:])
        return self._run("clippy", *asked, on_line=on_line, timeout=timeout)

    def doc(self, *options: str, flags: str = "", timeout: float = 1800) -> CargoEnded:
        """Write the documentation; ``flags`` are rustdoc's."""
        env = {"RUSTDOCFLAGS": flags} if flags else {}
        return self._run("doc", *options, "--message-format=json", timeout=timeout, env=env)

    def called(
        self, subcommand: str, *options: str, timeout: float, env: Mapping[str, str] | None = None
    ) -> CargoEnded:
        """Make any call that compiles; what stands behind ``--`` in the options stays there."""
        cut = options.index("--") if "--" in options else len(options)
        asked = (*options[:cut], "--message-format=json", *options[cut:])
        return self._run(subcommand, *asked, timeout=timeout, env=env)

    def _run(
        self,
        *arguments: str,
        on_line: Line | None = None,
        timeout: float,
        env: Mapping[str, str] | None = None,
    ) -> CargoEnded:
        ended = self._shell.run(
            "cargo",
            *self._toolchain,
            *arguments,
            cwd=self._place,
            env={**self._env, **(env or {})},
            timeout=timeout,
            on_line=on_line,
        )
        return cargo_ended(ended, self._checkout)


_ABOVE = 3  # directories above a checkout that what lies beside it is told from


def within(text: str, checkout: Path) -> str:
    """Return what a program says with every file named as the repository's root sees it.

    What lies beside the checkout begins with ``../``.
    """
    for root in dict.fromkeys((checkout, checkout.resolve())):
        ends = r"(?:/|(?=$|[\s`'\"):,]))"
        text = re.sub(re.escape(str(root)) + ends, lambda m: "" if m[0][-1] == "/" else ".", text)
        for up, above in enumerate(root.parents[:_ABOVE], start=1):
            if len(above.parts) > _ABOVE:
                text = text.replace(f"{above}/", "../" * up)
    return text


def cargo_ended(ended: Ended, checkout: Path | None = None) -> CargoEnded:
    """Read cargo's output: JSON lines are the compiler's messages, the rest is for people.

    What the compiler says of a file both for a library and for its tests is one message.
    What people read names the files of ``checkout``, where one is given, as the repository does.
    """
    messages: list[Diagnostic] = []
    artifacts: list[Artifact] = []
    text: list[str] = []
    for line in ended.out.splitlines():
        if line.startswith('{"reason"'):
            message = json.loads(line)
            messages.extend(_within(one, checkout) for one in _diagnostics(message))
            artifacts.extend(_artifacts(message))
        else:
            text.append(line)
    said = "\n".join([*text, *ended.err.splitlines()])
    return CargoEnded(
        command=ended.argv,
        exit=ended.exit,
        seconds=ended.seconds,
        timed_out=ended.timed_out,
        output=said if checkout is None else within(said, checkout),
        diagnostics=tuple(dict.fromkeys(messages)),
        artifacts=tuple(artifacts),
    )


def _within(one: Diagnostic, checkout: Path | None) -> Diagnostic:
    return one if checkout is None else replace(one, rendered=within(one.rendered, checkout))


def _diagnostics(message: Any) -> list[Diagnostic]:
    if message.get("reason") != "compiler-message":
        return []
    return [diagnostic(message["message"])]


def _artifacts(message: Any) -> list[Artifact]:
    if message.get("reason") != "compiler-artifact":
        return []
    target = message["target"]
    made = Artifact(
        package=_package(message["package_id"]),
        target=target["name"].replace("-", "_"),
        library=any("lib" in kind or kind == "proc-macro" for kind in target["kind"]),
        program=message.get("executable"),
    )
    return [made]


def _package(id_: str) -> str:
    """Return the name in a package id: ``path+file:///a/moon#0.1.0``, ``#moon@0.1.0``, ``moon 0.1.0 ()``."""
    where, marked, behind = id_.partition("#")
    if not marked:
        return id_.split(" ", maxsplit=1)[0]
    name, given, _ = behind.rpartition("@")
    return name if given else where.rstrip("/").rpartition("/")[2]


def diagnostic(said: Any) -> Diagnostic:
    """Read one message of the compiler, as rustc writes it with ``--error-format=json``.

    Of several places that it is about, its text begins with the one that people are sent to.
    """
    rendered = said.get("rendered") or ""
    about = [span for span in said.get("spans") or () if span.get("is_primary")]
    begins = re.search(r"^ *--> (.+)$", rendered, re.MULTILINE)
    first = begins[1] if begins is not None else None
    named = (one for one in about if f"{one['file_name']}:{one['line_start']}:{one['column_start']}" == first)
    place = next(named, about[0] if about else None)
    return Diagnostic(
        level=said["level"],
        message=said["message"],
        code=(said.get("code") or {}).get("code"),
        file=place["file_name"] if place else None,
        line=place["line_start"] if place else None,
        column=place["column_start"] if place else None,
        rendered=rendered,
    )

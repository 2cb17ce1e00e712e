"""What a machine lacks for a piece of work: that says nothing about the repository.

The runner marks the end of a job with it, as an annotation under ``TITLE``; whoever reads runs takes the mark
for "nobody could look".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tasks.domain.rust_version import RustVersion

TITLE: Final = "Not possible in this rehearsal"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What is missing, in words; ``obtain`` is the command that brings it, None when none does."""

    what: str
    obtain: str | None = None
    rust: str | None = None  # the release of Rust that is asked for, when that is what is missing

    def __str__(self) -> str:
        """Render what is missing."""
        return self.what


def toolchain(name: str) -> Limit:
    """Return the lack of a Rust toolchain."""
    return Limit(what=f"toolchain {name} is not on this machine", obtain=f"rustup toolchain install {name}")


def target(name: str, of: str | None = None) -> Limit:
    """Return the lack of a compilation target, of one toolchain or of the usual one."""
    return Limit(
        what=f"target {name} is not on this machine", obtain=f"rustup target add {name}{_chosen(of)}"
    )


def component(name: str, of: str | None = None) -> Limit:
    """Return the lack of a component, of one toolchain or of the usual one."""
    return Limit(
        what=f"component {name} is not on this machine", obtain=f"rustup component add {name}{_chosen(of)}"
    )


def packages(names: str) -> Limit:
    """Return the lack of packages of the system."""
    return Limit(what=f"{names} cannot be installed here", obtain=f"sudo apt-get install {names}")


def _chosen(toolchain_name: str | None) -> str:
    return f" --toolchain {toolchain_name}" if toolchain_name else ""


CRATES: Final = Limit(what="a crate is not on this machine, and no registry is asked", obtain="cargo fetch")

# Programs that every Ubuntu image of GitHub's has, named as Debian's packages are.
_OF_IMAGES = "jq|zip|unzip|cmake|clang|make|wget|curl|rsync|shellcheck|xz|zstd|gpg|ninja|pkg-config|sqlite3"
_ARCHITECTURE = r"-(?:x86_64|aarch64|i686|arm\w*|riscv\w*|powerpc\w*|s390x|loongarch\w*)-[\w-]+"
_SAID: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Limit]], ...] = tuple(
    (re.compile(pattern), made)
    for pattern, made in (
        (r"\(embedded world\): toolchain (\S+) is not on this machine", lambda m: toolchain(m[1])),
        (r"\(embedded world\): target (\S+) is not on this machine", lambda m: target(m[1])),
        (r"\(embedded world\): component (\S+) is not on this machine", lambda m: component(m[1])),
        (r"\(embedded world\): cannot install: (.+)\. A rehearsal", lambda m: packages(m[1])),
        (r"the embedded world has no (.+?)(?:;.*)?$", lambda m: Limit(what=f"there is no {m[1]} here")),
        (
            r"toolchain '(\S+?)(?:" + _ARCHITECTURE + r")?' is not installed$",
            lambda m: toolchain(m[1]),
        ),
        (r"no such command: `\+([\w.-]+)`", lambda m: toolchain(m[1])),
        (
            r"error: '\S+' is not installed for the toolchain|error: the '\S+' component .* is not installed",
            lambda m: Limit(what=m[0].removeprefix("error: ")),
        ),
        (
            (
                r"offline mode \((?:via `)?--offline`?\)|--offline was specified|"
                r"unable to update registry|failed to download from|download of .* failed"
            ),
            lambda _: CRATES,
        ),
        (
            r"could not find `([^`]+)` in registry `[^`]+`",
            lambda m: Limit(what=f"{m[1]} cannot be installed: no registry is asked here"),
        ),
        (r"rustup: this machine has no rustup", lambda _: Limit(what="rustup is not on this machine")),
        (
            (
                r"[Cc]ould not resolve host|[Tt]emporary failure in name resolution|dial tcp: lookup |"
                r"Network is unreachable|Failed to connect to (?!127\.|localhost)\S+ port"
            ),
            lambda _: Limit(what="this machine does not reach the network"),
        ),
        (
            r"^(\S+): command not found on this machine",
            lambda m: Limit(what=f"{m[1]} is not on this machine"),
        ),
        (
            rf"(?:line )?\d+: ({_OF_IMAGES}): (?:command )?not found",
            lambda m: Limit(what=f"{m[1]} is not on this machine", obtain=f"sudo apt-get install {m[1]}"),
        ),
        (r"linker `([^`]+)` not found", lambda m: Limit(what=f"the linker {m[1]} is not on this machine")),
    )
)
_RUST = re.compile(r"requires rustc (\d+\.\d+(?:\.\d+)?)")


def limit_of(lines: Iterable[str], *, chosen: str | None = None) -> Limit | None:
    """Return what the last words of a program say is missing here, or None.

    ``chosen`` is the toolchain that was used. A release that was chosen by its number makes "requires rustc
    1.98" the repository's own mistake; a channel is only older on this machine than elsewhere.
    """
    asked: list[RustVersion] = []
    for line in lines:
        for pattern, made in _SAID:
            if match := pattern.search(line):
                return made(match)
        if not (chosen or "")[:1].isdigit():
            asked += [one for text in _RUST.findall(line) if (one := RustVersion.read(text))]
    if not asked:
        return None
    newest = str(max(asked))
    channel = None if chosen is None else (chosen.partition("-")[0] or "stable")
    return Limit(
        what=f"Rust {newest} is asked for, and the {channel or 'one'} of this machine is older",
        obtain=f"rustup update {channel}" if channel else f"rustup toolchain install {newest}",
        rust=newest,
    )

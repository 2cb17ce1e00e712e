"""Which of rustup's toolchains is the release that a toolchain file names, whatever it is called here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.domain.rust_version import RustVersion
from tasks.systems.shell import ProgramMissing, Shell

CHOOSES = "RUSTUP_TOOLCHAIN"
"""The variable that goes before a toolchain file (rustup's book, "Overrides")."""
_RELEASE = re.compile(r"\d+\.\d+(?:\.\d+)?")
_LISTED = re.compile(r"^(?P<name>\S+)(?: \([^)]*\))?\s+(?P<path>/.+)$")
_STATED = re.compile(r"^rustc (?P<release>\d+\.\d+\.\d+) \(")
_NEVER_A_RELEASE = ("nightly", "beta")


def stands_for(shell: Shell, channel: str, directory: Path) -> str | None:
    """Return the name of an installed toolchain that is the release ``channel`` under another name.

    None when rustup has one of that name or none at all, when the channel is no release (1.N or 1.N.P), and
    when the environment has chosen already. ``stable`` is the release that its compiler states.
    """
    if _RELEASE.fullmatch(channel) is None or CHOOSES in shell.environment:
        return None
    installed = dict(_installed(shell, directory))
    if any(name == channel or name.startswith(f"{channel}-") for name in installed):
        return None
    releases = _releases(shell, directory, installed)
    return next((name for name, one in releases if f"{one}.".startswith(f"{channel}.")), None)


@dataclass(frozen=True, kw_only=True)
class Instead:
    """Another toolchain than the one that is asked for; ``newer``: it can read all that the other can."""

    name: str
    newer: bool


def instead_of(shell: Shell, channel: str, directory: Path) -> Instead | None:
    """Return the newest release that is installed, for what any Rust can tell; None when there is none.

    Which files there are and whether they can be parsed does not depend on the release, as long as it is not
    older than the one that ``channel`` asks for.
    """
    if CHOOSES in shell.environment:
        return None
    releases = [
        (version, name)
        for name, stated in _releases(shell, directory, dict(_installed(shell, directory)))
        if (version := RustVersion.read(stated)) is not None
    ]
    if not releases:
        return None
    version, name = max(releases)
    wanted = RustVersion.read(channel) if _RELEASE.fullmatch(channel) else None
    return Instead(name=name, newer=wanted is not None and version >= wanted)


def _releases(shell: Shell, directory: Path, installed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Go through the installed releases: what rustup calls them, and what their compiler states."""
    for name, place in installed.items():
        if not name.startswith(_NEVER_A_RELEASE):
            found = _STATED.match(_said(shell, directory, f"{place}/bin/rustc", "--version"))
            if found is not None:
                yield name, found["release"]


def _installed(shell: Shell, directory: Path) -> Iterator[tuple[str, str]]:
    for line in _said(shell, directory, "rustup", "toolchain", "list", "--verbose").splitlines():
        if (found := _LISTED.match(line)) is not None:
            yield found["name"], found["path"]


def _said(shell: Shell, directory: Path, *argv: str) -> str:
    try:
        return shell.run(*argv, cwd=directory, timeout=30).out
    except ProgramMissing:
        return ""

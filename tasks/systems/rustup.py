"""Which of rustup's toolchains is the release that a toolchain file names, whatever it is called here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

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
    for name, place in installed.items():
        if name.startswith(_NEVER_A_RELEASE):
            continue
        found = _STATED.match(_said(shell, directory, f"{place}/bin/rustc", "--version"))
        if found is not None and f"{found['release']}.".startswith(f"{channel}."):
            return name
    return None


def _installed(shell: Shell, directory: Path) -> Iterator[tuple[str, str]]:
    for line in _said(shell, directory, "rustup", "toolchain", "list", "--verbose").splitlines():
        if (found := _LISTED.match(line)) is not None:
            yield found["name"], found["path"]


def _said(shell: Shell, directory: Path, *argv: str) -> str:
    try:
        return shell.run(*argv, cwd=directory, timeout=30).out
    except ProgramMissing:
        return ""

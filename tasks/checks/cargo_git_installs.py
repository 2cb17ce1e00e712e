"""Whether cargo can tell what to install from a repository with many packages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.domain.answers import listed, merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts

_ADDRESS = re.compile(r"(?:https?|ssh)://(?:git@)?([^\s/]+/[\w.-]+/[\w.-]+?)(?:\.git)?/?")
_WITH_VALUE = (
    "--git", "--root", "--bin", "--features", "-F", "-j", "--jobs", "--target", "--profile", "--color",
    "--example",
)  # fmt: skip
_KNOWN = {
    "github.com/cross-rs/cross": ("cross", "xtask"),
    "github.com/rust-embedded/cross": ("cross", "xtask"),
}
"""Repository -> its packages with programs: cross has two since June 2022; its old address leads there."""


@check("git-install-names-package", phase=Phase.FIRST_RUN, subject="cargo")
def git_install_names_package(scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """Every `cargo install --git` names its package where the repository has several with programs."""
    yield from merged(_answers(scripts, manifests))


def _answers(scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    for script, command in scripts.commands("cargo", spelling="--git"):
        call = cargo_command(command)
        if call is None or call.subcommand != "install" or script.job is None or script.never:
            continue
        address = command.option("--git")
        found = _ADDRESS.fullmatch(address.literal or "") if address is not None else None
        # An earlier state of a repository may have had other packages.
        if (
            found is None
            or call.has("--rev", "--tag", "--branch")
            or not command.fatal
            or command.conditional
        ):
            continue
        if any(word.text.startswith(("--rev=", "--tag=", "--branch=")) for word in call.options):
            continue
        name = found[1].lower()
        packages = _KNOWN.get(name) or _own(name, manifests)
        subject = f"{script.path.rpartition('/')[2]}: {name}"
        if len(packages) < 2 or _named(call):
            yield holds(subject, "cargo knows what to install")
            continue
        told = f"{name} has several packages with programs ({listed(list(packages), most=4)}):"
        told += " cargo installs none of them unless one is named"
        shown = f"`cargo install --git {address.literal if address else name} {packages[0]}`"
        remedy = Remedy(summary=f"Name the package behind the address: {shown}", minutes=5)
        yield broken(subject, told, script.source.at(command), remedy=remedy)


def _named(call: CargoCommand) -> bool:
    """Tell whether a package may be named: by any word that is no option and no value of one."""
    values = {word.text for word in call.given(*_WITH_VALUE)}
    return any(not word.text.startswith("-") and word.text not in values for word in call.options)


def _own(name: str, manifests: Manifests) -> tuple[str, ...]:
    """Return the packages with programs of the repository itself, if this is its address."""
    addresses = {str(one) for toml in manifests.tomls.values() for one in _addresses(toml.root)}
    own = {found[1].lower() for one in addresses if (found := _ADDRESS.fullmatch(one))}
    if own != {name}:
        return ()
    return tuple(sorted(one.name for one in manifests if one.binaries))


def _addresses(root: Mapping[str, Any]) -> Iterator[object]:
    workspace = root.get("workspace")
    shared = workspace.get("package") if isinstance(workspace, dict) else None
    for one in (root.get("package"), shared):
        if isinstance(one, dict) and "repository" in one:
            yield one["repository"]

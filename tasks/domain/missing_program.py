"""A program that this machine does not have, in plain words, and how it comes there."""

from __future__ import annotations

import shlex

from tasks.domain.finding import Remedy

_RUSTUP = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
_OF_RUST = frozenset({"cargo", "rustc", "rustup", "rustdoc"})
_COMPONENTS = {
    "rustfmt": "rustfmt",
    "cargo-fmt": "rustfmt",
    "cargo-clippy": "clippy",
    "clippy-driver": "clippy",
}
_OF_SYSTEM = {"git": "git", "bash": "bash", "grep": "grep", "jq": "jq", "curl": "curl", "tar": "tar"}
_OF_PRODUCT = frozenset({"zizmor", "check-jsonschema"})
"""What `make install` puts beside Python; names of the programs."""
_PAGES = {"terraform": "https://developer.hashicorp.com/terraform/install"}


def missing_program_remedy(program: str) -> Remedy:
    """Return how a program comes to this machine; only in words for one that is not known here."""
    name = program.rpartition("/")[2]
    summary = f"Install {name}, so that it is found on PATH, and look again"
    commands: tuple[str, ...] = ()
    if name in _OF_RUST:
        summary = f"Install Rust with rustup, which brings {name}, open a new shell and look again"
        commands = (_RUSTUP,)
    elif name in _COMPONENTS:
        commands = (f"rustup component add {_COMPONENTS[name]}",)
    elif name in _OF_PRODUCT:
        commands = ("make install",)
    elif name in _OF_SYSTEM:
        commands = (f"sudo apt-get update && sudo apt-get install --yes {shlex.quote(_OF_SYSTEM[name])}",)
    return Remedy(summary=summary, commands=commands, url=_PAGES.get(name), owner="operator", minutes=5)

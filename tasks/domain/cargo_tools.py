"""Which subcommands of cargo a crate brings, where it is not the one that its name says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

BRINGS: Mapping[str, frozenset[str]] = {
    "cargo-binutils": frozenset({"cov", "nm", "objcopy", "objdump", "profdata", "readobj", "size", "strip"}),
    "cargo-c": frozenset({"capi", "cbuild", "cinstall", "ctest"}),
    "cargo-edit": frozenset({"add", "rm", "set-version", "upgrade"}),
    "cargo-features-manager": frozenset({"features"}),
    "cargo-run-bin": frozenset({"bin"}),
    "cargo-show-asm": frozenset({"asm"}),
    "cargo-update": frozenset({"install-update", "install-update-config"}),
    "cargo-workspaces": frozenset({"workspaces", "ws"}),
}
"""Crates with several programs or with one of another name, from the ``[[bin]]`` of their manifests."""

ONE = frozenset(
    {
        "cargo-about", "cargo-audit", "cargo-auditable", "cargo-binstall", "cargo-bloat", "cargo-chef",
        "cargo-codspeed", "cargo-criterion", "cargo-cyclonedx", "cargo-deb", "cargo-deny", "cargo-expand",
        "cargo-fuzz", "cargo-generate", "cargo-generate-rpm", "cargo-geiger", "cargo-hack", "cargo-insta",
        "cargo-lambda", "cargo-license", "cargo-llvm-cov", "cargo-llvm-lines", "cargo-machete",
        "cargo-make", "cargo-minimal-versions", "cargo-msrv", "cargo-mutants", "cargo-ndk",
        "cargo-nextest", "cargo-outdated", "cargo-pgo", "cargo-public-api", "cargo-readme",
        "cargo-release", "cargo-rdme", "cargo-sbom", "cargo-semver-checks", "cargo-shear", "cargo-sort",
        "cargo-tarpaulin", "cargo-udeps", "cargo-vet", "cargo-watch", "cargo-zigbuild",
    }
)  # fmt: skip
"""Crates that bring the one subcommand that they are named for."""

OTHERS = frozenset(
    {
        "just", "mdbook", "wasm-pack", "wasm-bindgen-cli", "ripgrep", "fd-find", "hyperfine", "sccache",
        "grcov", "bindgen-cli", "cbindgen", "typos-cli", "taplo-cli", "trunk", "cross", "tokei", "xargo",
        "svd2rust",
    }
)  # fmt: skip
"""Well-known crates whose programs are no subcommands of cargo."""

_INSTALLS = re.compile(r"\bcargo(?: \+\S+)? b?install\b((?:[^\n;&|\\]|\\\n)*)")
_INPUT = re.compile(r"(?:^|\s)(?:tools?|crates?)=([\w@.,\s-]*)")
_NAME = re.compile(r"(?<![\w-])cargo-[a-z][a-z0-9_-]*")


def may_bring(text: str, subcommand: str) -> bool:
    """Tell whether crates that a text installs may bring a subcommand which none of them is named for."""
    return any(_crate_may_bring(one, subcommand) for one in _installed(text))


def _crate_may_bring(crate: str, subcommand: str) -> bool:
    if crate in BRINGS:
        return subcommand in BRINGS[crate]
    return crate not in ONE and crate not in OTHERS  # only the crate's own list names its programs


def _installed(text: str) -> Iterator[str]:
    for words in _INSTALLS.findall(text):
        yield from (word.partition("@")[0] for word in words.split() if word[0].isalpha())
    for given in _INPUT.findall(text):
        yield from _NAME.findall(given)

"""The options that cargo's own subcommands take, and those of two others whose documentation is complete.

Measured with cargo 1.95: each option was given to each subcommand, and what is not here is answered with
"unexpected argument". cargo-sbom: its README of 0.10; it writes to standard output. cargo-audit: its
src/commands/audit.rs, which knows two subcommands and no other word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tasks.domain.cargo_command import CargoCommand
from tasks.domain.script import Word
from tasks.domain.use import OPEN

_ANYWHERE = frozenset(
    {
        "--color", "--config", "--frozen", "--help", "--locked", "--offline", "--quiet", "--verbose",
        "--list", "--version", "--explain",
    }
)  # fmt: skip
"""Those of every subcommand, and those that stand before one."""
_FEATURES = "--features --all-features --no-default-features"
_PLACE = "--target --target-dir --jobs --message-format --ignore-rust-version --profile --timings"
_OWN = f"{_FEATURES} {_PLACE} --package --manifest-path"
_KINDS = "--lib --bin --bins --example --examples"
_MORE_KINDS = "--test --tests --bench --benches --all-targets"
_MEMBERS = "--workspace --all --exclude"
_BUILD = (
    f"{_OWN} {_KINDS} {_MORE_KINDS} {_MEMBERS} --unit-graph --keep-going --release --future-incompat-report"
)
_FIX = "--allow-dirty --allow-no-vcs --allow-staged --broken-code --edition --edition-idioms"
_TESTS = f"{_OWN} {_KINDS} {_MORE_KINDS} {_MEMBERS} --unit-graph --no-fail-fast --no-run"
_PACKAGE = (
    f"{_FEATURES} --package --target --target-dir --manifest-path --jobs --workspace --exclude --keep-going "
    "--allow-dirty --index --registry --no-verify"
)
_RUSTC = f"{_OWN} {_KINDS} {_MORE_KINDS} --unit-graph --keep-going --release"
_LONG: Mapping[str, frozenset[str]] = {
    name: frozenset(written.split()) | _ANYWHERE
    for name, written in {
        "build": f"{_BUILD} --artifact-dir",
        "check": _BUILD,
        "clippy": f"{_BUILD} --fix --no-deps {_FIX}",
        "test": f"{_TESTS} --doc --release --future-incompat-report",
        "bench": _TESTS,
        "doc": f"{_OWN} {_KINDS} {_MEMBERS} --unit-graph --keep-going --release --no-deps --open "
        "--document-private-items",
        "run": f"{_OWN} --bin --example --unit-graph --keep-going --release",
        "rustc": f"{_RUSTC} --future-incompat-report --print --crate-type",
        "rustdoc": f"{_RUSTC} --open --output-format",
        "fix": f"{_OWN} {_KINDS} {_MORE_KINDS} {_MEMBERS} --keep-going --release {_FIX}",
        "install": f"{_FEATURES} {_PLACE} --bin --bins --example --examples --keep-going --branch --debug "
        "--dry-run --force --git --index --no-track --path --registry --rev --root --tag --vers",
        "publish": f"{_PACKAGE} --dry-run --token",
        "package": f"{_PACKAGE} --exclude-lockfile --no-metadata --message-format",
        "metadata": f"{_FEATURES} --filter-platform --format-version --manifest-path --no-deps",
        "fmt": "--all --check --manifest-path --message-format --package",
    }.items()
}
_SHORT: Mapping[str, str] = {
    "build": "hjpqrsvFZ", "check": "hjpqrsvFZ", "clippy": "hjpqrsvFVZ", "test": "hjpqrvFZ",
    "bench": "hjpqsvFZ", "doc": "hjpqrsvFZ", "run": "hjpqrsvFZ", "rustc": "hjpqrsvFZ", "rustdoc": "hjpqrsvFZ",
    "fix": "hjpqrsvFZ", "install": "fhjnqsvFZ", "publish": "hjnpqsvFZ", "package": "hjlpqsvFZ",
    "metadata": "hqsvFZ", "fmt": "hpqv",
}  # fmt: skip
_BEFORE = "CVZ"  # short options that stand before a subcommand
_SBOM = frozenset(
    {"--cargo-package", "--output-format", "--project-directory", "--help", "--version", "-h", "-V"}
)
_AUDIT_WORDS = frozenset({"bin", "fix", "help"})
_TAKE_VALUES = frozenset(
    {
        "--package", "--target", "--target-dir", "--manifest-path", "--jobs", "--message-format", "--bin",
        "--example", "--test", "--bench", "--features", "--exclude", "--profile", "--color", "--config",
        "--artifact-dir", "--branch", "--git", "--index", "--path", "--registry", "--rev", "--root", "--tag",
        "--vers", "--version", "--token", "--filter-platform", "--format-version", "--print", "--crate-type",
        "--edition", "--output-format", "--cargo-package", "--project-directory", "-p", "-j", "-F", "-Z",
        "-C", "--db", "-d", "--deny", "-D", "--file", "-f", "--format", "--ignore", "--target-arch",
        "--target-os", "--url", "-u", "-c",
    }
)  # fmt: skip

OTHERS = frozenset({"sbom", "audit"})
"""Subcommands that do not come with cargo: another version may know more."""


def refused(call: CargoCommand) -> Iterator[Word]:
    """Go through the words of a call that its subcommand certainly does not know."""
    if call.subcommand == "audit":
        yield from (word for word in _free(call) if word.literal and word.literal not in _AUDIT_WORDS)
        return
    for word in _options(call):
        name = (word.literal or word.beginning).partition("=")[0]
        if call.subcommand == "sbom":
            known = name in _SBOM
        elif call.subcommand not in _LONG:
            return
        elif name.startswith("--"):
            known = name in _LONG[call.subcommand]
        else:
            known = name[1:2] in _SHORT[call.subcommand] + _BEFORE
        if not known:
            yield word


def lacks_package(call: CargoCommand) -> Word | None:
    """Return the ``--precise`` of an update that certainly names no package, which cargo refuses."""
    if call.subcommand != "update":
        return None
    precise: Word | None = None
    value = False
    for word in call.options:
        text = word.text
        if value:
            value = False
        elif text in ("-p", "--package") or text.startswith(("-p", "--package=")) or not text.startswith("-"):
            return None
        elif text == "--precise" or text.startswith("--precise="):
            precise, value = word, text == "--precise"
        else:
            value = text in _TAKE_VALUES
    return precise


def near(call: CargoCommand) -> frozenset[str]:
    """Return the options that the subcommand takes."""
    return _SBOM if call.subcommand == "sbom" else _LONG.get(call.subcommand, frozenset())


def _options(call: CargoCommand) -> Iterator[Word]:
    """Go through the words that are options for sure: not the value of one, nor a program's own."""
    value = False
    for word in call.options:
        text = word.literal if word.literal is not None else word.beginning
        if value:
            value = False
        elif OPEN in word.text:
            if call.subcommand == "run":
                return  # it may be the program's first word
            continue  # an expression may stand for several words
        elif text.startswith("-") and len(text) > 1:
            if word.literal is None and "=" not in text:
                continue  # what it is called is filled in by a run
            if "$" in word.text and len(text.split()) > 1:
                continue  # a variable without quotes stands for as many words as it holds
            yield word
            value = text in _TAKE_VALUES
        elif call.subcommand == "run":
            return  # what follows belongs to the program


def _free(call: CargoCommand) -> Iterator[Word]:
    """Go through the words that are no options, up to the first that only a run can tell."""
    value = False
    for word in call.options:
        if word.literal is None or OPEN in word.text:
            return
        if value or word.literal.startswith("-"):
            value = not value and word.literal in _TAKE_VALUES
        else:
            yield word
            return

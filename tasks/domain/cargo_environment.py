"""Which variables a call of cargo is given here, so that it is the one that a job makes."""

from __future__ import annotations

import re
import shlex

from tasks.domain.cargo_calls import reads_nothing
from tasks.domain.cargo_command import CargoCommand
from tasks.domain.evidence import Evidence
from tasks.domain.lane import Lane
from tasks.domain.rust_flags import RUSTDOCFLAGS, RUSTFLAGS, given_flags, lint_words
from tasks.domain.script import Script

_HARMLESS = re.compile(
    r"CARGO_(?:TERM_|INCREMENTAL$|NET_|HOME$|TARGET_DIR$|BUILD_JOBS$|BUILD_WARNINGS$|PROFILE_|REGISTRIES_)|"
    r"RUST_BACKTRACE|RUST_LOG$|RUSTUP_|GITHUB_|SCCACHE_|RUSTC_WRAPPER$|CI$"
)
_OWN = (RUSTFLAGS, RUSTDOCFLAGS)
_REACHES = re.compile(
    r"^(?:CARGO|RUST|PATH$|HOME$|LD_|DYLD_|SHELL$|TMPDIR$)|URL|DSN|HOST|TOKEN|KEY|SECRET|PASS"
)
"""Variables that change where programs look, or that name what is not on this machine."""
_CODEGEN = re.compile(r"(?:debuginfo|opt-level|target-cpu|codegen-units|strip|incremental)=\S+")


def environment_here(
    script: Script, call: CargoCommand, lane: Lane, *, tests: bool
) -> tuple[tuple[str, str], ...] | None:
    """Return the variables for a call here; None when one is not certain, or nothing for this machine."""
    kept: dict[str, str] = {}
    for name, value in lane.env.items():
        if name in _OWN or _HARMLESS.match(name) or (not tests and reads_nothing(name, script)):
            continue
        if tests or value is None or _REACHES.search(name):
            return None
        kept[name] = value
    for command in script.commands:
        for one in command.assignments if command.line <= call.command.line else ():
            own = command is call.command or one.exported
            if one.name in _OWN or not own or _HARMLESS.match(one.name):
                continue
            value = one.value.literal if one.value is not None else None
            if tests or value is None or _REACHES.search(one.name):
                return None
            kept[one.name] = value
    flags = _rustflags(given_flags(script, call, lane, RUSTFLAGS))
    docs = given_flags(script, call, lane, RUSTDOCFLAGS) if call.subcommand == "doc" else None
    if flags is None or (docs is not None and (docs[0] is None or "-Z" in docs[0])):
        return None
    if flags:
        kept[RUSTFLAGS] = flags
    if docs is not None and docs[0]:
        kept[RUSTDOCFLAGS] = docs[0]
    return tuple(sorted(kept.items()))


def _rustflags(given: tuple[str | None, Evidence] | None) -> str | None:
    """Return what is left of the flags without lint levels and code generation; None when not certain."""
    if given is None:
        return ""
    if given[0] is None:
        return None
    try:
        words = shlex.split(given[0])
    except ValueError:
        return None
    levels = {*lint_words(given[0])}
    kept: list[str] = []
    while words:
        word = words.pop(0)
        name, glued, value = word.partition("=")
        if name == "--cfg":
            taken = value if glued else words.pop(0) if words else None
            if taken is None:
                return None
            kept += ["--cfg", taken]
        elif word in ("-C", "--codegen"):
            if not words or not _CODEGEN.fullmatch(words.pop(0)):
                return None
        elif word.startswith("-C"):
            if not _CODEGEN.fullmatch(word[2:]):
                return None
        elif word not in levels and not (word[:2] in levels and word[2:] in levels) and value not in levels:
            return None
    return " ".join(kept)

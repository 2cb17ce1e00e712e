"""Whether the compiler still knows the flags that workflows give it through the environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.answers import merged
from tasks.domain.cargo_command import CargoCommand, cargo_command
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.finding import Remedy, Weight
from tasks.domain.job_toolchain import toolchain_of
from tasks.domain.lane import Lane
from tasks.domain.phase import Phase
from tasks.domain.rust_flags import RUSTDOCFLAGS, RUSTFLAGS, given_flags
from tasks.domain.script import Script, Scripts

_PROFILE = re.compile(r"(?<!\S)-Z[ =]?profile(?!\S)")
_COMPILES = frozenset({"build", "test", "check", "run", "bench", "clippy", "doc", "rustc"})
_LAST = (1, 83)  # the last release whose compiler has it, for those who set RUSTC_BOOTSTRAP
_LAST_DAY = "2024-11-05"  # it was taken out on 2024-11-02


@check(
    "compiler-flag-known",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Take -Zprofile out and measure with cargo llvm-cov (-Cinstrument-coverage), or pin an "
        "older nightly",
        url="https://github.com/rust-lang/rust/pull/131829",
        minutes=30,
    ),
)
def compiler_flag_known(scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    """No job gives the compiler -Zprofile, which Rust 1.84 and the nightlies since November 2024 refuse."""
    texts = {one.path: one.source.text for one in scripts if one.job is not None}
    named = {path for path, text in texts.items() if "profile" in text and _PROFILE.search(text)}
    asked = (one for one in scripts if one.path in named)
    yield from merged(answer for script in asked for answer in _flags(script, scripts, manifests))


def _flags(script: Script, scripts: Scripts, manifests: Manifests) -> Iterator[Answer]:
    if script.job is None or script.never:
        return
    for command in script.running("cargo"):
        call = cargo_command(command)
        if call is None or call.subcommand not in _COMPILES:
            continue
        for lane in script.lanes:
            subject = f"{script.path.rpartition('/')[2]}: {script.job.id}"
            given = [given_flags(script, call, lane, name) for name in (RUSTFLAGS, RUSTDOCFLAGS)]
            found = next((one for one in given if one and one[0] and _PROFILE.search(one[0])), None)
            rust = _toolchain(script, call, scripts, lane, manifests)
            if found is None or rust is None:
                continue
            if _refuses(rust):
                told = f"the compiler of {rust} ends with `unknown unstable option: profile`, gone since 1.84"
                yield broken(subject, told, found[1], script.source.at(command))
            else:
                yield holds(subject, f"{rust} knows it")


def _toolchain(
    script: Script, call: CargoCommand, scripts: Scripts, lane: Lane, manifests: Manifests
) -> str | None:
    """Return what compiles, by the repository before an action; None when nobody knows."""
    if call.toolchain is None and manifests.toolchain is not None and "RUSTUP_TOOLCHAIN" not in lane.env:
        return manifests.toolchain.channel
    return toolchain_of(script, call, scripts, lane)


def _refuses(toolchain: str) -> bool:
    """Tell whether a toolchain is certainly without the flag: one that moves, or a later one."""
    if toolchain in ("nightly", "beta", "stable"):
        return True
    day = re.fullmatch(r"nightly-(\d{4}-\d\d-\d\d)", toolchain)
    if day is not None:
        return day[1] > _LAST_DAY
    release = re.fullmatch(r"(\d+)\.(\d+)(?:\.\d+)?", toolchain)
    return release is not None and (int(release[1]), int(release[2])) > _LAST

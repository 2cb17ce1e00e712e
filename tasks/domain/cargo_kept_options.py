"""The options of a workflow's call of cargo that its call here has too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tasks.domain.cargo_command import CargoCommand
from tasks.domain.lane import Lane

_HOST = "x86_64-unknown-linux-gnu"
TARGETS = frozenset(
    {"--lib", "--bins", "--tests", "--examples", "--benches", "--all-targets", "--doc"}
)  # fmt: skip
_NAMED_TARGETS = frozenset({"--bin", "--test", "--example", "--bench"})
_KEPT = frozenset({"--workspace", "--all", "--no-default-features", "--all-features"}) | TARGETS
KEPT_OF = {"doc": frozenset({"--document-private-items"}), "clippy": frozenset({"--no-deps"})}
_VALUED = frozenset({"-p", "--package", "-F", "--features", "--exclude"}) | _NAMED_TARGETS
_HELD = frozenset({"--locked", "--frozen"})
_DROPPED = frozenset(
    {
        "--offline", "-v", "--verbose", "-vv", "-q", "--quiet", "--no-fail-fast", "--keep-going", "--release",
        "-r", "--no-deps", "--no-run", "--timings",
    }
)  # fmt: skip
"""What changes nothing of what the compiler finds; documentation is written without that of dependencies."""
_DROPPED_VALUED = frozenset(
    {"--message-format", "-j", "--jobs", "--color", "--profile", "--target-dir", "--manifest-path"}
)


@dataclass(frozen=True, kw_only=True)
class KeptOptions:
    """A call's options here; ``targets`` are those among them, ``target`` is the machine if another."""

    options: tuple[str, ...]
    targets: frozenset[str]
    target: str | None = None


def kept_options(call: CargoCommand, lane: Lane) -> KeptOptions | None:
    """Return the options for a call here; None when one is not certain or means something else here."""
    if call.filters:
        return None
    allowed = _KEPT | KEPT_OF.get(call.subcommand, frozenset())
    kept: list[str] = []
    targets: set[str] = set()
    target: str | None = None
    words = [lane.text(word.text) if "${{" in word.text else word.literal for word in call.options]
    while words:
        word = words.pop(0)
        if word is None:
            return None
        name, given, value = word.partition("=")
        if name in _VALUED or name in _DROPPED_VALUED or name == "--target":
            taken = value if given else words.pop(0) if words else None
            if taken is None:
                return None
            if name == "--target":
                target = None if taken == _HOST else taken
            elif name in _VALUED:
                kept += [name, taken]
                targets |= {f"{name} {taken}"} if name in _NAMED_TARGETS else set()
        elif word in allowed:
            kept.append(word)
            targets |= {word} & TARGETS
        elif word in _HELD:
            kept.append("--locked")
        elif word not in _DROPPED:
            return None
    more = ("--target", target) if target else ()
    return KeptOptions(options=(*kept, *more), targets=frozenset(targets), target=target)


def features_of(options: tuple[str, ...]) -> Iterator[str]:
    """Go through the features that options ask for; of all of them there is one word."""
    if "--all-features" in options:
        yield "--all-features"
        return
    for name, value in pairwise((*options, "")):
        if name in ("-F", "--features"):
            yield from (one for one in value.replace(",", " ").split() if one != "default")
        elif name == "--no-default-features":
            yield name

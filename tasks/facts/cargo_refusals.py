"""What cargo says of manifests and of the lock file before it compiles anything."""

from __future__ import annotations

import re

from tasks.domain.cargo_run import RefusedManifest, UnusedKey

# 1.95 says the first, older ones the second; --frozen is --locked without the network.
_LOCK_CHANGES = re.compile(
    r"cannot (?:update|create) the lock file .* because --(?:locked|frozen) was passed|"
    r"the lock file .* needs to be updated but --(?:locked|frozen) was passed"
)
_MANIFEST = re.compile(r"failed to (?:parse manifest at|read|load manifest at) `(?P<file>[^`]*Cargo\.toml)`")
_LINE = re.compile(r"TOML parse error at line (\d+)|--> [^\s:]*Cargo\.toml:(\d+):\d+")
_CAUSE = re.compile(r"^Caused by:\n(?P<said>(?:[ \t]+\S.*(?:\n|$))+)", re.MULTILINE)
_UNUSED = re.compile(r"^warning: (?P<file>\S*Cargo\.toml): unused manifest key: (?P<key>\S+)$", re.MULTILINE)


def lock_would_change(output: str) -> bool:
    """Tell whether cargo ended because the lock file is not that of the manifests."""
    return _LOCK_CHANGES.search(output) is not None


def refused_manifest(output: str) -> RefusedManifest | None:
    """Return the last manifest that cargo names and cannot read, with its reasons behind that name."""
    named = list(_MANIFEST.finditer(output))
    if not named:
        return None
    last = named[-1]
    behind = output[last.end() :]
    reasons = [found["said"].strip().partition("\n")[0] for found in _CAUSE.finditer(behind)]
    line = _LINE.search(behind)
    return RefusedManifest(
        file=last["file"],
        reason=": ".join(reasons),
        line=int(line[1] or line[2]) if line else None,
    )


def unused_keys(output: str) -> tuple[UnusedKey, ...]:
    """Return the keys that cargo warns of."""
    return tuple(UnusedKey(file=one["file"], key=one["key"]) for one in _UNUSED.finditer(output))

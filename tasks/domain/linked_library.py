"""A library of the system that a build links: who asks for it, and whether a machine of GitHub's gets it."""

from __future__ import annotations

import re
import shlex

from tasks.domain.crate import Manifests
from tasks.domain.evidence import Evidence
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.ubuntu_build import ubuntu_builds

_ASKS = r"rustc-link-lib=(?:(?:dylib|static)(?:[:\w+,-]*)=)?{0}\b|\blink\(\s*name\s*=\s*\"{0}\""
ON_NO_IMAGE = {
    "asound": ("libasound2-dev", "asound"),
    "udev": ("libudev-dev", "udev"),
    "dbus-1": ("libdbus-1-dev", "dbus"),
    "pulse": ("libpulse-dev", "pulse"),
    "pcap": ("libpcap-dev", "pcap"),
    "fuse3": ("libfuse3-dev", "fuse"),
    "seccomp": ("libseccomp-dev", "seccomp"),
    "SDL2": ("libsdl2-dev", "sdl2"),
}
"""The packages of libraries that are on none of GitHub's images of Ubuntu (actions/runner-images, its lists
of installed apt packages), and a word that shows that somebody installs one."""


def asks_for(library: str, sources: Sources) -> Evidence | None:
    """Return where a build script or a source has the linker look for a library."""
    pattern = re.compile(_ASKS.format(re.escape(library)))
    for one in sources.saying(library, told=False):
        found = pattern.search(one.text) if one.path.endswith(".rs") else None
        if found is not None:
            return one.at(one.text.count("\n", 0, found.start()) + 1)
    return None


def looking_up(library: str) -> str:
    """Return the command that brings a library to this machine, or else finds what may."""
    package, _ = ON_NO_IMAGE.get(library, ("", ""))
    named = shlex.quote(f"{re.escape(library)}.*-dev$")
    return f"sudo apt-get install {package}" if package else f"apt-cache search --names-only {named}"


def lacking_package(library: str, sources: Sources, scripts: Scripts, manifests: Manifests) -> str | None:
    """Return the package that jobs on Ubuntu would have to install and that nothing here speaks of."""
    package, shown = ON_NO_IMAGE.get(library, ("", ""))
    if not package or any(shown in one.text.lower() for one in sources if not _is_built(one.path)):
        return None
    calls = [call.subcommand for _, call, _ in ubuntu_builds(scripts, manifests)]
    builds = not {"build", "test", "run"}.isdisjoint(calls)
    return package if builds else None


def _is_built(path: str) -> bool:
    """Tell whether a file is one that is built, not one that tells how."""
    return path.endswith((".rs", ".md", "Cargo.toml", "Cargo.lock"))

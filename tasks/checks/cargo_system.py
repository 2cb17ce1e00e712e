"""Whether jobs install the libraries and programs of the machine that crates are built against."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import MOST_PLACES
from tasks.domain.cargo_command import CargoCommand
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Dependency, Manifests, Package, Workspace
from tasks.domain.edit_command import preceded
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy
from tasks.domain.phase import Phase
from tasks.domain.script import Script, Scripts
from tasks.domain.source import Sources
from tasks.domain.ubuntu_build import (
    built_targets,
    compiled,
    is_transparent,
    is_transparent_action,
    on_linux,
    only_on_ubuntu,
    ubuntu_builds,
)
from tasks.domain.workflow import Workflows


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a crate asks of the machine: the package of Ubuntu, and what shows that it is there.

    ``unless`` are features that build it from source; ``since`` is the first version with the need,
    ``before`` the first without it. ``default``: only with the crate's default features. ``called``: only
    when the build script calls this.
    """

    package: str
    shown: str
    unless: frozenset[str] = frozenset({"vendored", "bundled", "static"})
    default: bool = False
    since: tuple[int, int] = (0, 0)
    before: tuple[int, int] | None = None
    called: str | None = None


_CALLED = r"\bcompile(?:_protos)?\s*\(|compile_protos"
# Release notes of prost 0.11: until 0.10 its build script brings a protoc or compiles one.
_PROTOC = Need(package="protobuf-compiler", shown="proto", since=(0, 11), called=_CALLED)
NEEDS: dict[str, Need] = {
    "fuser": Need(package="libfuse3-dev", shown="fuse", default=True, before=(0, 16)),
    "alsa-sys": Need(package="libasound2-dev", shown="asound"),
    "libudev-sys": Need(package="libudev-dev", shown="udev"),
    "libudev": Need(package="libudev-dev", shown="udev"),
    "libdbus-sys": Need(package="libdbus-1-dev", shown="dbus"),
    "libpulse-sys": Need(package="libpulse-dev", shown="pulse"),
    "gtk-sys": Need(package="libgtk-3-dev", shown="gtk"),
    "alsa": Need(package="libasound2-dev", shown="asound"),
    "cpal": Need(package="libasound2-dev", shown="asound"),
    "rodio": Need(package="libasound2-dev", shown="asound", default=True),
    "udev": Need(package="libudev-dev", shown="udev"),
    "tokio-udev": Need(package="libudev-dev", shown="udev"),
    "dbus": Need(package="libdbus-1-dev", shown="dbus"),
    "pcap": Need(package="libpcap-dev", shown="pcap"),
    "gtk": Need(package="libgtk-3-dev", shown="gtk"),
    "gtk4": Need(package="libgtk-4-dev", shown="gtk"),
    "libpulse-binding": Need(package="libpulse-dev", shown="pulse"),
    "libseccomp": Need(package="libseccomp-dev", shown="seccomp"),
    "sdl2": Need(package="libsdl2-dev", shown="sdl2"),
    "gstreamer": Need(package="libgstreamer1.0-dev", shown="gstreamer"),
    "prost-build": _PROTOC,
    "tonic-build": Need(package="protobuf-compiler", shown="proto", since=(0, 8), called=_CALLED),
    "tonic-prost-build": Need(package="protobuf-compiler", shown="proto", called=_CALLED),
}
"""Of each crate's build script; none of the packages is on the images of GitHub's Ubuntu runners
(actions/runner-images, Ubuntu2204-Readme.md and Ubuntu2404-Readme.md), where libssl-dev is."""

_OWN_PROTOC = re.compile(r"protoc_bin_vendored|protobuf_src|protox|skip_protoc_run|compile_fds|PROTOC")
_FILLED_IN = re.compile(r"\binstall\b[^\n]*\$")
_CONDITION = re.compile(r"\bif\b|\bcfg\b|\bmatch\b|\bwhile\b|CARGO_FEATURE")


@check("system-library-installed", phase=Phase.FIRST_RUN, subject="cargo")
def system_library_installed(
    scripts: Scripts, workflows: Workflows, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """Every job that builds a crate against a library of the machine installs the library before."""
    if manifests.broken or not any(one.package in NEEDS for own in manifests for one in own.dependencies):
        return
    lacking: dict[str, list[tuple[str, Evidence, Evidence]]] = {}
    mixed: set[str] = set()
    met: set[str] = set()
    for script, call, workspace in ubuntu_builds(scripts, manifests):
        if not any(own == target for own, target in built_targets(script, call)):
            continue
        assert script.job is not None
        for package, dependency, need in _needs(call, workspace, manifests, sources):
            workflow = workflows.at(script.path)
            there = "PROTOC" in (workflow.env if workflow else ()) or _installed(
                scripts, workflows, script, need
            )
            if there is None:
                continue
            subject = f"{dependency.package}: {need.package}"
            if there:
                met.add(subject)
            else:
                name = f"{script.path.rpartition('/')[2]}: {script.job.id}"
                at = script.source.at(call.command)
                mixed |= set() if only_on_ubuntu(script) else {subject}
                lacking.setdefault(subject, []).append((name, at, package.toml.source.at(dependency.line)))
    for subject, found in lacking.items():
        crate, _, package_name = subject.partition(": ")
        jobs = list(dict.fromkeys(name for name, _, _ in found))
        places = list(dict.fromkeys(at for _, at, _ in found))[: MOST_PLACES - 1]
        told = f"{crate} is built against {package_name}, which {_some(jobs)} without installing it"
        where = " with `if: runner.os == 'Linux'`" if subject in mixed else ""
        remedy = Remedy(
            summary=f"Install {package_name} in a step{where} before the build",
            commands=(f"sudo apt-get update && sudo apt-get install --yes {package_name}",),
            minutes=5,
        )
        install = f"sudo apt-get update && sudo apt-get install --yes {package_name}"
        each = [preceded(at, "cargo", install) for at in dict.fromkeys(at for _, at, _ in found)]
        edits = tuple(edit for one in each for edit in one) if all(each) and subject not in mixed else ()
        yield broken(subject, told, *places, found[0][2], remedy=remedy, edits=edits)
    for subject in met - lacking.keys():
        yield holds(subject, "is installed before")


def _some(jobs: list[str]) -> str:
    return f"{jobs[0]} builds" if len(jobs) == 1 else f"{len(jobs)} jobs ({', '.join(jobs[:3])} ...) build"


def _needs(
    call: CargoCommand, workspace: Workspace, manifests: Manifests, sources: Sources
) -> Iterator[tuple[Package, Dependency, Need]]:
    packages = compiled(call, workspace, manifests)
    lock = manifests.locks.get(posixpath.join(workspace.directory, "Cargo.lock"))
    versions: dict[str, list[str]] = {}
    for locked in lock.packages if lock else ():
        versions.setdefault(locked.name, []).append(locked.version)
    for package in packages:
        for one in package.dependencies:
            need = NEEDS.get(one.package)
            if need is None or one.optional or not on_linux(one) or one.kind == "dev":
                continue
            if _asks(need, one, versions.get(one.package, []), package, sources):
                yield package, one, need


def _asks(need: Need, dependency: Dependency, locked: list[str], package: Package, sources: Sources) -> bool:
    if need.unless & set(dependency.features) or (need.default and not dependency.default_features):
        return False
    if (need.since, need.before) != ((0, 0), None):
        for version in locked or [(dependency.version or "").lstrip("^=~ ")]:
            found = re.match(r"(\d+)\.(\d+)", version)
            release = (int(found[1]), int(found[2])) if found else None
            if release is None or release < need.since or (need.before and release >= need.before):
                return False
    if need.called is None:
        return dependency.kind == "normal"
    build = sources.get(posixpath.join(package.directory, "build.rs"))
    if build is None or dependency.kind != "build" or _OWN_PROTOC.search(build.text):
        return False
    found = re.search(need.called, build.text)
    # What stands behind a condition may be done only by hand, when the files are generated anew.
    return found is not None and _CONDITION.search(build.text, 0, found.start()) is None


def _installed(scripts: Scripts, workflows: Workflows, script: Script, need: Need) -> bool | None:
    """Tell whether a step up to the build installs what is needed; None when that is not certain."""
    job = script.job
    assert job is not None, "said by `ubuntu_builds`"
    if "PROTOC" in job.env or (script.step is not None and "PROTOC" in script.step.env):
        return True
    for step in job.steps:
        if script.step is not None and step.index > script.step.index:
            break
        if need.shown in str(step.run or "").lower() and "install" in str(step.run):
            return True
        if _FILLED_IN.search(str(step.run or "")) and need.shown in script.source.text.lower():
            return None  # the packages may come from a matrix or a variable
        if step.action is not None and need.shown in f"{step.action.written} {dict(step.inputs)}".lower():
            return True
        local = workflows.action(step.action.local or "") if step.action is not None else None
        if local is not None and need.shown in local.source.text.lower():
            return True
        if not (
            is_transparent_action(scripts, local) if local else is_transparent(scripts, script, job, step)
        ):
            return None
    return False

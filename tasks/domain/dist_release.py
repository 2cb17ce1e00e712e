"""The machines that dist (cargo-dist) builds a release on: its plan names them, no workflow file does."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.domain.evidence import Evidence
from tasks.domain.source import Source, Sources
from tasks.domain.workflow import Job, Workflows

PLANNED = ".ci.github.artifacts_matrix"
"""What the matrix of a workflow made by dist reads out of the plan."""

_ARM = "aarch64-apple-darwin"
_DEFAULTS: tuple[tuple[tuple[int, int, int], Mapping[str, str]], ...] = (
    ((0, 10, 0), {"linux": "ubuntu-20.04", "darwin": "macos-12", "windows": "windows-2019"}),
    ((0, 21, 0), {"linux": "ubuntu-20.04", "darwin": "macos-13", "windows": "windows-2019"}),
    ((0, 28, 1), {"linux": "ubuntu-22.04", "darwin": "macos-13", "windows": "windows-2022"}),
    (
        (0, 30, 1),
        {"linux": "ubuntu-22.04", "darwin": "macos-15-intel", _ARM: "macos-14", "windows": "windows-2022"},
    ),
)
"""First version -> the label for a system, or for one target: dist's `backend/ci/github.rs` at its tags."""
_LAST = (0, 31, 99)  # of later versions the labels are not known here
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, kw_only=True)
class DistMachine:
    """The label of the machine that dist builds a target on; ``own`` when the settings name it."""

    target: str
    label: str
    own: bool
    place: Evidence


def dist_machines(sources: Sources, workflows: Workflows) -> Iterator[DistMachine]:
    """Go through the machines of a release that dist plans; none when its settings do not tell."""
    if not any(_builds(job) for one in workflows for job in one.jobs.values()):
        return
    found = _settings(sources)
    if found is None:
        return
    source, settings = found
    version, targets = _VERSION.fullmatch(str(settings.get("cargo-dist-version"))), settings.get("targets")
    own = settings.get("github-custom-runners", {})
    if not isinstance(targets, list) or not isinstance(own, dict):
        return
    if settings.get("build-local-artifacts") is False or settings.get("ci") not in ("github", ["github"]):
        return
    number = (int(version[1]), int(version[2]), int(version[3])) if version else None
    for target in dict.fromkeys(str(one) for one in targets):
        if target in own:
            label = own[target].get("runner") if isinstance(own[target], dict) else own[target]
            line = source.line_of(target, source.line_of("github-custom-runners") or 0)
        else:
            label = _default(target, number)
            line = source.line_of("cargo-dist-version")
        if isinstance(label, str):
            yield DistMachine(target=target, label=label, own=target in own, place=source.at(line))


def _builds(job: Job) -> bool:
    """Tell whether a job has the matrix that dist plans, and takes its machines."""
    matrix = job.matrix
    planned = isinstance(matrix, str) and PLANNED in matrix
    return planned and [*map(str, job.runs_on)] == ["${{ matrix.runner }}"]


def _settings(sources: Sources) -> tuple[Source, dict[str, Any]] | None:
    for path, keys in (("dist-workspace.toml", ("dist",)), ("Cargo.toml", ("workspace", "metadata", "dist"))):
        source = sources.get(path)
        if source is None or "cargo-dist-version" not in source.text:
            continue
        try:
            root: Any = tomllib.loads(source.text.replace("\r\n", "\n"))
        except tomllib.TOMLDecodeError:
            return None
        if "github-custom-runners" in root:
            return None  # beside the table that it belongs in: what dist makes of it is not known
        for key in keys:
            root = root.get(key) if isinstance(root, dict) else None
        return (source, root) if isinstance(root, dict) else None
    return None


def _default(target: str, number: tuple[int, int, int] | None) -> str | None:
    if number is None or not _DEFAULTS[0][0] <= number <= _LAST:
        return None
    if "windows" in target and not target.startswith("x86_64"):
        return None  # built on Linux by some versions
    labels = [given for first, given in _DEFAULTS if number >= first][-1]
    if target in labels:
        return labels[target]
    return next((label for system, label in labels.items() if f"-{system}" in target), None)

"""Whether what is released is compiled as programs for use are."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Manifests, Workspace, table
from tasks.domain.dockerfile import is_dockerfile, read_dockerfile
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources

_HANDED_ON = ("action-gh-release", "upload-artifact", "gh release", "docker", "aws s3 ")
"""What a workflow that releases what it builds has somewhere in its text."""


@check(
    "release-is-optimized",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="cargo",
    remedy=Remedy(
        summary="Leave opt-level out of the profile, which is 3 then; a comment says why where it is meant",
        minutes=5,
    ),
)
def release_is_optimized(manifests: Manifests, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """No profile that programs are released with has `opt-level = 0`, as if it were for debugging."""
    for workspace in manifests.own:
        profile = table(table(workspace.toml.root.get("profile")).get("release"))
        if profile.get("opt-level") not in (0, "0") or _is_said(workspace):
            continue
        if not any(package.binaries for package in workspace.packages):
            continue
        place = next(_released(workspace, manifests, scripts, sources), None)
        if place is not None:
            told = "the profile release has opt-level = 0: what is built with it here is not optimized at all"
            at = workspace.toml.at("profile", "release", "opt-level")
            yield broken(workspace.toml.path, told, at, place)


def _is_said(workspace: Workspace) -> bool:
    """Tell whether a comment in the table or above the key gives a reason."""
    toml = workspace.toml
    first, last = toml.line_of("profile", "release"), toml.line_of("profile", "release", "opt-level")
    lines = toml.source.lines[max(0, min(first or 1, last or 1) - 2) : last]
    return any("#" in line for line in lines)


def _released(
    workspace: Workspace, manifests: Manifests, scripts: Scripts, sources: Sources
) -> Iterator[Evidence]:
    """Go through the places where an image or a workflow that hands something on builds with the profile."""
    if workspace.directory == "":
        for source in sources.saying("cargo"):
            file = read_dockerfile(source) if is_dockerfile(source.path) and "/" not in source.path else None
            for stage in file.needed if file is not None else ():
                for run in stage.all("RUN"):
                    if _takes_profile(run.rest.split()):
                        yield source.at(run.line)
    for script, command in scripts.commands("cargo", spelling="release"):
        call = cargo_command(command) if script.job is not None and not script.never else None
        if call is None or call.subcommand not in ("build", "install") or not call.has("--release", "-r"):
            continue
        if call.workspace(manifests) is workspace and any(one in script.source.text for one in _HANDED_ON):
            yield script.source.at(command)


def _takes_profile(words: list[str]) -> bool:
    """Tell whether a call of cargo in an instruction compiles the repository with the profile release."""
    if "cargo" not in words:
        return False
    behind = words[words.index("cargo") + 1 :]
    if "install" in behind[:2]:
        return "--path" in behind and "--debug" not in behind
    return "build" in behind[:2] and ("--release" in behind or "-r" in behind)

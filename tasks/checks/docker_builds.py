"""Whether the images that workflows build can be built, and are the ones that they push."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import listed, merged, of_one_cause
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.dockerfile import Dockerfile, Stage, arguments, is_dockerfile, read_dockerfile
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ImageBuild, image_builds
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.spelling import misspelled
from tasks.domain.workflow import Workflows

_ALWAYS_KNOWN = re.compile(r"(?:https?|ftp|no|all)_proxy|BUILDKIT_\w+|SOURCE_DATE_EPOCH", re.IGNORECASE)
_OF_THE_PLATFORM = re.compile(r"(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)")


@check(
    "docker-argument-declared",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(summary="Declare it with ARG in the stage that reads it, or give it no more", minutes=5),
)
def docker_argument_declared(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """Every build argument that a workflow gives is declared: others have no effect."""
    yield from merged(_undeclared(workflows, scripts, sources))


def _undeclared(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    steps: dict[tuple[str, int], list[tuple[ImageBuild, Dockerfile | None]]] = {}
    for build, file in _builds(workflows, scripts, sources):
        for _, line in build.arguments or ():
            steps.setdefault((build.workflow.path, line), []).append((build, file))
    for (_, line), every in steps.items():
        made = [(build, file) for build, file in every if file is not None]
        if len(made) < len(every):
            continue  # one that nobody has read may take it
        declared = frozenset().union(*(file.declared for _, file in made))
        build = made[0][0]
        name = next(name for name, at in build.arguments or () if at == line)
        files = list(dict.fromkeys(one.file for one, _ in made))
        subject = f"{files[0]}: {name}"
        if name in declared or _ALWAYS_KNOWN.fullmatch(name):
            yield holds(subject, "is declared")
            continue
        meant = misspelled(name, declared)
        more = f"; is {meant} meant?" if meant else ""
        told = (
            f"{listed(files)} {'declare' if files[1:] else 'declares'} no argument {name!r}: it has no effect"
        )
        weight = Weight.WARNING if meant else None
        yield broken(subject, f"{told}{more}", build.workflow.source.at(line), weight=weight)


@check(
    "docker-argument-given",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Give the argument with `build-args:`, or a default in the Dockerfile", minutes=5),
)
def docker_argument_given(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """Every argument that names a base image has a default, or is given by whoever builds the image."""
    yield from merged(_not_given(workflows, scripts, sources))


def _not_given(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    for build, file in _builds(workflows, scripts, sources):
        if build.arguments is None or file is None:
            continue
        given = {name for name, _ in build.arguments}
        for one in file.arguments:
            for name, has_value in arguments(one):
                reads = rf"\$(?:{name}\b|\{{{name}\}})"
                stage = next((each for each in file.stages if re.fullmatch(reads, each.image)), None)
                if stage is None or has_value or _OF_THE_PLATFORM.fullmatch(name):
                    continue
                subject = f"{build.file}: {name}"
                if name in given:
                    yield holds(subject, "is given")
                else:
                    told = f"nobody gives {name!r}, and `FROM {stage.image}` names no image without it"
                    place = file.source.at(one.line), build.workflow.source.at(build.line)
                    yield broken(subject, told, *place, weight=None if build.fatal else Weight.WARNING)


_ARCHIVED: Mapping[str, tuple[str, str]] = {
    "buster": ("July 2025", "archive.debian.org"),
    "stretch": ("April 2023", "archive.debian.org"),
    "jessie": ("April 2023", "archive.debian.org"),
    "centos": ("July 2024", "vault.centos.org"),
}
"""Release -> since when its packages are gone from the usual mirrors, and where they are (November 2026)."""
_OF_DEBIAN = frozenset(
    {
        "debian", "rust", "python", "node", "golang", "ruby", "php", "perl", "openjdk", "buildpack-deps",
        "rustlang/rust",
    }
)  # fmt: skip
_NUMBERS = {"10": "buster", "9": "stretch", "8": "jessie"}
_ELSEWHERE = re.compile(r"archive\.debian|snapshot|sources\.list|vault\.centos|yum\.repos\.d|old-releases")
_INSTALLS = {
    "debian": re.compile(r"\bapt(?:-get)?\s+(?:-\S+\s+)*update\b(?![^&;]*\|\|)"),
    "centos": re.compile(r"\b(?:yum|dnf)\s+(?:-\S+\s+)*(?:install|update|upgrade)\b(?![^&;]*\|\|)"),
}


@check(
    "docker-base-has-packages",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Build on a release that is still kept, for instance bookworm", minutes=20),
)
def docker_base_has_packages(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    """No image installs packages on a base whose release has gone from the mirrors: the build fails there."""
    yield from of_one_cause(_installing(workflows, scripts, sources))


def _installing(workflows: Workflows, scripts: Scripts, sources: Sources) -> Iterator[Answer]:
    building = {build.file: build for build, _ in _builds(workflows, scripts, sources) if build.fatal}
    for source in sources:
        file = read_dockerfile(source) if is_dockerfile(source.path) else None
        if file is None or _ELSEWHERE.search(source.text):
            continue
        build = building.get(source.path)
        for stage in file.needed:
            base = file.chain(stage)[-1]
            release = _release(base)
            asks = _INSTALLS["centos" if release == "centos" else "debian"]
            line = next((one.line for one in stage.all("RUN") if asks.search(one.rest)), None)
            if release is None or line is None:
                continue
            since, where = _ARCHIVED[release]
            told = f"`FROM {base.image}`: since {since} its packages are only on {where}: installing fails"
            places = [source.at(line), source.at(base.line)]
            if build is not None:
                places.append(build.workflow.source.at(build.line))
            yield broken(source.path, told, *places, weight=None if build is not None else Weight.WARNING)
            break


def _release(stage: Stage) -> str | None:
    """Return the release of a base image that is kept nowhere but in an archive."""
    name, _, tag = stage.image.partition("@")[0].rpartition(":")
    name = name.removeprefix("docker.io/").removeprefix("library/")
    if "$" in stage.image or not name:
        return None
    if name == "centos":
        return "centos" if tag[:1] in ("6", "7", "8") or tag.startswith("centos") else None
    if name not in _OF_DEBIAN:
        return None
    parts = tag.split("-")
    number = _NUMBERS.get(tag.partition("-")[0].partition(".")[0]) if name == "debian" else None
    return number or next((one for one in parts if one in _ARCHIVED), None)


def _builds(
    workflows: Workflows, scripts: Scripts, sources: Sources
) -> Iterator[tuple[ImageBuild, Dockerfile | None]]:
    """Go through the builds of workflows, each with its Dockerfile when that was read."""
    read: dict[str, Dockerfile | None] = {}
    for workflow in workflows:
        for build in image_builds(workflow, scripts):
            source = sources.get(build.file)
            if build.file not in read:
                read[build.file] = read_dockerfile(source) if source is not None else None
            yield build, read[build.file]

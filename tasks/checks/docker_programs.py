"""Whether a stage of a Dockerfile has the programs that another one copies from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed, merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.crate import Manifests
from tasks.domain.dockerfile import Dockerfile, Stage, is_dockerfile, read_dockerfile
from tasks.domain.finding import Remedy, Weight
from tasks.domain.image_build import ImageBuild, image_builds
from tasks.domain.phase import Phase
from tasks.domain.script import Scripts
from tasks.domain.source import Sources
from tasks.domain.workflow import Workflows

_PROGRAM = re.compile(r"(?:^|/)target/(?:(?P<target>[\w.-]+)/)?(?P<profile>[\w-]+)/(?P<name>[\w-]+)$")
_CARGO_BUILD = re.compile(r"\bcargo\s+(?:\+\S+\s+)?(?:build|b|rustc)\b(?P<rest>[^&|;\n]*)")
_MAY_WRITE = re.compile(
    r"\bgit\s+clone|\bcurl\b|\bwget\b|\bcargo\s+(?!build\b|b\b|chef\b|fetch\b|check\b|test\b|fmt\b|clippy\b)\w+|"
    r"\b(?:make|just|cross|xtask|bazel|nix|cmake|ninja|npm|trunk|wasm-pack|tar|unzip)\b|\./|\.sh\b|"
    r"CARGO_TARGET|CARGO_BUILD|--target-dir|--artifact-dir|--out-dir|--config\b"
)
"""What may put a program anywhere, or move the directory in which cargo leaves it."""
_DIRECTORIES = {"dev": "debug", "test": "debug", "bench": "release"}


@check(
    "docker-copied-program-built",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(summary="Copy the program that the stage builds, from where cargo leaves it", minutes=5),
)
def docker_copied_program_built(
    workflows: Workflows, scripts: Scripts, sources: Sources, manifests: Manifests
) -> Iterator[Answer]:
    """Every program that a Dockerfile copies out of another stage's target directory is built there."""
    if manifests.broken or not manifests.packages or any("build" in one.root for one in manifests.configs):
        return
    known = {target.name for package in manifests for target in package.targets}
    building = {
        one.file: one for workflow in workflows for one in image_builds(workflow, scripts) if one.fatal
    }
    for source in sources:
        file = read_dockerfile(source) if is_dockerfile(source.path) else None
        if file is not None:
            yield from merged(_copies(file, known, building.get(source.path)))


def _copies(file: Dockerfile, known: set[str], build: ImageBuild | None) -> Iterator[Answer]:
    for stage in file.stages:
        for copy in stage.all("COPY"):
            taken = file.stage(copy.flags.get("from", "").lower() or "?")
            if taken is None:
                continue
            for path in copy.words[:-1]:
                program = _PROGRAM.search(path)
                why = None if program is None else _missing(file, taken, program, known)
                subject = f"{file.source.path}: {path}"
                if why is not None:
                    places = [file.source.at(copy.line)]
                    if build is not None:
                        places.append(build.workflow.source.at(build.line))
                    yield broken(subject, why, *places, weight=None if build else Weight.WARNING)
                elif program is not None:
                    yield holds(subject, "may be there")


@dataclass(frozen=True, kw_only=True)
class _Left:
    """Where one call of cargo leaves programs: ``target`` is None for the machine's own directory."""

    target: str | None
    profile: str


def _missing(file: Dockerfile, stage: Stage, program: re.Match[str], known: set[str]) -> str | None:
    """Return why a stage has no such program; None when it may."""
    chain = file.chain(stage)
    runs = " ; ".join(one.rest for each in chain for one in each.all("RUN"))
    env = " ".join(one.rest for each in chain for name in ("ENV", "ARG") for one in each.all(name))
    own = any("from" not in one.flags for each in chain for one in (*each.all("COPY"), *each.all("ADD")))
    if not own or _MAY_WRITE.search(runs) or "CARGO" in env or "$" in chain[-1].image:
        return None
    if re.search(r"\b(?:cp|mv|ln|install)\b[^;&]*\btarget/", runs) or "cargo" not in runs:
        return None
    if _takes_a_target(chain):
        return None
    name = program["name"]
    if name not in known and not re.search(rf"\b{re.escape(name)}\b", f"{runs} {env}"):
        return f"no package builds a program {name!r}, so the stage has none to copy"
    left = [_left(found["rest"]) for found in _CARGO_BUILD.finditer(runs)]
    if not left or None in left:
        return None
    wanted = _Left(target=program["target"], profile=program["profile"])
    if wanted in left:
        return None
    places = [f"target/{f'{one.target}/' if one.target else ''}{one.profile}" for one in left if one]
    return f"the stage leaves programs in {listed(places)} only, not at {program[0].strip('/')}"


def _takes_a_target(chain: tuple[Stage, ...]) -> bool:
    """Tell whether a stage takes a target directory from elsewhere."""
    copies = (one for each in chain for one in each.all("COPY"))
    return any("target" in word for one in copies for word in one.words)


def _left(options: str) -> _Left | None:
    """Return where a call leaves programs; None when only a build can tell."""
    if "$" in options:
        return None
    given: dict[str, str] = dict(re.findall(r"--(profile|target)[\s=]+(\S+)", options))
    release = re.search(r"(?:^|\s)(?:--release|-r)\b", options) is not None
    profile = given.get("profile", "release" if release else "dev")
    return _Left(target=given.get("target"), profile=_DIRECTORIES.get(profile, profile))

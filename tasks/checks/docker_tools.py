"""Whether tools of cargo that an image installs can be built by the Rust that it has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from tasks.domain.check import Answer, broken, check
from tasks.domain.crate import Manifests, Package, Workspace
from tasks.domain.dockerfile import Dockerfile, Instruction, Stage, is_dockerfile, read_dockerfile
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.rust_version import EDITION_SINCE, RustVersion
from tasks.domain.source import Sources
from tasks.domain.tree import Tree

_NEEDS: Mapping[str, RustVersion] = {"cargo-chef": RustVersion(1, 86)}
"""Crate -> the Rust below which `cargo install --locked` of its newest release is refused (2026-04)."""
_OLDER_DAYS = {"cargo-chef": "2025-01-01"}  # a nightly before this day is older than that release
_INSTALLS = re.compile(r"\bcargo install ((?:[^\n;&|\\]|\\\n)*)")
_IMAGE = re.compile(r"(?:docker\.io/)?(?:library/)?rust:(\d+\.\d+(?:\.\d+)?)(?:-[\w.-]+)?(?:@\S+)?")
_CHOOSES = re.compile(
    r"RUSTUP_TOOLCHAIN|\brustup\s+(?:default|override|toolchain|update)\b|--default-toolchain"
)
_BUILDS = re.compile(r"\bcargo (?:build|test|install --path|check|chef cook)\b")
_DAY = re.compile(r"nightly-(\d{4}-\d\d-\d\d)")
_FILES = ("rust-toolchain.toml", "rust-toolchain")


@check(
    "docker-tool-builds",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Install a release that the image's Rust can build: `cargo install NAME@VERSION`"),
)
def docker_tool_builds(sources: Sources, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """Every tool that an image installs at its newest release is one that the image's Rust can build."""
    for source in sources.saying(*_NEEDS, told=False):
        if not is_dockerfile(source.path) or "cargo install" not in source.text:
            continue
        made = read_dockerfile(source)
        if made is None:
            continue
        for stage in made.needed:
            for place, one in enumerate(stage.instructions):
                tool = _installed(one)
                before = stage.instructions[:place]
                rust = _rust(made, stage, before, manifests, tree) if tool is not None else None
                if tool is not None and rust is not None and _is_older(rust, tool):
                    told = f"the newest {tool} needs Rust {_NEEDS[tool]} or newer, and the image has {rust}: "
                    told += "cargo refuses to build it"
                    yield broken(f"{source.path}: {tool}", told, source.at(one.line))


@check(
    "docker-rust-new-enough",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(summary="Build on an image of a Rust that the packages allow", minutes=5),
)
def docker_rust_new_enough(sources: Sources, manifests: Manifests, tree: Tree) -> Iterator[Answer]:
    """No image builds a workspace with a Rust that is older than each of its packages asks for."""
    if manifests.broken:
        return
    for source in sources.saying("rust:1.", told=False):
        made = read_dockerfile(source) if is_dockerfile(source.path) else None
        for stage in made.needed if made is not None else ():
            for place, one in enumerate(stage.instructions):
                if made is None or one.name != "RUN" or _BUILDS.search(one.rest) is None:
                    continue
                before = stage.instructions[:place]
                rust = _rust(made, stage, before, manifests, tree)
                version = RustVersion.read(rust) if rust is not None else None
                if version is None or "--ignore-rust-version" in one.rest:
                    continue
                there = _workspace(made, stage, before, one, manifests)
                packages = there.packages if there is not None else manifests.packages
                least = _least(packages)
                if least is not None and version[:2] < least[:2]:
                    of = f"every package of {there.directory}" if there is not None else "every package here"
                    told = f"the image has Rust {rust}, and {of} asks for {least} or newer"
                    asks = [package.toml.at("package", "rust-version") for package in packages[:1] if there]
                    yield broken(source.path, told, source.at(one.line), source.at(stage.line), *asks)
                    break


def _least(packages: tuple[Package, ...]) -> RustVersion | None:
    """Return the oldest Rust that any of some packages is built by; None when one of them does not say."""
    asked = [_needed(one) for one in packages]
    return None if None in asked else min((one for one in asked if one is not None), default=None)


def _workspace(
    file: Dockerfile, stage: Stage, before: tuple[Instruction, ...], run: Instruction, manifests: Manifests
) -> Workspace | None:
    """Return the workspace below the root that a RUN builds: what was copied has it, and people are there."""
    earlier = [*before, *(one for below in file.chain(stage)[1:] for one in below.instructions)]
    places = [one.rest.strip() for one in before if one.name == "WORKDIR"]
    if not places or "--manifest-path" in run.rest or re.search(r"\bcd ", run.rest):
        return None
    copied = [word for one in earlier if one.name == "COPY" and "from" not in one.flags for word in one.words]
    for one in manifests.own:
        directory = one.directory
        above = ("", *(directory[:at] for at, sign in enumerate(directory) if sign == "/"), directory)
        if directory and places[-1].endswith(f"/{directory}"):
            clean = {posixpath.normpath(word).removeprefix("/") for word in copied}
            return one if not clean.isdisjoint({*above, "."}) else None
    return None


def _needed(package: Package) -> RustVersion | None:
    """Return the oldest Rust that cargo lets build a package; None when it does not say."""
    known = (RustVersion.read(package.rust_version or ""), EDITION_SINCE.get(package.edition))
    return max((one for one in known if one is not None), default=None)


def _installed(one: Instruction) -> str | None:
    """Return the tool that a RUN installs at its newest release, held to that release's own lock file."""
    for words in _INSTALLS.findall(one.rest) if one.name == "RUN" and "+" not in one.rest else ():
        given = words.split()
        if "--locked" in given and not any(word.startswith(("--version", "--vers")) for word in given):
            return next((word for word in given if word in _NEEDS), None)
    return None


def _rust(
    file: Dockerfile, stage: Stage, before: tuple[Instruction, ...], manifests: Manifests, tree: Tree
) -> str | None:
    """Return the toolchain of an image where it is certain: that of the copied file, or the image's own."""
    earlier = [*before, *(one for below in file.chain(stage)[1:] for one in below.instructions)]
    if any(_CHOOSES.search(one.rest) for one in earlier):
        return None
    pinned = manifests.toolchain
    copied = [one for one in earlier if one.name in ("COPY", "ADD")]
    if pinned is not None and any(
        one.words[:1] in ([name], [f"./{name}"]) for one in copied for name in _FILES if len(one.words) == 2
    ):
        return pinned.channel
    image = _IMAGE.fullmatch(file.chain(stage)[-1].image)
    mounted = any("type=bind" in one.rest for one in stage.all("RUN"))
    brought = pinned is not None and (mounted or any(_may_bring(one, tree) for one in copied))
    return image[1] if image is not None and not brought else None


def _may_bring(copying: Instruction, tree: Tree) -> bool:
    """Tell whether what is copied may have a file that chooses the toolchain."""
    given = [posixpath.normpath(word) for word in copying.words[:-1]]
    if "from" in copying.flags or not given or "<<" in copying.rest or copying.rest.lstrip().startswith("["):
        return True
    if any(re.search(r"[*?$\[]|^\W*$", word) or posixpath.basename(word) in _FILES for word in given):
        return True
    chosen = [one.path for one in tree if posixpath.basename(one.path) in _FILES]
    return any(f"/{word.strip('/')}/" in f"/{path}" for word in given for path in chosen)


def _is_older(rust: str, tool: str) -> bool:
    version, day = RustVersion.read(rust), _DAY.fullmatch(rust)
    if day is not None:
        return day[1] < _OLDER_DAYS[tool]
    return version is not None and version < _NEEDS[tool]

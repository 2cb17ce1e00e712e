"""Whether what documents tell people to install by its name is what the repository publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.answers import listed
from tasks.domain.cargo_command import cargo_command
from tasks.domain.check import Answer, check
from tasks.domain.crate import Manifests, Package
from tasks.domain.document import Document, Documents
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.phase import Phase
from tasks.domain.script import Command
from tasks.domain.source import Sources
from tasks.domain.told import Told, named, once

_FROM_ELSEWHERE = ("--git", "--path", "--registry", "--index", "--manifest-path")
_TAKES = frozenset(
    {
        "--version", "--vers", "--bin", "--bins", "--example", "--root", "--features", "-F", "-j", "--jobs",
        "--target", "--profile", "--target-dir", "--color", "--config", "-Z", "--pkg-url", "--pkg-fmt",
        "--bin-dir", "--targets", "--strategies", "--github-token",
    }
)  # fmt: skip
_NOT_YET = re.compile(
    r"\b(?:once|when|will|future|plan\w*|not yet|not published|unpublished|coming|soon|todo|after)\b|n't\b",
    re.IGNORECASE,
)
_ABOVE = 4
_OF_A_VERSION = re.compile(r"(?:^|/)v?\d+[-.]\d+[\w.-]*/")
"""A directory of documents that describe the repository as it was in one release."""
_FORBIDDEN = ("publish = false", "publish=false")


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A package that crates.io cannot have, and why."""

    package: Package
    why: str


@check(
    "documented-install-published",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(
        summary="Tell people to install it from the repository: `cargo install --git ADDRESS NAME`",
        minutes=10,
    ),
)
def documented_install_published(
    documents: Documents, manifests: Manifests, sources: Sources
) -> Iterator[Answer]:
    """Every package of the repository that documents install by its name is one that may be published."""
    told = any(True for _ in followed(documents, "cargo install", "cargo binstall"))
    kept = _unpublished(manifests, sources) if told and not manifests.broken else {}
    if kept:
        yield from once(tuple(_installs(documents, kept)), lambda found: _say(named(found), kept))


def _say(names: list[str], kept: dict[str, _Kept]) -> str:
    why = [f"{one} {kept[one].why}" for one in names]
    return f"tells to install {listed(names)} from crates.io, and {listed(why, most=3)}"


def _installs(documents: Documents, kept: dict[str, _Kept]) -> Iterator[Told]:
    for document in followed(documents, "cargo install", "cargo binstall"):
        if _OF_A_VERSION.search(document.path):
            continue
        calls = ("cargo install", "cargo binstall")
        for script in (*document.scripts_with(*calls), *document.spoken_with(*calls)):
            for command in script.running("cargo"):
                for name in _named(command):
                    if name in kept and not _is_to_come(document, command):
                        yield Told(document=document.path, name=name, place=document.source.at(command))


def _named(command: Command) -> Iterator[str]:
    """Go through the packages that a call takes from crates.io."""
    call = cargo_command(command)
    if call is None or call.subcommand not in ("install", "binstall"):
        return
    if any(word.text.startswith(_FROM_ELSEWHERE) for word in call.options):
        return
    value = False
    for word in call.options:
        if value or word.text.startswith("-"):
            value = not value and word.text in _TAKES
        elif word.literal is not None:
            yield word.literal.partition("@")[0]


def _is_to_come(document: Document, command: Command) -> bool:
    above = document.source.lines[max(0, command.line - 1 - _ABOVE) : command.line]
    return any(_NOT_YET.search(one) for one in above)


def _unpublished(manifests: Manifests, sources: Sources) -> dict[str, _Kept]:
    """Return the packages with programs that may not go to crates.io; none where a script lets them."""
    if any(not one.path.endswith(".toml") for one in sources.saying(*_FORBIDDEN, told=False)):
        return {}
    by_name: dict[str, list[_Kept | None]] = {}
    for package in manifests:
        by_name.setdefault(package.name, []).append(_kept(package, manifests) if package.binaries else None)
    return {name: found[0] for name, found in by_name.items() if found[0] is not None and all(found)}


def _kept(package: Package, manifests: Manifests) -> _Kept | None:
    """Return what keeps a package from crates.io: its own word, or that of one that it is made of."""
    if _is_forbidden(package, manifests):
        return _Kept(package=package, why="says `publish = false`")
    for one in package.dependencies:
        other = manifests.at(one.path) if one.path is not None and one.kind != "dev" else None
        if other is not None and one.version is None and _is_forbidden(other, manifests):
            return _Kept(package=package, why=f"is made of {other.name}, which says `publish = false`")
    return None


def _is_forbidden(package: Package, manifests: Manifests) -> bool:
    about = package.toml.root.get("package")
    value = about.get("publish") if isinstance(about, dict) else None
    if isinstance(value, dict) and value.get("workspace") is True:
        workspace = manifests.workspace(package.directory)
        root = workspace.toml.root.get("workspace") if workspace is not None else None
        shared = root.get("package") if isinstance(root, dict) else None
        value = shared.get("publish") if isinstance(shared, dict) else None
    return value is False or (isinstance(value, list) and "crates-io" not in value)

"""Whether Dependabot finds what its settings send it to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from tasks.domain.answers import merged
from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.dependabot import PATHS, Update, updates
from tasks.domain.finding import Remedy, Weight
from tasks.domain.phase import Phase
from tasks.domain.source import Source, Sources
from tasks.domain.tree import Tree

_WANTED: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "bundler": ("Gemfile or gemspec", re.compile(r"Gemfile|gems\.rb|.*\.gemspec|.*\.rb")),
    "cargo": ("Cargo.toml", re.compile(r"Cargo\.toml")),
    "composer": ("composer.json", re.compile(r"composer\.json")),
    "docker": ("Dockerfile", re.compile(r".*(?:dockerfile|containerfile).*|.*\.ya?ml", re.IGNORECASE)),
    "github-actions": ("action.yml or workflow", re.compile(r".*\.ya?ml")),
    "gitsubmodule": (".gitmodules", re.compile(r"\.gitmodules")),
    "gomod": ("go.mod", re.compile(r"go\.mod")),
    "mix": ("mix.exs", re.compile(r"mix\.exs")),
    "npm": ("package.json", re.compile(r"package\.json")),
    "terraform": ("file of Terraform", re.compile(r".*\.(?:tf|hcl)")),
}
"""Ecosystem -> what its directory has to have, after the file fetchers of dependabot-core."""
_WORKFLOWS = ".github/workflows"


@check(
    "dependabot-directory-exists",
    phase=Phase.FIRST_RUN,
    weight=Weight.NOTE,
    remedy=Remedy(
        summary="Name the directory that has the manifest, or remove the entry",
        url="https://docs.github.com/en/code-security/dependabot/working-with-dependabot/"
        "dependabot-options-reference",
        minutes=5,
    ),
)
def dependabot_directory_exists(sources: Sources, tree: Tree) -> Iterator[Answer]:
    """Every directory that Dependabot is sent to is there, with what it updates, and is named once."""
    for path in PATHS:
        source = sources.get(path)
        if source is not None and source.readable:
            found = updates(source)
            yield from merged((*_directories(source, found, tree), *_twice(source, found)))


def _directories(source: Source, found: tuple[Update, ...], tree: Tree) -> Iterator[Answer]:
    missing: list[tuple[str, int]] = []
    for update in found:
        ecosystem = str(update.ecosystem)
        # Dependabot leaves out what has no manifest where one of an entry's directories is a pattern.
        some = any("*" in one for one, _ in update.directories)
        for written, line in update.directories if update.wanted and not some else ():
            if "${" in written or ".." in written:
                continue
            directory = posixpath.normpath(written.strip("/") or ".")
            lacks = _lacks(ecosystem, "" if directory == "." else directory, tree)
            if lacks is None:
                yield holds(f"dependabot: {ecosystem} in {written}", "has what is updated")
            else:
                missing.append((f"{ecosystem} in {written}, {lacks}", line))
    if missing:
        each = "; ".join(dict.fromkeys(said for said, _ in missing))
        fails = "these updates fail" if len(missing) > 1 else "that update fails"
        places = [source.at(line) for _, line in missing]
        told = f"Dependabot is to update {each}: {fails} each time"
        yield broken("dependabot: directories", told, *places)


def _lacks(ecosystem: str, directory: str, tree: Tree) -> str | None:
    """Say what is missing for an ecosystem; None when it is there, or nobody can see whether it is."""
    if directory and tree.unseen(directory):
        return None
    if directory and not tree.directory(directory):
        return "which the repository does not have"
    wanted = _WANTED.get(ecosystem)
    if wanted is None:
        return None
    name, pattern = wanted
    places = (_WORKFLOWS, "") if ecosystem == "github-actions" and not directory else (directory,)
    names = {one for place in places for one in tree.inside.get(place, ())}
    return None if any(pattern.fullmatch(one) for one in names) else f"which has no {name}"


def _twice(source: Source, found: tuple[Update, ...]) -> Iterator[Answer]:
    first: dict[tuple[str | None, str, str | None], int] = {}
    for update in found:
        for written, line in update.directories:
            key = (update.ecosystem, written.rstrip("/") or "/", update.branch)
            if key in first:
                told = (
                    f"{update.ecosystem} in {written} has two entries: GitHub asks for one of each "
                    "ecosystem, directory and target branch, and takes none of the file"
                )
                remedy = Remedy(summary="Make one entry of the two", minutes=5)
                places = source.at(first[key]), source.at(line)
                subject = f"dependabot: {update.ecosystem} in {written} twice"
                yield broken(subject, told, *places, remedy=remedy)
            first.setdefault(key, line)

"""Whether the version of the repository's own action that documents show is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.domain.check import Answer, check
from tasks.domain.document import Documents
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.followed import followed
from tasks.domain.git_state import GitState
from tasks.domain.phase import Phase
from tasks.domain.source import Sources
from tasks.domain.told import Told, once

_REPOSITORY = re.compile(
    r"^\s*repository\s*=\s*[\"']https?://github\.com/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?[\"']",
    re.MULTILINE,
)
_USES = re.compile(
    r"^\W*uses:\s*[\"']?(?P<name>[\w.-]+/[\w.-]+)(?:/[\w./-]+)?@(?P<ref>v?\d+(?:\.\d+)*)[\"']?\s*(?:#.*)?$"
)
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)")


@check(
    "documented-use-exists",
    phase=Phase.RELEASE,
    weight=Weight.NOTE,
    subject="documents",
    remedy=Remedy(summary="Name a tag that there is, or push one of this name with each release", minutes=5),
)
def documented_use_exists(documents: Documents, sources: Sources, git: GitState | Unseen) -> Iterator[Answer]:
    """Every version at which a document uses the repository's own action is a tag or a branch of it."""
    manifest = sources.get("Cargo.toml")
    own = _REPOSITORY.search(manifest.text) if manifest is not None else None
    if own is None or not isinstance(git, GitState) or git.shallow or not git.tags:
        return
    there = {*git.tags, *git.branches, *git.remote_branches}
    newest = max((_parts(tag) for tag in git.tags), default=())
    told: list[Told] = []
    for document in followed(documents, f"{own['name']}@", f"{own['name']}/"):
        for number, line in enumerate(document.source.lines, 1):
            found = _USES.match(line) if own["name"] in line else None
            if found is None or found["name"] != own["name"] or found["ref"] in there:
                continue
            # A version that is to come is written before its tag.
            if _parts(found["ref"]) <= newest:
                place = document.source.at(number)
                told.append(Told(document=document.path, name=f"{own['name']}@{found['ref']}", place=place))
    yield from once(told, lambda all_of: f"uses {all_of[0].name}, and no tag or branch here has the name")


def _parts(tag: str) -> tuple[int, ...]:
    found = _VERSION.fullmatch(tag)
    return tuple(int(part) for part in found[1].split(".")) if found is not None else ()

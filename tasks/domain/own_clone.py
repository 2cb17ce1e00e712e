"""A clone of the repository itself, by which a document leads people to its root and nowhere else."""

from __future__ import annotations

import posixpath
import re

from tasks.domain.source import Sources

_CLONE = re.compile(
    r"\bgit clone\s+(?:(?:--recursive|--recurse-submodules|--depth[= ]\d+|--single-branch|--quiet|-q)\s+)*"
    r"(?:https?://|ssh://|git@)\S*?[/:](?P<name>[\w.-]+?)(?:\.git)?/?"
    r"(?:[ \t]+(?P<into>[\w.-]+))?[ \t]*(?=$|[\n;&|#`])",
    re.MULTILINE,
)
"""Without a branch or tag: what people then have is what is here."""
_REPOSITORY = re.compile(
    r"^\s*repository\s*=\s*[\"']https?://[\w.-]+/[\w.-]+/([\w.-]+?)(?:\.git)?/?[\"']", re.MULTILINE
)
_BADGE = re.compile(r"github\.com/[\w.-]+/([\w.-]+)/(?:actions/)?workflows/")


def own_names(sources: Sources) -> frozenset[str]:
    """Return what the repository is called on its forge, in lower case, as its manifests and badges say.

    A root manifest decides over others: those may be of packages that came from somewhere else.
    """
    manifests = [one for one in sources.saying("repository", told=False) if one.path.endswith("Cargo.toml")]
    above = [one for one in manifests if one.path == "Cargo.toml"]
    said = {name.lower() for one in above or manifests for name in _REPOSITORY.findall(one.text)}
    readme = next((one for one in sources if one.path.lower() == "readme.md"), None)
    badges = {name.lower() for name in _BADGE.findall(readme.text)} if readme is not None else set()
    return frozenset(names if len(names) == 1 else ()) if (names := said or badges) else frozenset()


def without_own_clones(text: str, names: frozenset[str]) -> str:
    """Return a text without the commands that clone the repository and go to its root."""
    if not names or "git clone" not in text:
        return text
    gone: set[str] = set()

    def take(found: re.Match[str]) -> str:
        if found["name"].lower() not in names:
            return found[0]
        gone.add(found["into"] or found["name"])
        return ""

    left = _CLONE.sub(take, text)
    for name in gone:
        left = re.sub(rf"\bcd\s+(?:\./)?{re.escape(name)}/?(?=$|[\s;&|#`])", "", left)
    return left


def is_root(place: str, names: frozenset[str]) -> bool:
    """Tell whether a directory that people go to may be the root of a clone: it has the repository's name."""
    return posixpath.basename(place.rstrip("/")).lower() in names

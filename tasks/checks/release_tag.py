"""Whether the tag that is to be released is still free on GitHub."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.fact import Unseen
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeTag
from tasks.domain.git_state import GitState
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings

_NEXT = Remedy(
    summary="Raise the version in Cargo.toml and commit: a tag that is out is never moved",
    owner="repository",
    minutes=10,
)


@check("tag-is-free", phase=Phase.RELEASE, remedy=_NEXT)
def tag_is_free(tag: ForgeTag | Unseen, settings: Settings, git: GitState | Unseen) -> Iterator[Answer]:
    """No other commit has the tag that is to be released: it is free, or at this very commit."""
    if isinstance(tag, Unseen):
        yield from _in_clone(settings, git)
        return
    if tag.name is None or settings.commit is None:
        return
    if tag.commit is None:
        yield holds(tag.name, "is free")
    elif tag.commit == settings.commit:
        yield holds(tag.name, "is at the commit")
    else:
        told = f"{tag.name} is at {tag.commit[:9]}, the commit to be released is {settings.commit[:9]}"
        yield broken(tag.name, told, Evidence(source="github", excerpt=f"refs/tags/{tag.name} {tag.commit}"))


def _in_clone(settings: Settings, git: GitState | Unseen) -> Iterator[Answer]:
    """Judge a tag that the settings spell by the clone's own; one that follows a version is only the next."""
    origin = settings.origins.get("release.tag")
    if settings.tag is None or origin is None or origin.source == "discovered" or isinstance(git, Unseen):
        return
    if settings.tag not in git.tags or git.commit is None or settings.tag in git.tags_here:
        yield holds(settings.tag, "is free in the clone, or at the commit")
        return
    told = f"{settings.tag} is to be made at {git.commit[:9]}, and this clone has it at another commit"
    shown = [Evidence(file=origin.file, line=origin.line)] if origin.file is not None else []
    here = Evidence(source="git", excerpt=f"refs/tags/{settings.tag}")
    yield broken(settings.tag, told, *shown, here, weight=Weight.WARNING)


@check(
    "release-name-is-free",
    phase=Phase.RELEASE,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Delete the release that is left over, or release the next version",
        owner="github-admin",
        minutes=5,
    ),
)
def release_name_is_free(tag: ForgeTag) -> Iterator[Answer]:
    """No release of the tag's name is left over on GitHub, without the tag, from an attempt before."""
    if tag.name is None:
        return
    left = [one for one in tag.releases if tag.commit is None]
    if left:
        kind = "draft" if left[0].draft else "release"
        told = f"GitHub has a {kind} {left[0].name!r} for {tag.name}, and no such tag"
        yield broken(tag.name, told, Evidence(source="github", url=left[0].url))
    else:
        yield holds(tag.name, "has no release that is left over")

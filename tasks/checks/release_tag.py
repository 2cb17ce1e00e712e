"""Whether the tag that is to be released is still free on GitHub."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeTag
from tasks.domain.phase import Phase
from tasks.domain.settings import Settings

_NEXT = Remedy(
    summary="Raise the version in Cargo.toml and commit: a tag that is out is never moved",
    owner="repository",
    minutes=10,
)


@check("tag-is-free", phase=Phase.RELEASE, remedy=_NEXT)
def tag_is_free(tag: ForgeTag, settings: Settings) -> Iterator[Answer]:
    """No other commit has the tag that is to be released: it is free, or at this very commit."""
    if tag.name is None or settings.commit is None:
        return
    if tag.commit is None:
        yield holds(tag.name, "is free")
    elif tag.commit == settings.commit:
        yield holds(tag.name, "is at the commit")
    else:
        told = f"{tag.name} is at {tag.commit[:9]}, the commit to be released is {settings.commit[:9]}"
        yield broken(tag.name, told, Evidence(source="github", excerpt=f"refs/tags/{tag.name} {tag.commit}"))


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

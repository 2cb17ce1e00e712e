"""Whether the caches of the workflows have room on GitHub."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeRepository
from tasks.domain.forge_cache import GB, INCLUDED_GB, ForgeCaches
from tasks.domain.phase import Phase

_NEAR = 0.8


@check("caches-fit", phase=Phase.FIRST_RUN, weight=Weight.WARNING)
def caches_fit(caches: ForgeCaches, repository: ForgeRepository) -> Iterator[Answer]:
    """All caches of the repository together stay below the limit from which GitHub deletes some."""
    limit = INCLUDED_GB if caches.limit_gb is None else caches.limit_gb
    taken = f"{caches.count} caches take {caches.size / GB:.1f} GB"
    room = f"{limit} GB" + ("" if caches.limit_gb is not None else " that are included")
    places = [
        Evidence(
            source="github",
            excerpt=f"{one.size / GB:.1f} GB: {one.key} ({one.ref})",
            url=f"{repository.url}/actions/caches",
        )
        for one in caches.largest
    ]
    remedy = Remedy(
        summary="Keep fewer or smaller caches, delete old ones, or let the owner pay for a higher limit",
        commands=(
            f"gh cache list --repo {repository.full_name} --sort size_in_bytes --order desc",
            f"gh cache delete --repo {repository.full_name} KEY",
        ),
        url=f"{repository.url}/actions/caches",
        owner="repository",
        minutes=15,
    )
    if caches.size > limit * GB:
        told = (
            f"{taken} of {room}: within the hour GitHub deletes those unused longest, and they are made anew"
        )
        yield broken("caches", told, *places, remedy=remedy)
    elif caches.size > _NEAR * limit * GB:
        told = f"{taken} of {room}: above that GitHub deletes those unused longest"
        yield broken("caches", told, *places, remedy=remedy, weight=Weight.NOTE)
    elif caches.size > INCLUDED_GB * GB:
        told = f"{taken}: the owner allowed {limit} GB and pays for what is above {INCLUDED_GB} GB"
        yield broken("caches", told, *places, remedy=remedy, weight=Weight.NOTE)
    else:
        yield holds("caches", f"{taken} of {room}")

import pytest

from tasks.domain.forge_cache import GB, ForgeCache, ForgeCaches
from tests.checks.test_github_repository import REPOSITORY, one
from tests.checks.testing import ask


def caches(gigabytes: float, limit: int | None = None) -> ForgeCaches:
    largest = (ForgeCache(key="cargo-1", ref="refs/heads/main", size=GB),)
    return ForgeCaches(size=int(gigabytes * GB), count=7, largest=largest, limit_gb=limit)


@pytest.mark.parametrize(
    ("taken", "limit", "weight"),
    [
        (10.5, None, "warning"),
        (8.5, None, "note"),
        (10.5, 10, "warning"),
        (25, 20, "warning"),
        (12, 20, "note"),
    ],
)
def test_caches_that_take_much_are_told_with_the_largest(
    taken: float, limit: int | None, weight: str
) -> None:
    found = one(ask("caches-fit", {}, caches(taken, limit), REPOSITORY))
    assert (found.weight, found.evidence[0].excerpt) == (weight, "1.0 GB: cargo-1 (refs/heads/main)")


def test_caches_with_room_left_are_fine() -> None:
    assert ask("caches-fit", {}, caches(7.9), REPOSITORY) == []
    assert ask("caches-fit", {}, caches(9.5, 20), REPOSITORY) == []


def test_what_is_paid_for_is_said_to_be() -> None:
    assert "pays for what is above 10 GB" in one(ask("caches-fit", {}, caches(12, 20), REPOSITORY)).message

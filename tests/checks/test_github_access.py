from dataclasses import replace

import pytest

from tasks.domain.forge import TokenKind
from tasks.domain.forge_access import ForgeAccess, Sight
from tests.checks.test_github_repository import TOKEN, one
from tests.checks.testing import ask

SEEN = ForgeAccess(owner="o", name="n", sight=Sight.SEEN)
FINE = replace(TOKEN, kind=TokenKind.FINE_GRAINED, scopes=None)


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (FINE, "a fine-grained token sees one owner's repositories"),
        (replace(TOKEN, kind=TokenKind.APP, scopes=None), "repositories that the app is installed in"),
        (replace(TOKEN, scopes=frozenset({"gist"})), "takes the scope `repo`"),
        (TOKEN, "hides it from me"),
    ],
)
def test_a_repository_that_is_not_found_is_explained_by_what_the_token_is(token: object, why: str) -> None:
    found = one(ask("repository-seen", {}, replace(SEEN, sight=Sight.NOT_FOUND, said="404"), token))
    assert (found.blocks, why in found.message) == (True, True)


def test_single_sign_on_is_asked_for_with_its_address() -> None:
    url = "https://github.invalid/orgs/o/sso?authorization_request=x"
    found = one(ask("repository-seen", {}, replace(SEEN, sight=Sight.SIGN_IN, url=url), TOKEN))
    assert found.remedy is not None
    assert (found.blocks, found.remedy.url) == (True, url)


def test_a_repository_that_is_seen_is_fine_with_any_token() -> None:
    assert ask("repository-seen", {}, SEEN, TOKEN) == []
    assert ask("repository-seen", {}, SEEN, FINE) == []


@pytest.mark.parametrize(
    ("hours", "weight", "said"),
    [(-1, "blocker", "ended at"), (5, "warning", "in 5 hours"), (100, "warning", "in 4 days")],
)
def test_a_token_that_ends_soon_is_told_with_the_time_that_is_left(
    hours: float, weight: str, said: str
) -> None:
    token = replace(TOKEN, expires="2026-11-29 16:00:00 UTC", hours_left=hours)
    found = one(ask("token-lasts", {}, token))
    assert (found.weight, said in found.message) == (weight, True)


def test_a_token_without_an_end_or_with_a_far_one_or_of_an_app_is_fine() -> None:
    assert ask("token-lasts", {}, TOKEN) == []
    assert ask("token-lasts", {}, replace(TOKEN, expires="x", hours_left=169)) == []
    app = replace(TOKEN, kind=TokenKind.APP, expires="x", hours_left=0.9)
    assert ask("token-lasts", {}, app) == []

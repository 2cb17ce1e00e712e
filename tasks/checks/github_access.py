"""Whether the token finds the repository, and lasts."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.domain.check import Answer, broken, check, holds
from tasks.domain.evidence import Evidence
from tasks.domain.finding import Remedy, Weight
from tasks.domain.forge import ForgeToken, TokenKind
from tasks.domain.forge_access import ForgeAccess, Sight
from tasks.domain.phase import Phase

_WEEK = 7 * 24.0


@check(
    "repository-seen",
    phase=Phase.FIRST_RUN,
    remedy=Remedy(
        summary="Sign in again if GitHub does not accept the token; if it did not answer, ask later",
        commands=("gh auth status", "gh auth login"),
        owner="operator",
        minutes=3,
    ),
)
def repository_seen(access: ForgeAccess, token: ForgeToken) -> Iterator[Answer]:
    """GitHub shows the repository to the token; it hides private ones from a token that may not see them."""
    subject = f"{access.owner}/{access.name}"
    place = Evidence(source="github", excerpt=access.said or None, url=access.url)
    if access.sight is Sight.SEEN:
        yield holds(subject, "is seen")
    elif access.sight is Sight.SIGN_IN:
        told = f"{access.owner} asks for single sign-on, and the token was not signed in there"
        remedy = Remedy(
            summary=f"Open the address and authorise the token for {access.owner}",
            url=access.url,
            owner="operator",
            minutes=3,
        )
        yield broken(subject, told, place, remedy=remedy)
    elif access.sight is Sight.DENIED:
        told = f"GitHub refuses to show {subject} to {token.login or 'the token'}"
        remedy = Remedy(summary="Let the token read the repository", owner="github-admin", minutes=5)
        yield broken(subject, told, place, remedy=remedy)
    else:
        told, remedy = _hidden(access, token)
        yield broken(subject, told, place, remedy=remedy)


def _hidden(access: ForgeAccess, token: ForgeToken) -> tuple[str, Remedy]:
    """Say why a repository that may well be there is not found, by what the token is."""
    subject, who = f"{access.owner}/{access.name}", token.login or "the token"
    begin = f"GitHub has no {subject}, or hides it from {who}"
    if token.kind is TokenKind.FINE_GRAINED:
        told = f"{begin}: a fine-grained token sees one owner's repositories, and of them those it was given"
        return told, Remedy(
            summary=f"Make a fine-grained token with the resource owner {access.owner} and this repository",
            url="https://github.com/settings/personal-access-tokens/new",
            owner="operator",
            minutes=5,
        )
    if token.kind is TokenKind.APP:
        return f"{begin}: an app's token sees the repositories that the app is installed in", Remedy(
            summary=f"Install the app in {subject}", owner="github-admin", minutes=10
        )
    if token.may("repo") is False:
        return f"{begin}: a private repository takes the scope `repo`, which the token lacks", Remedy(
            summary="Give the token the scope `repo`",
            commands=("gh auth refresh -s repo",),
            owner="operator",
            minutes=3,
        )
    return begin, Remedy(
        summary=f"Create {subject}, or have {who} let in",
        commands=(f"gh repo view {subject}", f"gh repo create {subject} --private"),
        owner="github-admin",
        minutes=5,
    )


@check(
    "token-lasts",
    phase=Phase.FIRST_RUN,
    weight=Weight.WARNING,
    remedy=Remedy(
        summary="Renew the token, and put the new one where the old one is read from",
        url="https://github.com/settings/tokens",
        owner="operator",
        minutes=5,
    ),
)
def token_lasts(token: ForgeToken) -> Iterator[Answer]:
    """Every token whose end GitHub states lasts for a week and longer."""
    if token.hours_left is None or token.expires is None:
        return
    place = Evidence(source="github", excerpt=f"GitHub-Authentication-Token-Expiration: {token.expires}")
    if token.hours_left <= 0:
        yield broken("token", f"the token ended at {token.expires}", place, weight=Weight.BLOCKER)
    elif token.hours_left < _WEEK and token.kind is not TokenKind.APP:
        left = (
            f"{token.hours_left / 24:.0f} days" if token.hours_left >= 48 else f"{token.hours_left:.0f} hours"
        )
        yield broken("token", f"the token ends in {left}, at {token.expires}", place)
    else:
        yield holds("token", f"lasts until {token.expires}")
